// What TiCDC does with a DDL job of its upstream: leave it, refuse to go on, or run it downstream
// (tidb-sql §1.5, ticdc-api §4.5). Pure.
#pragma once

#include <optional>
#include <string>

#include "lab/feed/table_filter.h"
#include "lab/core/ddl_jobs.h"
#include "model/names.h"

namespace bdrmesh::lab {

/// Whether TiCDC replicates DDL of this kind at all (`add column`, `create table` …).
bool is_replicated_kind(const std::string& type);

/// Whether the job concerns a schema, not a table of it.
bool is_schema_job(const DdlJob& job);

/// Whether the job's object passes the filter.
bool passes_filter(const DdlJob& job, const TableFilter& filter);

/// The new name when `query` renames a table, unqualified names being in `schema`.
std::optional<TableName> new_name_of(const std::string& query, const std::string& schema);

/// Whether the job can take a table's last key away, or make a table without one.
bool can_change_keys(const DdlJob& job);

/// Errors of the downstream that mean "done already".
bool is_ignorable_ddl_error(int server_error);

}  // namespace bdrmesh::lab
