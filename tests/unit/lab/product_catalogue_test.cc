// The lab's list of what the product may say against the product's own catalogue: each has what the
// other has, and nothing more. Only this test knows both.
#include "lab/parse/product_catalogue.h"

#include <algorithm>
#include <fstream>
#include <gmock/gmock.h>
#include <regex>
#include <set>
#include <sstream>

#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_backup.h"
#include "clients/catalogue/sql_catalogue_pair.h"
#include "clients/catalogue/sql_catalogue_rows.h"

namespace bdrmesh::lab {
namespace {

Statement only(std::string_view sql) { return classify(std::move(split_statements(sql).front())); }

/// Name of the entry in sql_catalogue.h, and a text that it makes.
using Named = std::pair<std::string, std::string>;

TokenRow token_row() {
  TokenRow row;
  row.manager = "it's \\me";
  row.epoch = 18446744073709551615U;
  return row;
}

std::vector<Named> fixed_texts() {
  using namespace sql_text;
  std::vector<Named> all;
  const auto add = [&](const char* name, std::string_view text) { all.emplace_back(name, text); };
  add("kPinSession", kPinSession);
  add("kPinToNow", kPinToNow);
  add("kSessions", kSessions);
  add("kSyncpoints", kSyncpoints);
  add("kReadTikv", kReadTikv);
  add("kPinRepair", kPinRepair);
  add("kConnectionId", kConnectionId);
  add("kShowWarnings", kShowWarnings);
  add("kShowCipher", kShowCipher);
  add("kBegin", kBegin);
  add("kCommit", kCommit);
  add("kRollback", kRollback);
  add("kTidbServers", kTidbServers);
  add("kTidbVersion", kTidbVersion);
  add("kClusterId", kClusterId);
  add("kOwnGrants", kOwnGrants);
  add("kReadOnlyExempt", kReadOnlyExempt);
  add("kShowBdrRole", kShowBdrRole);
  add("kCanary", kCanary);
  add("kTransactions", kTransactions);
  for (const std::string_view pin : kFreshTsoPins) add("kFreshTsoPins", pin);
  add("kCurrentTso", kCurrentTso);
  add("kTransactionStart", kTransactionStart);
  add("kLastTransaction", kLastTransaction);
  add("kShowDdlJobs", kShowDdlJobs);
  add("kShowDdlJobQueries", kShowDdlJobQueries);
  add("kTables", kTables);
  add("kViewsAndSequences", kViewsAndSequences);
  add("kCreateToken", kCreateToken);
  add("kReadToken", kReadToken);
  add("kCreateMarker", kCreateMarker);
  return all;
}

std::vector<Named> made_texts() {
  using namespace sql_text;
  const TableName table{"a`b", "t"};
  return {
      {"session_on", session_on(2097353)},
      {"session_on", session_on("127.0.0.1:10080", 2097353)},
      {"grants_of", grants_of("cdc_east@10.%")},
      {"global_variable", global_variable("tidb_gc_life_time")},
      {"set_source_id", set_source_id(3)},
      {"set_super_read_only", set_super_read_only(true)},
      {"set_super_read_only", set_super_read_only(false)},
      {"set_bdr_role", std::string(set_bdr_role(BdrRole::primary))},
      {"set_bdr_role", std::string(set_bdr_role(BdrRole::secondary))},
      {"set_bdr_role", std::string(set_bdr_role(BdrRole::none))},
      {"kill_session", kill_session(2097353)},
      {"ddl_jobs_with", ddl_jobs_with("bdrmesh:op_1%:1:east ")},
      {"cancel_ddl_job", cancel_ddl_job(123)},
      {"set_names", set_names("utf8mb4")},
      {"set_sql_mode", set_sql_mode("ANSI_QUOTES")},
      {"set_time_zone", set_time_zone("+02:00")},
      {"use_schema", use_schema("app")},
      {"table_id", table_id(table)},
      {"table_id_of_any_case", table_id_of_any_case(table)},
      {"table_exists", table_exists(table)},
      {"schema_exists", schema_exists("app")},
      {"show_create_table", show_create_table(table)},
      {"create_schema", create_schema("bdrmesh")},
      {"drop_schema", drop_schema("bdrmesh")},
      {"copy_empty_table", copy_empty_table(table, {"bdrmesh_local", "c1"})},
      {"insert_token", insert_token(token_row())},
      {"update_token", update_token(token_row(), token_row())},
      {"upsert_marker", upsert_marker("run", ClusterName("east"), "nonce")},
      {"delete_marker", delete_marker("run", ClusterName("east"))},
      {"read_marker", read_marker("run", ClusterName("east"))},
      {"set_gc_life_time", set_gc_life_time("24h0m0s")},
  };
}

/// Texts made for a table with columns of every form and a composite key.
std::vector<Named> row_texts() {
  using namespace sql_text;
  TableRead read{{"app", "it's"}, {}, {"a", "b"}, 2, true};
  read.columns = {{"a", ColumnForm::text, false},
                  {"b", ColumnForm::binary, false},
                  {"c", ColumnForm::plain},
                  {"d", ColumnForm::real},
                  {"e", ColumnForm::text, true, true}};
  const KeyRange range{CutKey{"o'r", "00FF"}, CutKey{"select (", "01"}};
  const RowKey key{"x", "00"};
  const RowValues values{"x", "00", std::nullopt, "1.5", "t"};
  return {{"set_snapshot", set_snapshot(Tso(470618061000000000U))},
          {"kReadSnapshot", std::string(kReadSnapshot)},
          {"table_rows", table_rows(read.table)},
          {"digest", digest(read, range, Millis{20000})},
          {"digest", digest(read, {}, Millis{0})},
          {"key_at", key_at(read, range, 999)},
          {"hashes", hashes(read, range, 1000)},
          {"hashes_of", hashes_of(read, {key, key})},
          {"digests_by_hash", digests_by_hash(read, "", 3, Millis{1000})},
          {"digests_by_hash", digests_by_hash(read, "0aF", 40, Millis{1000})},
          {"row_values", row_values(read, key)},
          {"breaking", breaking({read.table, RowNeed::Kind::unique, {"a", "b"}}, 5, Millis{8000})},
          {"breaking", breaking({read.table, RowNeed::Kind::not_null, {"a"}}, 5, Millis{8000})},
          {"breaking", breaking({read.table, RowNeed::Kind::length, {"a"}, "", "9"}, 5, Millis{1})},
          {"breaking", breaking({read.table, RowNeed::Kind::between, {"c"}, "-9", "9"}, 5, {})},
          {"set_write_source", set_write_source(3)},
          {"lock_row", lock_row(read, key)},
          {"insert_row", insert_row(read, values)},
          {"update_row", update_row(read, key, values)},
          {"delete_row", delete_row(read, key)}};
}

std::vector<Named> backup_texts() {
  using namespace sql_text;
  const TableName table{"app", "it's"};
  const TableName probe{"bdrmesh_local", "probe_1"};
  const BackupOrder order{{table, {"app", "t"}}, "local:///backup/1", Tso(470618061000000000U), 9};
  return {{"run_backup", run_backup(BackupKind::backup, order)},
          {"run_backup", run_backup(BackupKind::restore, order)},
          {"kShowBackups", std::string(kShowBackups)},
          {"kShowRestores", std::string(kShowRestores)},
          {"relations_in", relations_in("app")},
          {"drop_table", drop_table(probe)},
          {"make_probe", make_probe(probe)},
          {"write_probe", write_probe(probe, "nonce")},
          {"read_probe", read_probe(probe)}};
}

std::vector<Named> pair_texts() {
  using namespace sql_text;
  const Secret password("it's \\ secret");
  return {
      {"account_locked", account_locked("cdc_north")},
      {"set_account_locked", set_account_locked("cdc_north", "%", true)},
      {"set_account_locked", set_account_locked("cdc_north", "10.%", false)},
      {"sessions_of", sessions_of("cdc_north")},
      {"create_user", create_user("bdr_redo_1", password)},
      {"set_password", set_password("bdr_redo_1", password)},
      {"grant_to", grant_to("SELECT, INDEX, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE "
                            "VIEW ON *.*",
                            "bdr_redo_1")},
      {"grant_to",
       grant_to("SYSTEM_VARIABLES_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.*", "bdr_redo_1")},
      {"drop_user", drop_user("bdr_redo_1")},
      {"set_external_ts_read", set_external_ts_read(true)},
      {"set_external_ts_read", set_external_ts_read(false)},
      {"set_ttl_jobs", set_ttl_jobs(true)},
      {"set_ttl_jobs", set_ttl_jobs(false)},
  };
}

std::vector<Named> whole_catalogue() {
  std::vector<Named> all = fixed_texts();
  for (Named& made : pair_texts()) all.push_back(std::move(made));
  for (Named& made : backup_texts()) all.push_back(std::move(made));
  for (Named& made : made_texts()) all.push_back(std::move(made));
  for (Named& made : row_texts()) all.push_back(std::move(made));
  return all;
}

TEST(ProductCatalogue, IsAllowedAsAWhole) {
  for (const auto& [name, sql] : whole_catalogue()) {
    EXPECT_TRUE(is_in_product_catalogue(only(sql))) << name << ": " << normalised_form(only(sql));
  }
}

TEST(ProductCatalogue, SaysEverythingThatIsAllowed) {
  const std::vector<Named> catalogue = whole_catalogue();
  for (const std::string& allowed : product_statements()) {
    EXPECT_TRUE(std::ranges::any_of(
        catalogue, [&](const Named& entry) { return has_form(only(entry.second), allowed); }))
        << "the product never says: " << allowed;
  }
}

TEST(ProductCatalogue, IsListedHereWithoutGaps) {
  std::stringstream text;
  for (const char* name : {"sql_catalogue.h", "sql_catalogue_backup.h", "sql_catalogue_pair.h",
                           "sql_catalogue_rows.h"})
    text << std::ifstream(std::string(BDR_SOURCE_DIR) + "/src/clients/catalogue/" + name).rdbuf();
  const std::string header = text.str();
  std::set<std::string> listed = {"quote",      "quote_name", "containing",
                                  "kVerifyTag", "kRepairTag", "row_text",
                                  "in_range",   "literal",    "is_row"};  // parts of statements
  for (const auto& [name, sql] : whole_catalogue()) listed.insert(name);
  const std::regex entry(R"((?:string_view (k[A-Za-z]+)|\nstd::string(?:_view)? ([a-z_]+)\())");
  int found = 0;
  for (std::sregex_iterator it(header.begin(), header.end(), entry), end; it != end; ++it) {
    const std::string name = (*it)[1].matched ? (*it)[1].str() : (*it)[2].str();
    EXPECT_TRUE(listed.count(name) > 0) << name << " is not compared with the lab's list";
    ++found;
  }
  EXPECT_GE(found, static_cast<int>(listed.size()));
}

TEST(ProductCatalogue, LeavesOutWhatTheProductNeverSays) {
  for (const char* sql :
       {"SELECT 1", "DROP TABLE app.orders", "SELECT @@tidb_source_id AS value",
        "SET GLOBAL tidb_gc_enable = OFF", "SET GLOBAL tidb_source_id = 1, tidb_gc_enable = OFF",
        "ADMIN SHOW DDL JOBS 10", "KILL 5", "SHOW CREATE TABLE app.orders",
        "SELECT nonce FROM bdrmesh.marker WHERE run_id = 'a' OR origin = 'b'",
        "DROP TABLE bdrmesh_local.c1, app.orders",
        "ALTER TABLE bdrmesh_local.c1 RENAME TO app.orders", "DROP DATABASE bdrmesh_local",
        "/* bdrmesh:op:1:east */ DELETE FROM app.orders", "SELECT COUNT(*) FROM `app`.`orders`",
        "/* bdrmesh:verify */ DELETE FROM `app`.`orders`",
        "/* bdrmesh:verify */ SELECT SLEEP(9) FROM `app`.`orders`",
        "/* bdrmesh:verify */ SELECT LEFT(`a`, 3) FROM `app`.`orders` WHERE TRUE",
        "/* bdrmesh:verify */ SELECT `a` FROM `app`.`orders` UNION SELECT `b` FROM `app`.`t`",
        "/* bdrmesh:repair */ INSERT INTO `app`.`t` (`a`) SELECT `a` FROM `app`.`orders`"}) {
    EXPECT_FALSE(is_in_product_catalogue(only(sql))) << sql;
  }
}

TEST(ProductCatalogue, LetsTheUsersDdlPassWithItsTagAndOnCopies) {
  for (const char* sql : {"/* bdrmesh:op:1:east */ ALTER TABLE app.orders DROP COLUMN note",
                          "DROP TABLE IF EXISTS `bdrmesh_local`.`r_1_orders`",
                          "ALTER TABLE bdrmesh_local.r_1_orders ADD COLUMN n INT NOT NULL",
                          "RENAME TABLE bdrmesh_local.a TO bdrmesh_local.b"}) {
    EXPECT_TRUE(is_in_product_catalogue(only(sql))) << sql;
  }
}

TEST(ProductCatalogue, NamesTheFormOfWhatItRefuses) {
  EXPECT_EQ(normalised_form(only("SELECT a, MAX(b) FROM `x`.`y` WHERE @@global.tidb_x=5")),
            "SELECT a, MAX (b) FROM `?`.`?` WHERE @@global.? = ?");
}

}  // namespace
}  // namespace bdrmesh::lab
