// The part of the SQL catalogue about BACKUP and RESTORE (tidb-sql §5.1, measured §1 A22). Pure.
#pragma once

#include <string>
#include <string_view>

#include "clients/backup_client.h"

namespace bdrmesh::sql_text {

/// BACKUP TABLE … TO … or RESTORE TABLE … FROM …; the tables are named one by one, so that neither
/// system tables nor anybody else's are touched.
std::string run_backup(BackupKind kind, const BackupOrder& order);
inline constexpr std::string_view kShowBackups = "SHOW BACKUPS";
inline constexpr std::string_view kShowRestores = "SHOW RESTORES";
std::string relations_in(const std::string& schema);
std::string drop_table(const TableName& table);
std::string make_probe(const TableName& table);
std::string write_probe(const TableName& table, const std::string& nonce);
std::string read_probe(const TableName& table);

}  // namespace bdrmesh::sql_text
