// What TiCDC does with a DDL job of its upstream: leave it, refuse to go on, or run it downstream
// (tidb-sql §1.5, ticdc-api §4.5). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/core/ddl_jobs.h"
#include "lab/feed/table_filter.h"
#include "model/names.h"

namespace bdrmesh::lab {

/// Whether TiCDC replicates DDL of this kind at all (`add column`, `create table` …). Foreign keys
/// only the new architecture does.
bool is_replicated_kind(const std::string& type, bool classic = true);

/// Whether the job concerns a schema, not a table of it.
bool is_schema_job(const DdlJob& job);

/// Whether the job's object passes the filter.
bool passes_filter(const DdlJob& job, const TableFilter& filter);

/// The new name when `query` renames a table, unqualified names being in `schema`.
std::optional<TableName> new_name_of(const std::string& query, const std::string& schema);

/// Whether the job can take a table's last key away, or make a table without one.
bool can_change_keys(const DdlJob& job);

/// Whether the job builds an index, which may go on downstream by itself.
bool is_index_job(const DdlJob& job);

/// Whether a job of this table blocks no other table: it names one table, and moves none.
bool concerns_one_table(const DdlJob& job);

/// The timestamp at which TiCDC orders the job: a little before the one that TiDB's history shows
/// (measured.md §2 B, §3 11).
std::uint64_t event_commit_ts(const DdlJob& job);

/// The statement as TiCDC runs it downstream: TTL is switched off (tidb-sql §1.5).
std::string downstream_text(const DdlJob& job);

/// Whether its defaults depend on the time at which it runs.
bool uses_current_time(const std::string& query);

/// Errors of the downstream that mean "done already".
bool is_ignorable_ddl_error(int server_error);

}  // namespace bdrmesh::lab
