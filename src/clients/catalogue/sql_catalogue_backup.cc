#include "clients/catalogue/sql_catalogue_backup.h"

#include "clients/catalogue/sql_catalogue.h"

namespace bdrmesh::sql_text {

std::string run_backup(BackupKind kind, const BackupOrder& order) {
  const bool backup = kind == BackupKind::backup;
  std::string tables;
  for (const TableName& table : order.tables)
    tables += (tables.empty() ? "" : ", ") + quote_name(table);
  std::string sql = std::string(backup ? "BACKUP" : "RESTORE") + " TABLE " + tables +
                    (backup ? " TO " : " FROM ") + quote(order.folder);
  // `120MB` would be one word for the parser (measured §1 A22).
  if (order.megabytes_per_second > 0)
    sql += " RATE_LIMIT = " + std::to_string(order.megabytes_per_second) + " MB/SECOND";
  if (backup) sql += " SNAPSHOT = " + to_string(order.at);
  return sql;
}

std::string relations_in(const std::string& schema) {
  return "SELECT TABLE_NAME FROM information_schema.tables WHERE TABLE_SCHEMA = " + quote(schema) +
         " LIMIT 1";
}

std::string drop_table(const TableName& table) {
  return "DROP TABLE IF EXISTS " + quote_name(table);
}

std::string make_probe(const TableName& table) {
  return "CREATE TABLE IF NOT EXISTS " + quote_name(table) +
         " (id INT NOT NULL, nonce VARCHAR(64) NOT NULL, PRIMARY KEY (id))";
}

std::string write_probe(const TableName& table, const std::string& nonce) {
  return "REPLACE INTO " + quote_name(table) + " (id, nonce) VALUES (1, " + quote(nonce) + ")";
}

std::string read_probe(const TableName& table) {
  return "SELECT nonce FROM " + quote_name(table) + " WHERE id = 1";
}

}  // namespace bdrmesh::sql_text
