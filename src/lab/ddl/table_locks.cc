#include "lab/ddl/table_locks.h"

#include <cstdio>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {
std::string key_of(const ObjectName& table) {
  return to_lower(table.schema) + "." + to_lower(table.name);
}
}  // namespace

void TableLocks::take(const ObjectName& table, const Lock& lock) {
  const std::lock_guard guard(mutex_);
  locks_[key_of(table)] = lock;
}

bool TableLocks::release(std::uint64_t session) {
  const std::lock_guard guard(mutex_);
  return std::erase_if(locks_, [&](const auto& entry) { return entry.second.session == session; }) >
         0;
}

std::optional<TableLocks::Lock> TableLocks::blocker(const ObjectName& table, std::uint64_t session,
                                                    bool writes) const {
  const std::lock_guard guard(mutex_);
  if (locks_.empty()) return std::nullopt;
  const auto found = locks_.find(key_of(table));
  if (found == locks_.end() || found->second.session == session) return std::nullopt;
  if (!found->second.write && !writes) return std::nullopt;
  return found->second;
}

std::string server_uuid(const ClusterState& cluster, std::size_t server) {
  char text[40];
  std::snprintf(text, sizeof text, "%08llx-1ab0-4000-8000-%012llx",
                static_cast<unsigned long long>(cluster.cluster_id & 0xffffffffULL),
                static_cast<unsigned long long>(server) + 1);
  return text;
}

}  // namespace bdrmesh::lab
