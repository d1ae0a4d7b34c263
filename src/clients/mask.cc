#include "clients/mask.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace bdrmesh {
namespace {

constexpr std::string_view kStars = "***";

/// A list of values in a text: what comes before it, how it opens, and by what follows its end is
/// known. Values hold brackets themselves, so counting brackets would let a part of them out.
struct ValueList {
  std::string_view before;
  char open;
  char close;
  std::string_view end;  ///< begins with `close`
};

constexpr std::array kValueLists{
    ValueList{"values: ", '[', ']', "], rowCount:"},
    ValueList{"args:", '(', ')', "); :"},
    ValueList{"args: ", '[', ']', "]; :"},
};

/// @return the position of the quote that ends the text begun at `open`: the last one before `for
/// key` or a line's end, because values hold quotes too.
std::size_t closing_quote(std::string_view text, std::size_t open) {
  const char quote = text[open];
  const std::size_t key = text.find(std::string(1, quote) + " for ", open + 1);
  if (key != std::string_view::npos) return key;
  const std::size_t next = text.find(quote, open + 1);
  return next == std::string_view::npos ? text.size() : next;
}

std::string mask_list(std::string_view text, const ValueList& list) {
  std::string out;
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find(std::string(list.before) + list.open, from);
    if (at == std::string_view::npos) break;
    const std::size_t open = at + list.before.size();
    out.append(text.substr(from, open - from))
        .append(1, list.open)
        .append(kStars)
        .append(1, list.close);
    const std::size_t end = text.find(list.end, open);
    // A text cut in the middle of its values has no end to look for.
    if (end == std::string_view::npos) return out;
    from = end + 1;
  }
  return out.append(text.substr(from));
}

std::string mask_quoted(std::string_view text, std::string_view word) {
  std::string out;
  std::size_t from = 0;
  while (true) {
    const std::size_t at = text.find(word, from);
    if (at == std::string_view::npos) break;
    const std::size_t open = at + word.size();
    out += text.substr(from, open - from);
    from = open;
    if (open < text.size() && (text[open] == '\'' || text[open] == '"')) {
      out += text[open] + std::string(kStars);
      from = closing_quote(text, open);
    }
  }
  return out.append(text.substr(from));
}

std::string mask_passwords(std::string_view text) {
  std::string out;
  std::size_t from = 0;
  while (true) {
    const std::size_t scheme = text.find("://", from);
    if (scheme == std::string_view::npos) break;
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(text.find_first_of("/? \t\n", begin), text.size());
    const std::string_view authority = text.substr(begin, end - begin);
    const std::size_t at = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    out += text.substr(from, begin - from);
    if (at != std::string_view::npos && colon != std::string_view::npos && colon < at) {
      out.append(authority.substr(0, colon + 1)).append(kStars).append(authority.substr(at));
    } else {
      out += authority;
    }
    from = end;
  }
  return out.append(text.substr(from));
}

}  // namespace

std::string mask_values(std::string_view text) {
  std::string out = mask_passwords(text);
  for (const ValueList& list : kValueLists) out = mask_list(out, list);
  for (const std::string_view word : {"Duplicate entry ", "duplicate entry ", "value: "})
    out = mask_quoted(out, word);
  return out;
}

}  // namespace bdrmesh
