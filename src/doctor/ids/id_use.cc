#include "doctor/ids/id_use.h"

#include <algorithm>
#include <array>
#include <limits>
#include <regex>

namespace bdrmesh::doctor {
namespace {

std::uint64_t number(const std::string& digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
      return std::numeric_limits<std::uint64_t>::max();
    value = value * 10 + digit;
  }
  return value;
}

std::optional<std::uint64_t> option(const std::string& statement, const std::string& name) {
  // Of the table, behind the last parenthesis of the columns: a comment may say anything.
  const std::size_t options = statement.rfind("\n)");
  const std::regex wanted("[ \\[\\]]" + name + "=([0-9]{1,20})");
  std::smatch found;
  const std::string text = options == std::string::npos ? statement : statement.substr(options);
  if (!std::regex_search(text, found, wanted)) return std::nullopt;
  return number(found[1]);
}

std::uint64_t highest_of(const std::string& type) {
  const bool is_unsigned = type.find("unsigned") != std::string::npos;
  struct Width {
    const char* name;
    int bits;
  };
  // The longer names first: `int` is in most of them.
  static constexpr std::array<Width, 5> kWidths{
      {{"bigint", 64}, {"tinyint", 8}, {"smallint", 16}, {"mediumint", 24}, {"int", 32}}};
  for (const Width& one : kWidths) {
    if (!type.starts_with(one.name)) continue;
    const int bits = is_unsigned ? one.bits : one.bits - 1;
    return bits == 64 ? std::numeric_limits<std::uint64_t>::max() : (std::uint64_t{1} << bits) - 1;
  }
  return 0;
}

struct Column {
  std::string name;
  std::string type;
  std::string rest;
};

std::optional<Column> column_with(const std::string& statement, const std::string& sign) {
  static const std::regex kColumn(R"(^  `([^`]+)` ([a-z]+(?:\([0-9,]+\))?(?: unsigned)?)(.*)$)");
  std::size_t from = 0;
  while (from < statement.size()) {
    const std::size_t end = std::min(statement.find('\n', from), statement.size());
    const std::string line = statement.substr(from, end - from);
    from = end + 1;
    const std::string before_comment = line.substr(0, line.find(" COMMENT '"));
    std::smatch found;
    if (before_comment.find(sign) == std::string::npos ||
        !std::regex_match(before_comment, found, kColumn))
      continue;
    return Column{found[1], found[2], found[3]};
  }
  return std::nullopt;
}

std::optional<IdUse> as_auto_random(const std::string& statement) {
  const auto column = column_with(statement, "AUTO_RANDOM(");
  if (!column) return std::nullopt;
  static const std::regex kBits(R"(AUTO_RANDOM\(([0-9]{1,2})(?:, ?([0-9]{1,2}))?\))");
  std::smatch bits;
  if (!std::regex_search(column->rest, bits, kBits)) return std::nullopt;
  IdUse use;
  use.kind = IdUse::Kind::auto_random;
  use.column = column->name;
  use.type = column->type;
  use.shard_bits = std::stoi(bits[1]);
  const int range = bits[2].matched ? std::stoi(bits[2]) : 64;
  const int sign = column->type.find("unsigned") == std::string::npos ? 1 : 0;
  const int left = std::clamp(range - use.shard_bits - sign, 1, 63);
  use.limit = (std::uint64_t{1} << left) - 1;
  use.next = option(statement, "AUTO_RANDOM_BASE").value_or(1);
  return use;
}

std::optional<IdUse> as_auto_increment(const std::string& statement) {
  const auto column = column_with(statement, " AUTO_INCREMENT");
  if (!column) return std::nullopt;
  IdUse use;
  use.column = column->name;
  use.type = column->type;
  use.limit = highest_of(column->type);
  use.next = option(statement, "AUTO_INCREMENT").value_or(1);
  return use;
}

}  // namespace

double IdUse::used() const {
  if (limit == 0) return 0;
  return std::min(1.0, static_cast<double>(next - std::min<std::uint64_t>(next, 1)) /
                           static_cast<double>(limit));
}

std::optional<IdUse> id_use(const std::string& create_statement) {
  std::optional<IdUse> use = as_auto_random(create_statement);
  if (!use) use = as_auto_increment(create_statement);
  if (!use) {
    const auto column = column_with(create_statement, "nextval(");
    if (!column) return std::nullopt;
    use = IdUse{};
    use->kind = IdUse::Kind::sequence;
    use->column = column->name;
    use->type = column->type;
    use->cache = 0;
    return use;
  }
  if (const auto cache = option(create_statement, "AUTO_ID_CACHE")) use->cache = *cache;
  return use;
}

std::string in_words(const IdUse& use) {
  switch (use.kind) {
    case IdUse::Kind::auto_random:
      return "AUTO_RANDOM(" + std::to_string(use.shard_bits) + ") " + use.type;
    case IdUse::Kind::sequence:
      return "a sequence, " + use.type;
    case IdUse::Kind::auto_increment:
      break;
  }
  return "AUTO_INCREMENT " + use.type;
}

}  // namespace bdrmesh::doctor
