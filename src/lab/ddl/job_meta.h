// `job_meta` of mysql.tidb_ddl_history and mysql.tidb_ddl_job: the JSON text by which TiCDC decides
// (measured B §4.2). Pure.
#pragma once

#include <string>

#include "lab/core/ddl_jobs.h"
#include "lab/core/profile.h"

namespace bdrmesh::lab {

/// Keys that a version does not know are left out: roles before v7.6, the connection before v7.5.
std::string job_meta(const DdlJob& job, const Profile& profile);

}  // namespace bdrmesh::lab
