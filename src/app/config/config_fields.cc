#include "app/config/config_fields.h"

#include <algorithm>
#include <charconv>
#include <numeric>

namespace bdrmesh {
namespace {

using Type = ConfigNode::Type;

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::optional<std::int64_t> millis_of_unit(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return 86'400'000;
  return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = 1 + std::max<std::size_t>(2, word.size() / 3);
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

std::optional<Millis> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t amount = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
    if (error != std::errc{} || amount < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto unit_end = std::ranges::find_if(text, is_digit);
    const std::string_view unit = text.substr(0, static_cast<std::size_t>(unit_end - text.begin()));
    const std::optional<std::int64_t> factor = millis_of_unit(unit);
    // A century is far more than anything here needs, and keeps the product from overflowing.
    if (!factor || amount > 3'153'600'000'000 / *factor) return std::nullopt;
    total += amount * *factor;
    if (total > 3'153'600'000'000) return std::nullopt;
    text.remove_prefix(unit.size());
  }
  return Millis{total};
}

int ConfigFields::line_of(const std::string& key) const {
  const ConfigNode* node = table_.find(key);
  return node == nullptr ? table_.line : node->line;
}

void ConfigFields::problem(int line, std::string what, std::string hint) {
  result_.problems.push_back({line, std::move(what), std::move(hint)});
}

void ConfigFields::warn(int line, std::string what, std::string hint) {
  result_.warnings.push_back({line, std::move(what), std::move(hint)});
}

const ConfigNode* ConfigFields::member(const std::string& key, Type type,
                                       const std::string& required_hint) {
  known_.push_back(key);
  const ConfigNode* node = table_.find(key);
  if (node == nullptr) {
    if (!required_hint.empty())
      problem(table_.line, where_ + ": '" + key + "' is missing", required_hint);
    return nullptr;
  }
  if (node->type != type) {
    problem(node->line,
            where_ + ": '" + key + "' must be " + std::string(in_words(type)) + ", not " +
                std::string(in_words(node->type)),
            type == Type::text ? "put it in \"quotes\"" : "see docs/configuration.md");
    return nullptr;
  }
  return node;
}

std::optional<std::string> ConfigFields::text(const std::string& key,
                                              const std::string& required_hint) {
  const ConfigNode* node = member(key, Type::text, required_hint);
  if (node == nullptr) return std::nullopt;
  if (node->text.empty()) {
    problem(node->line, where_ + ": '" + key + "' is empty",
            required_hint.empty() ? "leave the line out or give it a value" : required_hint);
    return std::nullopt;
  }
  return node->text;
}

std::optional<std::int64_t> ConfigFields::integer(const std::string& key,
                                                  const std::string& required_hint) {
  const ConfigNode* node = member(key, Type::integer, required_hint);
  if (node == nullptr) return std::nullopt;
  return node->integer;
}

std::optional<Millis> ConfigFields::duration(const std::string& key) {
  const ConfigNode* node = member(key, Type::text, {});
  if (node == nullptr) return std::nullopt;
  const std::optional<Millis> span = parse_duration(node->text);
  if (!span) {
    problem(node->line, where_ + ": '" + key + "' is no duration: '" + node->text + "'",
            "write 500ms, 2s, 10m, 1h30m or 2d");
  }
  return span;
}

std::vector<const ConfigNode*> ConfigFields::texts(const std::string& key,
                                                   const std::string& required_hint) {
  std::vector<const ConfigNode*> items;
  const ConfigNode* list = member(key, Type::array, required_hint);
  if (list == nullptr) return items;
  for (const ConfigNode& item : list->children) {
    if (item.type != Type::text) {
      problem(item.line,
              where_ + ": an item of '" + key + "' must be a text, not " +
                  std::string(in_words(item.type)),
              "put it in \"quotes\"");
    } else if (item.text.empty()) {
      problem(item.line, where_ + ": an item of '" + key + "' is empty", "take it out");
    } else {
      items.push_back(&item);
    }
  }
  if (list->children.empty()) {
    problem(list->line, where_ + ": '" + key + "' is an empty list",
            required_hint.empty() ? "leave the line out" : required_hint);
  }
  return items;
}

const ConfigNode* ConfigFields::table(const std::string& key) {
  return member(key, Type::table, {});
}

std::vector<const ConfigNode*> ConfigFields::tables(const std::string& key) {
  std::vector<const ConfigNode*> all;
  const ConfigNode* list = member(key, Type::array, {});
  if (list == nullptr) return all;
  for (const ConfigNode& item : list->children) {
    if (item.type == Type::table) {
      all.push_back(&item);
    } else {
      problem(item.line, where_ + ": '" + key + "' must be a list of tables",
              "write it with two brackets, [[group." + key + "]]");
    }
  }
  return all;
}

void ConfigFields::finish() {
  for (const ConfigNode& node : table_.children) {
    if (std::ranges::find(known_, node.key) != known_.end()) continue;
    const std::string meant = nearest(node.key, known_);
    std::string all;
    for (const std::string& key : known_) all += (all.empty() ? "" : ", ") + key;
    problem(node.line, where_ + ": unknown key '" + node.key + "'",
            meant.empty() ? "known here: " + all : "did you mean '" + meant + "'?");
  }
}

}  // namespace bdrmesh
