#include "lab/schema/table_book.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

ObjectName qualify(ObjectName name, const std::string& schema) {
  if (name.schema.empty()) name.schema = schema;
  return name;
}

/// The source of CREATE TABLE t LIKE s, or (LIKE s).
ObjectName like_source(const Statement& statement) {
  Cursor cursor(statement.tokens);
  while (!cursor.at_end()) {
    if (cursor.accept("like")) return cursor.object_name();
    if (cursor.peek().is_symbol('(') && !cursor.peek(1).is("like")) return {};
    cursor.next();
  }
  return {};
}

std::string placement_policy(const Statement& statement) {
  Cursor cursor(statement.tokens);
  while (!cursor.at_end()) {
    if (cursor.accept({"placement", "policy"})) {
      cursor.accept_symbol('=');
      return cursor.peek().name;
    }
    cursor.next();
  }
  return "";
}

}  // namespace

TableBook::Key TableBook::key_of(const ObjectName& table) {
  return {to_lower(table.schema), to_lower(table.name)};
}

TableFeatures TableBook::of(const ObjectName& table) const {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(key_of(table));
  return found == tables_.end() ? TableFeatures{} : found->second;
}

void TableBook::set(const ObjectName& table, TableFeatures features) {
  const std::lock_guard lock(mutex_);
  tables_[key_of(table)] = std::move(features);
}

std::optional<AutoRandom> TableBook::auto_random_of(const ObjectName& table) const {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(key_of(table));
  return found == tables_.end() ? std::nullopt : found->second.auto_random;
}

std::uint64_t TableBook::take_ids(const ObjectName& table, std::uint64_t start_ts,
                                  std::uint64_t count) {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(key_of(table));
  if (found == tables_.end() || !found->second.auto_random) return 0;
  AutoRandom& random = *found->second.auto_random;
  const int width = random.is_unsigned ? random.range_bits : random.range_bits - 1;
  const int shift = width - random.shard_bits;
  // Neighbouring transactions shall land far from each other.
  const std::uint64_t mixed = start_ts * 0x9e3779b97f4a7c15ULL >> 40U;
  const std::uint64_t shard = mixed & ((1ULL << random.shard_bits) - 1);
  const std::uint64_t first = std::max<std::uint64_t>(random.base, 1) + random.used;
  random.used += count;
  return shard << shift | first;
}

std::string TableBook::placement_of_schema(const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  const auto found = schema_placement_.find(to_lower(schema));
  return found == schema_placement_.end() ? "" : found->second;
}

void TableBook::forget_schema(const std::string& schema) {
  std::erase_if(tables_, [&](const auto& entry) { return entry.first.first == schema; });
  schema_placement_.erase(schema);
}

void TableBook::note(const Statement& statement, const DdlStatement& ddl,
                     const std::string& default_schema, DefaultHandle by_default) {
  if (ddl.objects.empty() || ddl.local_temporary) return;
  const std::lock_guard lock(mutex_);
  if (ddl.object_kind == ObjectKind::schema) {
    const std::string schema = to_lower(ddl.objects.front().name);
    if (ddl.drops) return forget_schema(schema);
    const std::string policy = placement_policy(statement);
    if (!policy.empty()) schema_placement_[schema] = policy;
    return;
  }
  if (statement.tokens.front().is("rename")) return note_rename(statement, default_schema);
  for (const ObjectName& object : ddl.objects) {
    note_table(statement, ddl, qualify(object, default_schema), default_schema, by_default);
  }
}

void TableBook::note_table(const Statement& statement, const DdlStatement& ddl,
                           const ObjectName& table, const std::string& default_schema,
                           DefaultHandle by_default) {
  const Key key = key_of(table);
  const bool is_table = ddl.object_kind == ObjectKind::table;
  if (ddl.drops) {
    tables_.erase(key);
  } else if (statement.tokens.front().is("truncate")) {
    TableFeatures& features = tables_[key];
    features.auto_increment_base = 1;
    if (features.auto_random) features.auto_random->base = features.auto_random->used = 0;
  } else if (ddl.creates && is_table) {
    const ObjectName source = like_source(statement);
    TableFeatures features = source.name.empty() ? read_features(statement, by_default)
                                                 : tables_[key_of(qualify(source, default_schema))];
    if (!source.name.empty()) {
      features.auto_increment_base = 1;
      features.cached = false;
      if (features.auto_random) features.auto_random->base = features.auto_random->used = 0;
    }
    tables_[key] = std::move(features);
  } else if (statement.tokens.front().is("alter") || ddl.object_kind == ObjectKind::index) {
    change_features(statement, tables_[key]);
    if (is_table && !ddl.new_name.name.empty()) {
      auto node = tables_.extract(key);
      node.key() = key_of(qualify(ddl.new_name, table.schema));
      tables_.erase(node.key());
      tables_.insert(std::move(node));
    }
  }
}

void TableBook::note_rename(const Statement& statement, const std::string& default_schema) {
  Cursor cursor(statement.tokens);
  cursor.accept("rename");
  cursor.accept("table");
  do {
    const ObjectName from = qualify(cursor.object_name(), default_schema);
    cursor.accept("to");
    const ObjectName to = qualify(cursor.object_name(), default_schema);
    auto node = tables_.extract(key_of(from));
    tables_.erase(key_of(to));
    if (node.empty()) continue;
    node.key() = key_of(to);
    tables_.insert(std::move(node));
  } while (cursor.accept_symbol(','));
}

}  // namespace bdrmesh::lab
