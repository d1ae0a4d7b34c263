// Answers about feeds in trouble against recorded ones: brought about by a table that is missing
// downstream, a DDL that fails there, a downstream that is away.
#include <gmock/gmock.h>

#include "lab/cdc/recorded_cases.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

/// Of lists only the feeds with an error: others are compared elsewhere.
OrderedJson troubled(OrderedJson json) {
  if (!json.contains("items")) return json;
  OrderedJson items = OrderedJson::array();
  for (const auto& item : json["items"]) {
    if (!item["error"].is_null()) items.push_back(item);
  }
  json["items"] = std::move(items);
  return json;
}

class Trouble {
 public:
  explicit Trouble(const Profile& profile) : world_(profile), classic_(profile.is_classic()) {
    world_.west().silently("CREATE DATABASE rt");
  }

  ApiWorld& world() { return world_; }

  /// A feed of `table`, which is in east alone.
  void feed_of(const std::string& id, const std::string& table) {
    world_.east().silently("CREATE TABLE rt." + table + " (id INT PRIMARY KEY, n INT)");
    const std::string config = R"({"filter":{"rules":["rt.)" + table + R"("]}})";
    ASSERT_EQ(world_.create(id, "", config).status, 200);
    ASSERT_TRUE(eventually([&] { return world_.east().checkpoint(id) != 0; }));
    ASSERT_TRUE(world_.east().drained(id));
  }

  void await(const std::string& id, const std::string& state) {
    EXPECT_TRUE(eventually([&] { return world_.east().state_of(id) == state; }, Millis{60000}))
        << id << " is " << world_.east().state_of(id);
  }

  void expect_like(const std::string& path, const std::string& name) {
    SCOPED_TRACE(name);
    const std::string file =
        (classic_ ? "real-classic-9.0dev-" : "real-new-9.0dev-") + name + ".json";
    const HttpAnswer answer = world_.get(path);
    const OrderedJson got = OrderedJson::parse(answer.body);
    if (got.contains("error_msg")) {
      EXPECT_TRUE(is_like(answer.body, file));
      return;
    }
    EXPECT_EQ(shape_of(troubled(got)), shape_of(troubled(OrderedJson::parse(recorded_text(file)))))
        << answer.body;
  }

  /// The error that the list shows of a feed.
  Json error_of(const std::string& id) {
    const Json list = world_.get("changefeeds?state=all").json();
    for (const Json& item : list["items"]) {
      if (item["id"] == id) return item["error"];
    }
    return {};
  }

 private:
  ApiWorld world_;
  bool classic_;
};

TEST(RecordedTrouble, T15_OfAMissingTableInClassic) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(classic_head());
  ApiWorld& w = trouble.world();
  trouble.feed_of("tp", "ro");
  w.east().commit({"INSERT INTO rt.ro VALUES (1, 1)"});
  trouble.await("tp", "pending");
  trouble.expect_like("changefeeds/tp", "detail-pending-missing-table");
  trouble.expect_like("changefeeds/tp/status", "status-pending-missing-table");
  trouble.expect_like("changefeeds", "list-pending-shown-as-warning-missing-table");
  trouble.expect_like("changefeeds?state=pending", "list-filter-state-pending");
  EXPECT_EQ(w.get("changefeeds?state=warning").json()["total"], 0) << "the filter is of raw states";
  trouble.expect_like("processors/tp/x", "processor-of-pending-feed");
  trouble.expect_like("changefeeds/tp/synced", "synced-pending");
  const Json error = trouble.error_of("tp");
  EXPECT_THAT(std::string(error["message"]), ::testing::HasSubstr("Error 1146 (42S02)"));
  EXPECT_THAT(std::string(error["message"]), ::testing::HasSubstr("[CDC:ErrMySQLTxnError]"));
  EXPECT_EQ(w.post("changefeeds/tp/pause").status, 200);
  trouble.await("tp", "stopped");
  trouble.expect_like("changefeeds/tp/status", "status-stopped-after-error");
  trouble.expect_like("changefeeds?state=stopped", "list-stopped-after-error");
  w.west().silently("CREATE TABLE rt.ro (id INT PRIMARY KEY, n INT)");
  EXPECT_EQ(w.post("changefeeds/tp/resume", "{}").status, 200);
  trouble.await("tp", "normal");
  ASSERT_TRUE(w.east().drained("tp"));
  trouble.expect_like("changefeeds/tp/status", "status-normal-again-after-error");
}

TEST(RecordedTrouble, T15_OfADdlThatFailsInClassic) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(classic_head());
  ApiWorld& w = trouble.world();
  trouble.feed_of("tp", "idx");
  w.east().ddl("ALTER TABLE rt.idx ADD COLUMN z INT NULL", "add column", "rt", "idx");
  trouble.await("tp", "warning");
  trouble.expect_like("changefeeds/tp", "detail-ddl-failing-warning");
  trouble.expect_like("changefeeds/tp/status", "status-ddl-failing-warning");
  trouble.expect_like("changefeeds", "list-ddl-failing-warning");
  EXPECT_THAT(std::string(trouble.error_of("tp")["message"]),
              ::testing::HasSubstr("Error 1146 (42S02)"));
}

