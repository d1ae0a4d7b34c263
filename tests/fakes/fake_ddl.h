// Just enough of TiDB's DDL to see whether a flow applied what it should: pure functions over
// ClusterState. No judge of SQL: what it does not understand is refused loudly.
#pragma once

#include <optional>
#include <string>

#include "fakes/fake_state.h"

namespace bdrmesh::fakes {

/// The statement without comments, back-quotes and a trailing semicolon, white space squeezed.
std::string normalized(const std::string& sql);
/// The schema that the statement works on: the qualifier of its table, else the session's.
std::string schema_of(const std::string& sql, const DdlSession& session);
/// The table that an ALTER, CREATE, DROP or TRUNCATE TABLE names, without its schema; else empty.
std::string table_of(const std::string& sql);
/// May each cluster run it by itself while applications write (tidb-sql §1.6)? Only what flows are
/// tested with.
bool documented_without_pause(const std::string& sql);
/// Would TiDB answer 8263 under this role (tidb-sql §1.3, measured §1 A7)? Mind that a PRIMARY
/// accepts renames.
bool refused_under_role(const std::string& role, const std::string& sql, const DdlSession& session);
/// Changes schemas and tables. @throws Error invalid `DDL_REFUSED` as the server would.
void apply_ddl(ClusterState& cluster, const std::string& sql, const DdlSession& session);
/// SHOW CREATE TABLE.
std::string render_create(const TableName& name, const TableState& table);
/// Has a primary key or a unique key over NOT NULL columns.
bool has_usable_key(const TableState& table);

}  // namespace bdrmesh::fakes
