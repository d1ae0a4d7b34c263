#include "lab/schema/memory_tables.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {

using Columns = std::vector<MemoryColumn>;

MemoryColumn may_be_null(const char* name, const char* type) {
  return {name, type, true, false, "-"};
}
MemoryColumn not_null(const char* name, const char* type, const char* initial = "-") {
  return {name, type, false, false, initial};
}

Columns transaction_columns() {
  return {{"ID", "bigint(21) unsigned", false, true, "-"},
          may_be_null("START_TIME", "timestamp(6)"),
          may_be_null("CURRENT_SQL_DIGEST", "varchar(64)"),
          may_be_null("CURRENT_SQL_DIGEST_TEXT", "text"),
          may_be_null("STATE", "enum('Idle','Running','LockWaiting','Committing','RollingBack')"),
          may_be_null("WAITING_START_TIME", "timestamp(6)"),
          may_be_null("MEM_BUFFER_KEYS", "bigint(64)"),
          may_be_null("MEM_BUFFER_BYTES", "bigint(64)"),
          may_be_null("SESSION_ID", "bigint(21) unsigned"),
          may_be_null("USER", "varchar(16)"),
          may_be_null("DB", "varchar(64)"),
          may_be_null("ALL_SQL_DIGESTS", "text"),
          may_be_null("RELATED_TABLE_IDS", "text")};
}

Columns process_columns(const Version& version) {
  Columns columns = {
      not_null("ID", "bigint(21) unsigned", "0"), not_null("USER", "varchar(16)", ""),
      not_null("HOST", "varchar(64)", ""),        may_be_null("DB", "varchar(64)"),
      not_null("COMMAND", "varchar(16)", ""),     not_null("TIME", "int(7)", "0"),
      may_be_null("STATE", "varchar(7)"),         may_be_null("INFO", "longtext"),
      {"DIGEST", "varchar(64)", true, false, ""}, may_be_null("MEM", "bigint(21) unsigned"),
      may_be_null("DISK", "bigint(21) unsigned"), not_null("TxnStart", "varchar(64)", "")};
  if (version >= Version{7, 1, 0}) columns.push_back(not_null("RESOURCE_GROUP", "varchar(32)", ""));
  if (version >= Version{8, 4, 0}) {
    columns.push_back(not_null("SESSION_ALIAS", "varchar(64)", ""));
    columns.push_back(may_be_null("ROWS_AFFECTED", "bigint(21) unsigned"));
    columns.push_back(not_null("TIDB_CPU", "bigint(21)", "0"));
    columns.push_back(not_null("TIKV_CPU", "bigint(21)", "0"));
  }
  return columns;
}

Columns with_instance(Columns columns) {
  columns.insert(columns.begin(), may_be_null("INSTANCE", "varchar(64)"));
  return columns;
}

std::vector<MemoryTable> make_tables(const Version& version) {
  const bool fine_times = version >= Version{8, 4, 0};
  const char* time = fine_times ? "datetime(6)" : "datetime";
  return {
      {"cluster_info",
       {may_be_null("TYPE", "varchar(64)"), may_be_null("INSTANCE", "varchar(64)"),
        may_be_null("STATUS_ADDRESS", "varchar(64)"), may_be_null("VERSION", "varchar(64)"),
        may_be_null("GIT_HASH", "varchar(64)"), may_be_null("START_TIME", "varchar(32)"),
        may_be_null("UPTIME", "varchar(32)"), may_be_null("SERVER_ID", "bigint(21)")}},
      {"tidb_trx", transaction_columns()},
      {"cluster_tidb_trx", with_instance(transaction_columns())},
      {"processlist", process_columns(version)},
      {"cluster_processlist", with_instance(process_columns(version))},
      {"data_lock_waits",
       {not_null("KEY", "text"), may_be_null("KEY_INFO", "text"),
        not_null("TRX_ID", "bigint(21) unsigned"),
        not_null("CURRENT_HOLDING_TRX_ID", "bigint(21) unsigned"),
        may_be_null("SQL_DIGEST", "varchar(64)"), may_be_null("SQL_DIGEST_TEXT", "text")}},
      {"ddl_jobs",
       {may_be_null("JOB_ID", "bigint(21)"), may_be_null("DB_NAME", "varchar(64)"),
        may_be_null("TABLE_NAME", "varchar(64)"), may_be_null("JOB_TYPE", "varchar(64)"),
        may_be_null("SCHEMA_STATE", "varchar(64)"), may_be_null("SCHEMA_ID", "bigint(21)"),
        may_be_null("TABLE_ID", "bigint(21)"), may_be_null("ROW_COUNT", "bigint(21)"),
        may_be_null("CREATE_TIME", time), may_be_null("START_TIME", time),
        may_be_null("END_TIME", time), may_be_null("STATE", "varchar(64)"),
        may_be_null("QUERY", fine_times ? "text" : "varchar(64)")}},
      {"tiflash_replica",
       {may_be_null("TABLE_SCHEMA", "varchar(64)"), may_be_null("TABLE_NAME", "varchar(64)"),
        may_be_null("TABLE_ID", "bigint(21)"), may_be_null("REPLICA_COUNT", "bigint(64)"),
        may_be_null("LOCATION_LABELS", "varchar(64)"), may_be_null("AVAILABLE", "tinyint(1)"),
        may_be_null("PROGRESS", "double")}},
  };
}

}  // namespace

const MemoryTable* find_memory_table(std::string_view name, const Version& version) {
  for (const MemoryTable* table : memory_tables(version)) {
    if (table->name == name) return table;
  }
  return nullptr;
}

std::vector<const MemoryTable*> memory_tables(const Version& version) {
  // The versions that differ, each made once.
  static const std::vector<MemoryTable> first = make_tables({6, 5, 0});
  static const std::vector<MemoryTable> second = make_tables({7, 5, 0});
  static const std::vector<MemoryTable> third = make_tables({8, 5, 0});
  const std::vector<MemoryTable>& tables = version >= Version{8, 4, 0}   ? third
                                           : version >= Version{7, 1, 0} ? second
                                                                         : first;
  std::vector<const MemoryTable*> all;
  for (const MemoryTable& table : tables) all.push_back(&table);
  return all;
}

}  // namespace bdrmesh::lab
