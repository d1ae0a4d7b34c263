#include "lab/server/table_ids.h"

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

TableIds::Key TableIds::key_of(const ObjectName& table) {
  return {to_lower(table.schema), to_lower(table.name)};
}

std::int64_t TableIds::id_of(const ObjectName& table) {
  const std::lock_guard lock(mutex_);
  std::int64_t& id = ids_[key_of(table)];
  if (id == 0) id = jobs_.next_id();
  return id;
}

void TableIds::forget(const ObjectName& table) {
  const std::lock_guard lock(mutex_);
  const Key key = key_of(table);
  ids_.erase(key);
}

void TableIds::forget_schema(const std::string& schema) {
  const std::lock_guard lock(mutex_);
  const std::string gone = to_lower(schema);
  std::erase_if(ids_, [&](const auto& entry) { return entry.first.first == gone; });
}

std::set<std::int64_t> TableIds::ids_in(const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  std::set<std::int64_t> found;
  for (const auto& [key, id] : ids_) {
    if (key.first == to_lower(schema) && !key.second.empty()) found.insert(id);
  }
  return found;
}

void TableIds::rename(const ObjectName& from, const ObjectName& to) {
  const std::lock_guard lock(mutex_);
  auto node = ids_.extract(key_of(from));
  if (!node.empty()) {
    ids_.erase(key_of(to));
    node.key() = key_of(to);
    ids_.insert(std::move(node));
  }
  if (nonclustered_.erase(key_of(from)) > 0) nonclustered_.insert(key_of(to));
}

void TableIds::set_nonclustered(const ObjectName& table) {
  const std::lock_guard lock(mutex_);
  nonclustered_.insert(key_of(table));
}

bool TableIds::is_nonclustered(const ObjectName& table) const {
  const std::lock_guard lock(mutex_);
  return nonclustered_.count(key_of(table)) > 0;
}

}  // namespace bdrmesh::lab
