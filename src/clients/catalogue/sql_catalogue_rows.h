// The SQL that verification reads rows with; a part of the catalogue (sql_catalogue.h). One text
// per question for every version and engine: right on TiDB 6.5 to 8.5 with or without new
// collations, and of the same meaning on MariaDB (docs/adr/0006-row-digest.md). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/table_reader.h"
#include "model/tso.h"

namespace bdrmesh::sql_text {

/// Stands in front of every statement here: who looks at the process list knows whose it is.
inline constexpr std::string_view kVerifyTag = "/* bdrmesh:verify */ ";
inline constexpr std::string_view kRepairTag = "/* bdrmesh:repair */ ";

/// Tables are read where they were written, not in a columnar copy that computes in its own way.
inline constexpr std::string_view kReadTikv =
    "SET SESSION tidb_isolation_read_engines = 'tikv,tidb'";
std::string set_snapshot(Tso tso);
inline constexpr std::string_view kReadSnapshot = "SELECT @@tidb_snapshot AS value";
std::string table_rows(const TableName& table);

/// Uniquely decodable: flags of NULL first, then the columns; a comma inside a text cannot be taken
/// for a separator, as its length stands before it.
std::string row_text(const TableRead& read);
/// `TRUE` for the whole table.
std::string in_range(const TableRead& read, const KeyRange& range);

std::string digest(const TableRead& read, const KeyRange& range, Millis limit);
std::string key_at(const TableRead& read, const KeyRange& range, std::uint64_t nth);
std::string hashes(const TableRead& read, const KeyRange& range, std::uint64_t most);
std::string hashes_of(const TableRead& read, const std::vector<RowKey>& keys);
std::string digests_by_hash(const TableRead& read, const std::string& prefix, std::size_t digits,
                            Millis limit);
std::string row_values(const TableRead& read, const RowKey& key);
/// Values of the columns of rows that are not as wanted.
std::string breaking(const RowNeed& need, std::size_t most, Millis limit);

// --- repair
std::string set_write_source(int source);
/// A repaired row is the other cluster's row: zero dates and a key of 0 as they are, AUTO_RANDOM
/// keys given by us (else 8216), no rows changed behind it by cascades (tidb-sql §1.6).
inline constexpr std::string_view kPinRepair =
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,STRICT_TRANS_TABLES', "
    "foreign_key_checks = 0, allow_auto_random_explicit_insert = 1";
/// The row with that key, locked: its key and its hash.
std::string lock_row(const TableRead& read, const RowKey& key);
std::string insert_row(const TableRead& read, const RowValues& values);
std::string update_row(const TableRead& read, const RowKey& key, const RowValues& values);
std::string delete_row(const TableRead& read, const RowKey& key);

/// A value as SQL, from the text that row_values and hashes answer with.
std::string literal(const ColumnRead& column, const std::string& text);
/// `a = 1 AND b = 'x'`.
std::string is_row(const TableRead& read, const RowKey& key);

}  // namespace bdrmesh::sql_text