TEST(RecordedTrouble, T15_OfADownstreamThatIsAwayInClassic) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(classic_head());
  ApiWorld& w = trouble.world();
  w.west().silently("CREATE TABLE rt.ta (id INT PRIMARY KEY, n INT)");
  trouble.feed_of("ta", "ta");
  w.west().engine().stop();
  w.east().commit({"INSERT INTO rt.ta VALUES (1, 1)"});
  trouble.await("ta", "pending");
  trouble.expect_like("changefeeds/ta/status", "status-downstream-down-pending");
  trouble.expect_like("changefeeds", "list-downstream-down-pending");
  EXPECT_EQ(w.post("changefeeds/ta/pause").status, 200);
  trouble.await("ta", "stopped");
  trouble.expect_like("changefeeds", "list-downstream-down-stopped");
  const HttpAnswer resume = w.post("changefeeds/ta/resume", "{}");
  EXPECT_EQ(resume.status, 400);
  EXPECT_TRUE(is_like(resume.body, "real-classic-9.0dev-error-resume-downstream-down.json"));
  const HttpAnswer update = w.put("ta", "{\"target_ts\":" + std::to_string(w.tso_in(600)) + "}");
  EXPECT_EQ(update.status, 400);
  EXPECT_TRUE(is_like(update.body, "real-classic-9.0dev-error-update-downstream-down.json"));
}

TEST(RecordedTrouble, T15_OfAMissingTableInTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(find_profile("new-8.5"));
  ApiWorld& w = trouble.world();
  trouble.feed_of("d3-4", "m");
  w.east().commit({"INSERT INTO rt.m VALUES (1, 1)"});
  trouble.await("d3-4", "warning");
  trouble.expect_like("changefeeds?state=warning", "list-warning-no-table");
  trouble.expect_like("changefeeds?state=warning", "list-filter-warning");
  trouble.expect_like("changefeeds/d3-4", "detail-warning-dml");
  trouble.expect_like("changefeeds/d3-4/status", "status-warning-dml");
  const Json error = trouble.error_of("d3-4");
  EXPECT_EQ(error["code"], "CDC:ErrChangefeedRetryable");
  EXPECT_THAT(std::string(error["message"]), ::testing::StartsWith("Failed query info: sqls:"));
  const HttpAnswer pause = w.post("changefeeds/d3-4/pause");
  EXPECT_EQ(pause.status, 200) << "from any state";
  EXPECT_TRUE(is_like(pause.body, "real-new-9.0dev-pause-failed-or-warning.json"));
}

TEST(RecordedTrouble, T15_OfADdlThatFailsInTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(find_profile("new-8.5"));
  ApiWorld& w = trouble.world();
  trouble.feed_of("s34", "g");
  w.east().ddl("ALTER TABLE rt.g ADD COLUMN z INT NULL", "add column", "rt", "g");
  trouble.await("s34", "warning");
  trouble.expect_like("changefeeds/s34", "detail-warning-ddl-failed");
  trouble.expect_like("changefeeds/s34/status", "status-warning-ddl-failed");
  trouble.expect_like("changefeeds?state=all", "list-warning-ddl-failed");
  trouble.expect_like("changefeeds/s34/synced", "synced-warning-ddl-failed");
  EXPECT_THAT(
      std::string(trouble.error_of("s34")["message"]),
      ::testing::StartsWith("[CDC:ErrExecDDLFailed]exec DDL failed %s: Execute DDL failed"));
  EXPECT_EQ(w.post("changefeeds/s34/pause").status, 200);
  trouble.expect_like("changefeeds/s34", "detail-stopped-after-ddl-failed");
  trouble.expect_like("changefeeds/s34/status", "status-stopped-after-ddl-failed");
  trouble.expect_like("changefeeds?state=all", "list-stopped-after-ddl-failed");
  trouble.expect_like("changefeeds/s34/synced", "synced-stopped-after-ddl-failed");
}

TEST(RecordedTrouble, T15_OfADownstreamThatIsAwayInTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(find_profile("new-8.5"));
  ApiWorld& w = trouble.world();
  w.west().silently("CREATE TABLE rt.kd (id INT PRIMARY KEY, n INT)");
  trouble.feed_of("kd1", "kd");
  w.west().engine().stop();
  w.east().commit({"INSERT INTO rt.kd VALUES (1, 1)"});
  trouble.await("kd1", "warning");
  trouble.expect_like("changefeeds/kd1", "detail-downstream-down");
  trouble.expect_like("changefeeds/kd1/status", "status-downstream-down");
  trouble.expect_like("changefeeds?state=all", "list-downstream-down");
  trouble.expect_like("changefeeds/kd1/synced", "synced-downstream-down");
}

TEST(RecordedTrouble, T15_OfATableRenamedIntoTheFilterInTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  Trouble trouble(find_profile("new-8.5"));
  ApiWorld& w = trouble.world();
  w.east().silently("CREATE TABLE rt.outside (id INT PRIMARY KEY)");
  ASSERT_EQ(w.create("ren1", "", R"({"filter":{"rules":["rt.r*"]}})").status, 200);
  ASSERT_TRUE(w.east().drained("ren1"));
  w.east().ddl("RENAME TABLE rt.outside TO rt.rin1", "rename table", "rt", "outside");
  trouble.await("ren1", "failed");
  trouble.expect_like("changefeeds/ren1", "detail-failed-rename");
  trouble.expect_like("changefeeds/ren1/status", "status-failed-rename");
  trouble.expect_like("changefeeds?state=all", "list-failed-rename");
  trouble.expect_like("changefeeds/ren1/synced", "synced-failed-rename");
  EXPECT_THAT(std::string(trouble.error_of("ren1")["message"]),
              ::testing::StartsWith(
                  "[CDC:ErrSyncRenameTableFailed]table's old name is not in filter rule"));
  const HttpAnswer resume = w.post("changefeeds/ren1/resume", "{}");
  EXPECT_EQ(resume.status, 200);
  EXPECT_TRUE(is_like(resume.body, "real-new-9.0dev-resume-failed.json"));
}

}  // namespace
}  // namespace bdrmesh::lab
