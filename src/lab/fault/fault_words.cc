#include "lab/fault/fault_words.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "base/error.h"
#include "lab/fault/word_type.h"

namespace bdrmesh::lab::fault {

void bad_fault(const std::string& why) {
  throw Error(ErrorKind::invalid, "BAD_FAULT", why, "bdrmesh-lab fault list");
}

const std::string& Arguments::text(const std::string& name) const {
  static const std::string nothing;
  const auto found = texts_.find(name);
  return found == texts_.end() ? nothing : found->second;
}

std::string Arguments::text_or(const std::string& name, const std::string& fallback) const {
  return has(name) ? text(name) : fallback;
}

int Arguments::number_or(const std::string& name, int fallback) const {
  return has(name) ? std::stoi(text(name)) : fallback;
}

std::uint64_t Arguments::tso(const std::string& name) const { return std::stoull(text(name)); }

Millis Arguments::time(const std::string& name) const {
  return parse_time(text(name)).value_or(Millis{0});
}

std::pair<std::string, std::string> Arguments::table(const std::string& name) const {
  const std::string whole = text_or(name, "app.*");
  const std::size_t dot = whole.find('.');
  return {whole.substr(0, dot), whole.substr(dot + 1)};
}

std::optional<Millis> parse_time(std::string_view text) {
  const bool back = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  std::int64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc{} || count < 0 || count > 1'000'000'000) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  std::int64_t factor = 0;
  if (unit.empty() || unit == "ms") factor = 1;
  if (unit == "s") factor = 1'000;
  if (unit == "m") factor = 60'000;
  if (unit == "h") factor = 3'600'000;
  if (factor == 0) return std::nullopt;
  return Millis{(back ? -1 : 1) * count * factor};
}

Arguments read_words(std::string_view usage, const Words& words, const Names& names) {
  Arguments read;
  std::size_t at = 0;
  for (const WordType& type : word_types(usage)) {
    if (at == words.size()) {
      if (type.optional) break;
      bad_fault("usage: " + shown_usage(usage));
    }
    const std::size_t used = type.take(words, at, names, read);
    at += used;
  }
  if (at < words.size()) {
    bad_fault("'" + words[at] + "' is one word too many; usage: " + shown_usage(usage));
  }
  return read;
}

std::vector<std::string> next_words(std::string_view usage, const Words& words,
                                    const Names& names) {
  std::size_t at = 0;
  for (const WordType& type : word_types(usage)) {
    const bool is_next = at >= words.size();
    std::vector<std::string> candidates = type.candidates(words, at, names);
    if (is_next || !candidates.empty()) return candidates;
  }
  return {};
}

std::string shown_usage(std::string_view usage) {
  std::string shown;
  for (const std::string& word : split_words(usage)) {
    const std::size_t colon = word.find(':');
    const bool bracket = word.front() == '[';
    const std::string tail =
        colon == std::string::npos ? word.substr(bracket ? 1 : 0) : word.substr(colon + 1);
    shown += (shown.empty() ? "" : " ") + std::string(bracket ? "[" : "") + tail;
  }
  return shown;
}

std::string joined(const Words& words) {
  std::string line;
  for (const std::string& word : words) {
    const bool bare = !word.empty() && word.find_first_of(" '\"\t#") == std::string::npos;
    const char quote = word.find('\'') == std::string::npos ? '\'' : '"';
    line += (line.empty() ? "" : " ") + (bare ? word : quote + word + quote);
  }
  return line;
}

Words split_words(std::string_view line) {
  Words words;
  char quote = 0;
  bool inside = false;
  for (const char c : line) {
    if (quote != 0 && c == quote) {
      quote = 0;
      continue;
    }
    if (quote == 0 && std::isspace(static_cast<unsigned char>(c)) != 0) {
      inside = false;
      continue;
    }
    if (!inside) words.emplace_back();
    inside = true;
    if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) bad_fault("a quote is not closed");
  return words;
}

}  // namespace bdrmesh::lab::fault
