// Which transactions a DDL job waits for (tidb-sql §2.6): everybody who has touched one of its
// tables, readers too. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "lab/core/ddl_jobs.h"
#include "lab/core/sessions.h"

namespace bdrmesh::lab {

/// The sessions whose open transactions, or running autocommit writes, use a table of `job`.
std::vector<SessionInfo> blockers_of(const DdlJob& job, const std::vector<SessionInfo>& sessions);

}  // namespace bdrmesh::lab
