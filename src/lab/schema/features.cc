#include "lab/schema/features.h"

#include <algorithm>
#include <charconv>

namespace bdrmesh::lab {

namespace {

std::uint64_t to_number(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string to_upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// `= value` or `value`.
std::string option_value(Cursor& cursor) {
  cursor.accept_symbol('=');
  const Token& token = cursor.next();
  return token.is_name() ? token.name : token.value;
}

bool is_integer(const std::string& type) {
  return type.find("int") != std::string::npos && type.find("point") == std::string::npos;
}

/// `TTL = col + INTERVAL n unit`, the cursor behind TTL.
bool read_ttl(Cursor& cursor, TableFeatures& features) {
  cursor.accept_symbol('=');
  TimeToLive ttl = features.ttl.value_or(TimeToLive{});
  if (!cursor.peek().is_name() || !cursor.peek(1).is_symbol('+')) return false;
  ttl.column = cursor.next().name;
  cursor.accept_symbol('+');
  if (!cursor.accept("interval")) return false;
  const Token& count = cursor.next();
  ttl.interval = count.kind == TokenKind::text ? quote_text(count.value) : count.value;
  ttl.interval += " " + to_upper(cursor.next().value);
  features.ttl = std::move(ttl);
  return true;
}

void read_tiflash(Cursor& cursor, TableFeatures& features) {
  features.tiflash_replicas = static_cast<int>(to_number(cursor.next().value));
  features.tiflash_labels.clear();
  features.tiflash_available = false;
  if (!cursor.accept({"location", "labels"})) return;
  do {
    features.tiflash_labels += (features.tiflash_labels.empty() ? "" : ",") + cursor.next().value;
  } while (cursor.accept_symbol(','));
}

/// Remembers a collation that the engine has to replace; the cursor on COLLATE.
void read_collation(Cursor& cursor, const std::string& column, TableFeatures& features) {
  cursor.next();
  const std::string name = to_lower(option_value(cursor));
  if (name.rfind("utf8mb4_0900", 0) == 0) features.foreign_collations[column] = name;
}

/// Options about how ids are given out and rows are spread.
bool read_id_option(Cursor& cursor, TableFeatures& features) {
  if (cursor.accept("shard_row_id_bits")) {
    features.shard_row_id_bits = static_cast<int>(to_number(option_value(cursor)));
  } else if (cursor.accept("pre_split_regions")) {
    features.pre_split_regions = static_cast<int>(to_number(option_value(cursor)));
  } else if (cursor.accept("auto_id_cache")) {
    features.auto_id_cache = to_number(option_value(cursor));
  } else if (cursor.accept("auto_increment")) {
    features.auto_increment_base = std::max<std::uint64_t>(1, to_number(option_value(cursor)));
  } else if (cursor.accept("auto_random_base")) {
    const std::uint64_t base = to_number(option_value(cursor));
    if (features.auto_random) {
      features.auto_random->base = base;
      features.auto_random->used = 0;
    }
  } else {
    return false;
  }
  return true;
}

/// One table option that begins here. @return false when none does.
bool read_option(Cursor& cursor, TableFeatures& features) {
  if (cursor.accept({"remove", "ttl"})) {
    features.ttl.reset();
  } else if (cursor.accept("ttl")) {
    return read_ttl(cursor, features);
  } else if (cursor.accept("ttl_enable")) {
    const std::string value = to_upper(option_value(cursor));
    if (features.ttl) features.ttl->enabled = value == "ON";
  } else if (cursor.accept("ttl_job_interval")) {
    const std::string value = option_value(cursor);
    if (features.ttl) features.ttl->job_interval = value;
  } else if (read_id_option(cursor, features)) {
    return true;
  } else if (cursor.accept({"placement", "policy"})) {
    const std::string policy = option_value(cursor);
    features.placement_policy = to_upper(policy) == "DEFAULT" ? "" : policy;
  } else if (cursor.sees({"collate"})) {
    read_collation(cursor, "", features);
  } else if (cursor.accept("cache")) {
    features.cached = true;
  } else if (cursor.accept("nocache")) {
    features.cached = false;
  } else if (cursor.accept("attributes")) {
    const std::string value = option_value(cursor);
    features.attributes = to_upper(value) == "DEFAULT" ? "" : value;
  } else if (cursor.accept({"set", "tiflash", "replica"})) {
    read_tiflash(cursor, features);
  } else {
    return false;
  }
  return true;
}

void read_auto_random(Cursor& cursor, const std::string& column, bool is_unsigned,
                      TableFeatures& features) {
  AutoRandom random;
  random.column = column;
  random.is_unsigned = is_unsigned;
  if (cursor.accept_symbol('(')) {
    random.shard_bits = static_cast<int>(to_number(cursor.next().value));
    if (cursor.accept_symbol(',')) {
      random.range_bits = static_cast<int>(to_number(cursor.next().value));
    }
    cursor.accept_symbol(')');
  }
  features.auto_random = std::move(random);
}

/// `[UNIQUE] {KEY|INDEX} name (...)`: its name, empty for anything else.
std::string index_name(Cursor cursor) {
  cursor.accept("add");
  cursor.accept({"unique"});
  cursor.accept_any({"key", "index"});
  cursor.accept({"if", "not", "exists"});
  return cursor.peek().is_name() ? to_lower(cursor.peek().name) : "";
}

struct KeyWords {
  bool has_primary = false;
  bool integer_key = false;
  std::optional<bool> nonclustered;
};

/// Everything inside the parentheses of CREATE TABLE; or one clause of ALTER TABLE.
void read_element(const std::vector<Token>& element, TableFeatures& features, KeyWords& key,
                  std::map<std::string, std::string>& types) {
  Cursor cursor(element);
  const bool is_key = cursor.sees({"primary", "key"}) || cursor.sees({"constraint"}) ||
                      cursor.sees({"unique"}) || cursor.sees({"key"}) || cursor.sees({"index"});
  const std::string column = cursor.peek().name;
  if (!is_key) {
    types[to_lower(column)] = cursor.peek(1).value;
    features.foreign_collations.erase(to_lower(column));
  }
  while (!cursor.at_end()) {
    const Token& token = cursor.peek();
    const bool behind = cursor.position() > 0;
    if (cursor.accept("auto_random")) {
      const bool is_unsigned = std::any_of(element.begin(), element.end(),
                                           [](const Token& each) { return each.is("unsigned"); });
      read_auto_random(cursor, column, is_unsigned, features);
    } else if (cursor.sees({"collate"})) {
      read_collation(cursor, to_lower(column), features);
    } else if (cursor.accept({"primary", "key"})) {
      key.has_primary = true;
      std::string named = column;
      if (cursor.peek().is_symbol('(')) named = cursor.peek(1).name;
      const bool single = !cursor.peek().is_symbol('(') || cursor.peek(2).is_symbol(')');
      const auto type = types.find(to_lower(named));
      key.integer_key = single && type != types.end() && is_integer(type->second);
      cursor.skip_group();
    } else if (behind && (token.is("clustered") || token.is("nonclustered"))) {
      key.nonclustered = token.is("nonclustered");
      cursor.next();
    } else if (behind && is_key && token.is("global")) {
      features.global_indexes.insert(index_name(Cursor(element)));
      cursor.next();
    } else if (!cursor.skip_group()) {
      cursor.next();
    }
  }
}

std::vector<std::vector<Token>> elements(const std::vector<Token>& tokens, std::size_t from,
                                         std::size_t to) {
  std::vector<std::vector<Token>> all(1);
  int depth = 0;
  for (std::size_t i = from; i < to; ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is_symbol(',')) {
      all.emplace_back();
    } else {
      all.back().push_back(tokens[i]);
    }
  }
  return all;
}

/// `PARTITION p ... PLACEMENT POLICY = x` inside the list of partitions.
void read_partitions(const std::vector<Token>& tokens, std::size_t from, TableFeatures& features) {
  std::string partition;
  for (std::size_t i = from; i < tokens.size(); ++i) {
    Cursor cursor(tokens, i);
    if (cursor.sees({"partition"}) && cursor.peek(1).is_name() && !cursor.peek(1).is("by")) {
      partition = to_lower(cursor.peek(1).name);
    }
    if (cursor.accept({"placement", "policy"}) && !partition.empty()) {
      features.partition_placement[partition] = option_value(cursor);
    }
  }
}

void change_by_clause(const std::vector<Token>& clause, TableFeatures& features) {
  Cursor cursor(clause);
  std::map<std::string, std::string> types;
  KeyWords key;
  if (cursor.accept({"drop", "primary", "key"})) {
    features.nonclustered = true;
  } else if (cursor.accept({"drop", "index"}) || cursor.accept({"drop", "key"})) {
    cursor.accept({"if", "exists"});
    features.global_indexes.erase(to_lower(cursor.peek().name));
  } else if (cursor.accept_any({"add", "modify", "change"})) {
    const bool changes = clause.front().is("change");
    cursor.accept("column");
    if (changes) cursor.next();
    const std::vector<Token> rest(clause.begin() + static_cast<std::ptrdiff_t>(cursor.position()),
                                  clause.end());
    read_element(rest, features, key, types);
    // A key that is added later never becomes the handle.
    if (key.has_primary) features.nonclustered = true;
  } else {
    while (!cursor.at_end()) {
      if (!read_option(cursor, features) && !cursor.skip_group()) cursor.next();
    }
  }
}

}  // namespace

TableFeatures read_features(const Statement& create, DefaultHandle by_default) {
  TableFeatures features;
  KeyWords key;
  std::map<std::string, std::string> types;
  Cursor cursor(create.tokens);
  while (!cursor.at_end() && !cursor.peek().is_symbol('(')) cursor.next();
  const std::size_t open = cursor.position();
  cursor.skip_group();
  const std::size_t close = cursor.position();
  if (close > open + 1) {
    std::size_t ordinal = 0;
    for (const auto& element : elements(create.tokens, open + 1, close - 1)) {
      const bool known = features.auto_random.has_value();
      if (!element.empty()) read_element(element, features, key, types);
      if (!known && features.auto_random) features.auto_random->ordinal = ordinal;
      ++ordinal;
    }
  }
  while (!cursor.at_end()) {
    if (cursor.sees({"partition", "by"})) {
      read_partitions(create.tokens, cursor.position(), features);
      break;
    }
    if (!read_option(cursor, features)) cursor.next();
  }
  const bool by_setting = by_default == DefaultHandle::nonclustered ||
                          (by_default == DefaultHandle::integers_only && !key.integer_key);
  features.nonclustered = key.has_primary && key.nonclustered.value_or(by_setting);
  return features;
}

void change_features(const Statement& alter, TableFeatures& features) {
  Cursor cursor(alter.tokens);
  if (cursor.accept({"drop", "index"})) {
    cursor.accept({"if", "exists"});
    features.global_indexes.erase(to_lower(cursor.peek().name));
    return;
  }
  if (cursor.accept("create")) {
    const bool global = cursor.later_word("global");
    cursor.accept("unique");
    cursor.accept("index");
    cursor.accept({"if", "not", "exists"});
    if (global) features.global_indexes.insert(to_lower(cursor.peek().name));
    return;
  }
  cursor.accept("alter");
  cursor.accept("ignore");
  cursor.accept("table");
  cursor.object_name();
  for (const auto& clause : elements(alter.tokens, cursor.position(), alter.tokens.size())) {
    if (!clause.empty()) change_by_clause(clause, features);
  }
}

}  // namespace bdrmesh::lab
