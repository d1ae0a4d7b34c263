#include "lab/schema/schema_views.h"

#include <cstdio>

#include "lab/schema/column_text.h"
#include "lab/schema/memory_tables.h"
#include "lab/schema/rows_text.h"

namespace bdrmesh::lab {

namespace {

constexpr const char* kHidden = "('lab_meta','lab_past')";
/// MariaDB's column defaults are expressions, TiDB's are values.
constexpr const char* kColumnDefault =
    "CASE WHEN c.column_default='NULL' THEN NULL WHEN c.column_default LIKE '\\'%\\'' THEN "
    "REPLACE(SUBSTRING(c.column_default,2,CHAR_LENGTH(c.column_default)-2),'\\'\\'','\\'') WHEN "
    "c.column_default LIKE 'current_timestamp%' THEN "
    "REPLACE(REPLACE(c.column_default,'current_timestamp','CURRENT_TIMESTAMP'),'()','') ELSE "
    "c.column_default END";
constexpr const char* kColumnType =
    "REGEXP_REPLACE(IF(c.column_type='tinyint(1)','tinyint(1)',REGEXP_REPLACE(c.column_type,"
    "'^tinyint\\\\([0-9]+\\\\)( unsigned)?$','tinyint\\\\1')),"
    "'^(smallint|mediumint|int|bigint)\\\\([0-9]+\\\\)( unsigned)?$','\\\\1\\\\2')";

std::string hidden(const std::string& column) { return column + " NOT IN " + kHidden; }

std::string text_or_null(const std::string& text) {
  return text.empty() ? "NULL" : quote_text(text);
}

std::string sharding(const TableFeatures& features, bool integer_handle) {
  if (features.auto_random) {
    std::string text = "PK_AUTO_RANDOM_BITS=" + std::to_string(features.auto_random->shard_bits);
    if (features.auto_random->range_bits != 64)
      text += ", RANGE BITS=" + std::to_string(features.auto_random->range_bits);
    return text;
  }
  if (features.shard_row_id_bits != 0)
    return "SHARD_BITS=" + std::to_string(features.shard_row_id_bits);
  return integer_handle ? "NOT_SHARDED(PK_IS_HANDLE)" : "NOT_SHARDED";
}

/// Only of tables on which the session has rights.
std::string visible(const RowsText& rows, const std::string& schema, const std::string& table) {
  return "(SELECT r.* FROM " + rows.text() +
         " r WHERE EXISTS(SELECT 1 FROM information_schema.tables v WHERE r." + schema +
         " COLLATE utf8mb4_bin=v.table_schema AND r." + table +
         " COLLATE utf8mb4_bin=v.table_name))";
}

std::string on(const std::string& left, const std::string& right) {
  return left + " COLLATE utf8mb4_bin=" + right;
}

}  // namespace

std::optional<std::string> SchemaViews::table(const std::string& table) const {
  if (table == "tables") return tables();
  if (table == "columns") return columns();
  if (table == "tidb_indexes") return indexes();
  if (table == "partitions") return partitions();
  if (table == "sequences") return sequences();
  if (table == "tiflash_replica") return tiflash_replicas();
  if (table == "attributes") return attributes();
  if (table == "check_constraints") return check_constraints(false);
  if (table == "tidb_check_constraints") return check_constraints(true);
  if (table == "schemata") {
    return "(SELECT catalog_name AS CATALOG_NAME, schema_name AS SCHEMA_NAME, "
           "default_character_set_name AS DEFAULT_CHARACTER_SET_NAME, default_collation_name AS "
           "DEFAULT_COLLATION_NAME, NULL AS SQL_PATH, NULL AS TIDB_PLACEMENT_POLICY_NAME FROM "
           "information_schema.schemata WHERE " +
           hidden("schema_name") + ")";
  }
  if (table == "views") {
    return "(SELECT table_catalog AS TABLE_CATALOG, table_schema AS TABLE_SCHEMA, table_name AS "
           "TABLE_NAME, view_definition AS VIEW_DEFINITION, IF(check_option='NONE','CASCADED',"
           "check_option) AS CHECK_OPTION, 'NO' AS IS_UPDATABLE, definer AS DEFINER, security_type "
           "AS SECURITY_TYPE, character_set_client AS CHARACTER_SET_CLIENT, collation_connection "
           "AS COLLATION_CONNECTION FROM information_schema.views WHERE " +
           hidden("table_schema") + " AND table_schema <> 'sys')";
  }
  if (table == "table_constraints") {
    // TiDB does not list CHECK constraints here.
    return "(SELECT constraint_catalog AS CONSTRAINT_CATALOG, constraint_schema AS "
           "CONSTRAINT_SCHEMA, constraint_name AS CONSTRAINT_NAME, table_schema AS TABLE_SCHEMA, "
           "table_name AS TABLE_NAME, constraint_type AS CONSTRAINT_TYPE FROM "
           "information_schema.table_constraints WHERE constraint_type <> 'CHECK' AND " +
           hidden("table_schema") + ")";
  }
  if (table == "statistics" || table == "key_column_usage") {
    return "(SELECT * FROM information_schema." + table + " WHERE " + hidden("table_schema") + ")";
  }
  return std::nullopt;
}

std::vector<ObjectName> SchemaViews::all_tables(const std::string& condition) const {
  std::vector<ObjectName> all;
  for (const Cells& row : sources_.as_admin(
           "SELECT table_schema,table_name FROM information_schema.tables WHERE table_schema NOT "
           "IN ('mysql','information_schema','performance_schema','sys','lab_meta','lab_past') "
           "AND " +
           condition)) {
    all.push_back({row[0].value_or(""), row[1].value_or("")});
  }
  return all;
}

/// Columns of every primary key, and whether it is a single integer.
std::map<SchemaViews::Key, SchemaViews::PrimaryKey> SchemaViews::primary_keys() const {
  std::map<Key, PrimaryKey> keys;
  std::map<Key, std::string> first_columns;
  for (const Cells& row : sources_.as_admin(
           "SELECT table_schema,table_name,column_name FROM information_schema.statistics WHERE "
           "index_name='PRIMARY' AND table_schema NOT IN "
           "('mysql','information_schema','performance_schema','sys','lab_meta','lab_past')")) {
    const Key table{row[0].value_or(""), row[1].value_or("")};
    ++keys[table].columns;
    first_columns[table] = row[2].value_or("");
  }
  for (const Cells& row : sources_.as_admin(
           "SELECT table_schema,table_name,column_name FROM information_schema.columns WHERE "
           "column_key='PRI' AND data_type IN ('tinyint','smallint','mediumint','int','bigint') "
           "AND table_schema NOT IN "
           "('mysql','information_schema','performance_schema','sys','lab_meta','lab_past')")) {
    const auto key = keys.find({row[0].value_or(""), row[1].value_or("")});
    if (key == keys.end() || key->second.columns != 1) continue;
    key->second.is_integer = first_columns[key->first] == row[2].value_or("");
  }
  return keys;
}

std::string SchemaViews::tables() const {
  const auto keys = primary_keys();
  RowsText ids({"s", "n", "i", "p", "h", "q", "a"});
  for (const Cells& row : sources_.as_admin(
           "SELECT table_schema,table_name,table_type FROM information_schema.tables WHERE "
           "table_schema NOT IN "
           "('mysql','information_schema','performance_schema','sys','lab_meta','lab_past')")) {
    const ObjectName name{row[0].value_or(""), row[1].value_or("")};
    const TableFeatures features = book_.of(name);
    const bool is_view = row[2] == "VIEW";
    const auto key = keys.find({name.schema, name.name});
    const bool clustered = key != keys.end() && !features.nonclustered;
    const bool integer_handle = clustered && key->second.is_integer;
    ids.add({quote_text(name.schema), quote_text(name.name), std::to_string(sources_.id_of(name)),
             clustered ? "'CLUSTERED'" : "'NONCLUSTERED'",
             is_view ? "NULL" : quote_text(sharding(features, integer_handle)),
             text_or_null(features.placement_policy), features.auto_random ? "1" : "0"});
  }
  return "(SELECT t.table_catalog AS TABLE_CATALOG, t.table_schema AS TABLE_SCHEMA, t.table_name "
         "AS TABLE_NAME, t.table_type AS TABLE_TYPE, t.engine AS ENGINE, t.version AS VERSION, "
         "IF(t.row_format IS NULL,NULL,'Compact') AS ROW_FORMAT, t.table_rows AS TABLE_ROWS, "
         "t.avg_row_length AS AVG_ROW_LENGTH, t.data_length AS DATA_LENGTH, t.max_data_length AS "
         "MAX_DATA_LENGTH, t.index_length AS INDEX_LENGTH, t.data_free AS DATA_FREE, "
         "IF(i.a=1,NULL,t.auto_increment) AS AUTO_INCREMENT, t.create_time AS CREATE_TIME, NULL AS "
         "UPDATE_TIME, NULL AS CHECK_TIME, t.table_collation AS TABLE_COLLATION, NULL AS CHECKSUM, "
         "t.create_options AS CREATE_OPTIONS, t.table_comment AS TABLE_COMMENT, i.i AS "
         "TIDB_TABLE_ID, i.h AS TIDB_ROW_ID_SHARDING_INFO, i.p AS TIDB_PK_TYPE, i.q AS "
         "TIDB_PLACEMENT_POLICY_NAME FROM information_schema.tables t LEFT JOIN " +
         ids.text() + " i ON " + on("i.s", "t.table_schema") + " AND " + on("i.n", "t.table_name") +
         " WHERE " + hidden("t.table_schema") + ")";
}

std::string SchemaViews::memory_columns() const {
  RowsText rows({"TABLE_CATALOG",
                 "TABLE_SCHEMA",
                 "TABLE_NAME",
                 "COLUMN_NAME",
                 "ORDINAL_POSITION",
                 "COLUMN_DEFAULT",
                 "IS_NULLABLE",
                 "DATA_TYPE",
                 "CHARACTER_MAXIMUM_LENGTH",
                 "CHARACTER_OCTET_LENGTH",
                 "NUMERIC_PRECISION",
                 "NUMERIC_SCALE",
                 "DATETIME_PRECISION",
                 "CHARACTER_SET_NAME",
                 "COLLATION_NAME",
                 "COLUMN_TYPE",
                 "COLUMN_KEY",
                 "EXTRA",
                 "PRIVILEGES",
                 "COLUMN_COMMENT",
                 "GENERATION_EXPRESSION",
                 "SRS_ID"});
  for (const MemoryTable* table : memory_tables(version_)) {
    std::string upper = table->name;
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    int ordinal = 0;
    for (const MemoryColumn& column : table->columns) {
      const std::string data_type = column.type.substr(0, column.type.find_first_of("( "));
      rows.add({"'def'",
                "'INFORMATION_SCHEMA'",
                quote_text(upper),
                quote_text(column.name),
                std::to_string(++ordinal),
                column.initial == "-" ? "NULL" : quote_text(column.initial),
                column.nullable ? "'YES'" : "'NO'",
                quote_text(data_type),
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                "NULL",
                quote_text(column.type),
                column.primary ? "'PRI'" : "''",
                "''",
                "'select'",
                "''",
                "''",
                "NULL"});
    }
  }
  return rows.text();
}

std::string SchemaViews::columns() const {
  // JSON is a LONGTEXT with a check in the engine.
  RowsText json_columns({"s", "n", "c"});
  for (const Cells& row : sources_.as_admin(
           "SELECT constraint_schema,table_name,constraint_name FROM "
           "information_schema.check_constraints WHERE level='Column' AND check_clause LIKE "
           "'json_valid(%' AND " +
           hidden("constraint_schema"))) {
    json_columns.add({quote_text(row[0].value_or("")), quote_text(row[1].value_or("")),
                      quote_text(row[2].value_or(""))});
  }
  const std::string json = "j.c IS NOT NULL";
  const auto unless_json = [&](const std::string& value) {
    return "IF(" + json + ",NULL," + value + ")";
  };
  return "(SELECT c.table_catalog AS TABLE_CATALOG, c.table_schema AS TABLE_SCHEMA, c.table_name "
         "AS TABLE_NAME, c.column_name AS COLUMN_NAME, c.ordinal_position AS ORDINAL_POSITION, " +
         std::string(kColumnDefault) + " AS COLUMN_DEFAULT, c.is_nullable AS IS_NULLABLE, IF(" +
         json + ",'json',c.data_type) AS DATA_TYPE, " + unless_json("c.character_maximum_length") +
         " AS CHARACTER_MAXIMUM_LENGTH, " + unless_json("c.character_octet_length") +
         " AS CHARACTER_OCTET_LENGTH, c.numeric_precision AS NUMERIC_PRECISION, c.numeric_scale AS "
         "NUMERIC_SCALE, c.datetime_precision AS DATETIME_PRECISION, " +
         unless_json("c.character_set_name") + " AS CHARACTER_SET_NAME, " +
         unless_json("c.collation_name") + " AS COLLATION_NAME, IF(" + json + ",'json'," +
         kColumnType +
         ") AS COLUMN_TYPE, c.column_key AS COLUMN_KEY, IF(c.extra LIKE 'on update%',"
         "'DEFAULT_GENERATED on update CURRENT_TIMESTAMP',c.extra) AS EXTRA, c.privileges AS "
         "PRIVILEGES, c.column_comment AS COLUMN_COMMENT, COALESCE(c.generation_expression,'') AS "
         "GENERATION_EXPRESSION, NULL AS SRS_ID FROM information_schema.columns c LEFT JOIN " +
         json_columns.text() + " j ON " + on("j.s", "c.table_schema") + " AND " +
         on("j.n", "c.table_name") + " AND " + on("j.c", "c.column_name") + " WHERE " +
         hidden("c.table_schema") +
         " AND NOT (c.table_schema='information_schema' AND c.table_name='PROCESSLIST') UNION ALL "
         "SELECT * FROM " +
         memory_columns() + " m)";
}

std::string SchemaViews::describe(const ObjectName& table) const {
  if (to_lower(table.schema) == "information_schema") {
    RowsText rows({"Field", "Type", "Null", "Key", "Default", "Extra"});
    const MemoryTable* memory = find_memory_table(to_lower(table.name), version_);
    if (memory == nullptr) return "";
    for (const MemoryColumn& column : memory->columns) {
      rows.add({quote_text(column.name), quote_text(column.type),
                column.nullable ? "'YES'" : "'NO'", column.primary ? "'PRI'" : "''",
                column.initial == "-" ? "NULL" : quote_text(column.initial), "''"});
    }
    return "SELECT * FROM " + rows.text() + " d";
  }
  return "SELECT COLUMN_NAME AS Field, COLUMN_TYPE AS Type, IS_NULLABLE AS `Null`, COLUMN_KEY AS "
         "`Key`, COLUMN_DEFAULT AS `Default`, EXTRA AS Extra FROM " +
         columns() + " d WHERE TABLE_SCHEMA=" + quote_text(table.schema) +
         " AND TABLE_NAME=" + quote_text(table.name) + " ORDER BY ORDINAL_POSITION";
}

std::string SchemaViews::indexes() const {
  RowsText marks({"s", "n", "k", "c", "g"});
  for (const ObjectName& name : all_tables("table_type='BASE TABLE'")) {
    const TableFeatures features = book_.of(name);
    marks.add({quote_text(name.schema), quote_text(name.name), "'PRIMARY'",
               features.nonclustered ? "'NO'" : "'YES'", "0"});
    for (const std::string& index : features.global_indexes) {
      marks.add({quote_text(name.schema), quote_text(name.name), quote_text(index), "'NO'", "1"});
    }
  }
  const std::string global = version_ >= Version{8, 3, 0} ? ", COALESCE(m.g,0) AS IS_GLOBAL" : "";
  return "(SELECT s.table_schema AS TABLE_SCHEMA, s.table_name AS TABLE_NAME, s.non_unique AS "
         "NON_UNIQUE, s.index_name AS KEY_NAME, s.seq_in_index AS SEQ_IN_INDEX, s.column_name AS "
         "COLUMN_NAME, s.sub_part AS SUB_PART, s.index_comment AS INDEX_COMMENT, NULL AS "
         "Expression, DENSE_RANK() OVER (PARTITION BY s.table_schema, s.table_name ORDER BY "
         "s.index_name<>'PRIMARY', s.non_unique, s.index_name) AS INDEX_ID, "
         "IF(s.ignored='YES','NO','YES') AS IS_VISIBLE, COALESCE(m.c,'NO') AS CLUSTERED" +
         global + " FROM information_schema.statistics s LEFT JOIN " + marks.text() + " m ON " +
         on("m.s", "s.table_schema") + " AND " + on("m.n", "s.table_name") + " AND " +
         on("m.k", "LOWER(s.index_name)") + " OR " + on("m.s", "s.table_schema") + " AND " +
         on("m.n", "s.table_name") + " AND " + on("m.k", "s.index_name") + " WHERE " +
         hidden("s.table_schema") + ")";
}

std::string SchemaViews::partitions() const {
  RowsText ids({"s", "n", "p", "i", "q"});
  for (const Cells& row : sources_.as_admin(
           "SELECT table_schema,table_name,partition_name FROM information_schema.partitions WHERE "
           "partition_name IS NOT NULL AND " +
           hidden("table_schema"))) {
    const ObjectName name{row[0].value_or(""), row[1].value_or("")};
    const std::string partition = row[2].value_or("");
    const auto placement = book_.of(name).partition_placement;
    const auto policy = placement.find(to_lower(partition));
    ids.add({quote_text(name.schema), quote_text(name.name), quote_text(partition),
             std::to_string(sources_.id_of({name.schema, name.name + "/" + partition})),
             policy == placement.end() ? "NULL" : quote_text(policy->second)});
  }
  return "(SELECT p.*, COALESCE(i.i,NULL) AS TIDB_PARTITION_ID, i.q AS TIDB_PLACEMENT_POLICY_NAME "
         "FROM information_schema.partitions p LEFT JOIN " +
         ids.text() + " i ON " + on("i.s", "p.table_schema") + " AND " + on("i.n", "p.table_name") +
         " AND " + on("i.p", "p.partition_name") + " WHERE " + hidden("p.table_schema") + ")";
}

std::string SchemaViews::sequences() const {
  RowsText rows({"TABLE_CATALOG", "SEQUENCE_SCHEMA", "SEQUENCE_NAME", "CACHE", "CACHE_VALUE",
                 "CYCLE", "INCREMENT", "MAX_VALUE", "MIN_VALUE", "START", "COMMENT"});
  for (const ObjectName& name : all_tables("table_type='SEQUENCE'")) {
    const auto found = sources_.as_admin(
        "SELECT cache_size,cycle_option,increment,maximum_value,minimum_value,start_value,(SELECT "
        "table_comment FROM information_schema.tables WHERE table_schema=" +
        quote_text(name.schema) + " AND table_name=" + quote_text(name.name) + ") FROM " +
        quote_name(name.schema) + "." + quote_name(name.name));
    if (found.empty()) continue;
    const Cells& s = found.front();
    const std::string cache = s[0].value_or("0");
    rows.add({"'def'", quote_text(name.schema), quote_text(name.name), cache == "0" ? "0" : "1",
              cache, s[1].value_or("0"), s[2].value_or("1"), s[3].value_or("0"), s[4].value_or("0"),
              s[5].value_or("1"), quote_text(s[6].value_or(""))});
  }
  return visible(rows, "SEQUENCE_SCHEMA", "SEQUENCE_NAME");
}

std::string SchemaViews::tiflash_replicas() const {
  RowsText rows({"TABLE_SCHEMA", "TABLE_NAME", "TABLE_ID", "REPLICA_COUNT", "LOCATION_LABELS",
                 "AVAILABLE", "PROGRESS"});
  for (const ObjectName& name : all_tables("table_type='BASE TABLE'")) {
    TableFeatures features = book_.of(name);
    if (features.tiflash_replicas == 0) continue;
    if (!features.tiflash_available && !sources_.role_is_set) {
      features.tiflash_available = true;
      book_.set(name, features);
    }
    const char* available = features.tiflash_available ? "1" : "0";
    rows.add({quote_text(name.schema), quote_text(name.name), std::to_string(sources_.id_of(name)),
              std::to_string(features.tiflash_replicas), quote_text(features.tiflash_labels),
              available, available});
  }
  return visible(rows, "TABLE_SCHEMA", "TABLE_NAME");
}

std::string SchemaViews::attributes() const {
  RowsText rows({"ID", "TYPE", "ATTRIBUTES", "RANGES"});
  for (const ObjectName& name : all_tables("table_type='BASE TABLE'")) {
    const std::string text = book_.of(name).attributes;
    if (text.empty()) continue;
    char range[80];
    const auto id = static_cast<unsigned long long>(sources_.id_of(name));
    std::snprintf(range, sizeof range,
                  "[7480%012llxf800000000000000f8, 7480%012llxf800000000000000f8]", id, id + 1);
    rows.add({quote_text("schema/" + name.schema + "/" + name.name), "'key-range'",
              quote_text("\"" + text + "\""), quote_text(range)});
  }
  return rows.text();
}

std::string SchemaViews::check_constraints(bool with_table) const {
  std::vector<std::string> names = {"CONSTRAINT_CATALOG", "CONSTRAINT_SCHEMA", "CONSTRAINT_NAME",
                                    "CHECK_CLAUSE"};
  if (with_table) names.insert(names.end(), {"TABLE_NAME", "TABLE_ID"});
  RowsText rows(names);
  std::map<ObjectName, int, bool (*)(const ObjectName&, const ObjectName&)> unnamed(
      [](const ObjectName& a, const ObjectName& b) {
        return a.schema < b.schema || (a.schema == b.schema && a.name < b.name);
      });
  for (const Cells& row : sources_.as_admin(
           "SELECT constraint_schema,table_name,constraint_name,check_clause,level FROM "
           "information_schema.check_constraints WHERE check_clause NOT LIKE 'json_valid(%' AND " +
           hidden("constraint_schema") + " ORDER BY 1,2,level DESC,3")) {
    const ObjectName table{row[0].value_or(""), row[1].value_or("")};
    std::string name = row[2].value_or("");
    if (row[4] == "Column" || name.rfind("CONSTRAINT_", 0) == 0) {
      name = table.name + "_chk_" + std::to_string(++unnamed[table]);
    }
    std::vector<std::string> values = {
        "'def'", quote_text(table.schema), quote_text(name),
        quote_text("(" + tidb_expression(row[3].value_or("")) + ")")};
    if (with_table) {
      values.push_back(quote_text(table.name));
      values.push_back(std::to_string(sources_.id_of(table)));
    }
    rows.add(values);
  }
  return rows.text();
}

}  // namespace bdrmesh::lab
