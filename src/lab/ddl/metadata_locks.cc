#include "lab/ddl/metadata_locks.h"

#include <algorithm>

namespace bdrmesh::lab {

std::vector<SessionInfo> blockers_of(const DdlJob& job, const std::vector<SessionInfo>& sessions) {
  std::vector<SessionInfo> found;
  for (const SessionInfo& session : sessions) {
    if (session.id == job.connection_id || !session.in_transaction) continue;
    const bool uses = std::any_of(job.table_ids.begin(), job.table_ids.end(),
                                  [&](std::int64_t id) { return session.table_ids.count(id) > 0; });
    if (uses) found.push_back(session);
  }
  return found;
}

}  // namespace bdrmesh::lab
