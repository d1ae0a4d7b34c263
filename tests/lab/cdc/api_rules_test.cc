// The Open API by the lines of the emulator checklist, in all profiles.
#include <gmock/gmock.h>
#include <thread>

#include "lab/cdc/api_world.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

constexpr Millis kSecond{1000};

class ApiRulesTest : public ::testing::TestWithParam<Profile> {
 protected:
  void SetUp() override {
    BDR_NEEDS_MARIADB();
    world_ = &ApiWorld::of(GetParam());
  }

  ApiWorld& w() { return *world_; }
  bool new_arch() const { return !GetParam().is_classic(); }
  /// How long a call took, by a clock that nobody turns.
  template <class Call>
  static Millis time_of(Call call) {
    const SystemClock clock;
    const MonoTime begin = clock.mono();
    call();
    return std::chrono::duration_cast<Millis>(clock.mono() - begin);
  }

  ApiWorld* world_ = nullptr;
};

TEST_P(ApiRulesTest, T00_SwitchesVersionAndEndpointsWithTheProfile) {
  EXPECT_EQ(w().get("status").json()["version"], to_string(GetParam().ticdc));
  const bool has_config = new_arch() || GetParam().ticdc >= Version{8, 0, 0};
  EXPECT_EQ(w().get_page("/config").status, has_config ? 200 : 404);
  const std::string feed = "changefeeds/" + w().running("c1");
  EXPECT_EQ(w().get(feed + "/meta_info").status, new_arch() ? 404 : 200);
  EXPECT_EQ(w().get(feed + "/tables").status, new_arch() ? 200 : 404);
  EXPECT_EQ(w().post("captures/x/drain").status, new_arch() ? 404 : 400);
  EXPECT_EQ(w().detail("c1").contains("gid"), new_arch());
}

TEST_P(ApiRulesTest, T02_RoutesAsTheTableSays) {
  EXPECT_EQ(w().get("nonsense").status, 404);
  EXPECT_EQ(w().get("nonsense").content_type, "text/plain");
  EXPECT_EQ(w().get("nonsense").body, "404 page not found");
  EXPECT_EQ(w().get("nonsense/").status, 404) << "only what is known is redirected";
  EXPECT_EQ(w().get("changefeeds/").status, 301);
  EXPECT_EQ(w().get("changefeeds/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(w().post("changefeeds/").status, 307);
  EXPECT_EQ(w().east().call("DELETE", "changefeeds").status, 404) << "wrong method";
  EXPECT_EQ(w().east().call("PATCH", "changefeeds").status, 0) << "not even answered";
}

TEST_P(ApiRulesTest, T03_WritesBodiesCompactOrIndented) {
  const std::string feed = "changefeeds/" + w().running("c1");
  EXPECT_EQ(w().get("changefeeds").body.find('\n'), std::string::npos);
  EXPECT_EQ(w().get(feed).body.find('\n'), std::string::npos);
  EXPECT_NE(w().get("status").body.find("\n    \"version\""), std::string::npos);
  EXPECT_NE(w().post("tso", "{}").body.find("\n    \"timestamp\""), std::string::npos);
  EXPECT_NE(w().get("changefeeds/nope").body.find("\n    \"error_msg\""), std::string::npos);
  const HttpAnswer unbound = w().post("changefeeds", "{\"changefeed_id\":5}");
  EXPECT_EQ(unbound.status, 400);
  EXPECT_EQ(unbound.content_type, "text/plain; charset=utf-8");
  const HttpAnswer panic =
      w().post("changefeeds", R"({"changefeed_id":"pan","sink_uri":")" + w().west().sink_uri() +
                                  R"(","replica_config":null})");
  EXPECT_EQ(panic.status, 500);
  EXPECT_EQ(panic.body, "");
  EXPECT_EQ(panic.content_type, "");
}

TEST_P(ApiRulesTest, T04_TakesIntegersOnlyAndDurationsBothWays) {
  for (const char* start : {"\"5\"", "4.7e17", "-1", "1.5"}) {
    EXPECT_EQ(w().create("num", std::string(",\"start_ts\":") + start).status, 400) << start;
  }
  w().drop("dur");
  const HttpAnswer made =
      w().create("dur", "",
                 R"({"sync_point_interval":"1h30m","sync_point_retention":7200000000000,)"
                 R"("nonsense":1,"filter":{"rules":["rt.a"]}})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.json()["config"]["sync_point_interval"], 5400000000000);
  EXPECT_EQ(made.json()["config"]["sync_point_retention"], 7200000000000);
  EXPECT_EQ(made.json()["upstream_id"].get<std::uint64_t>(), w().east().state().cluster_id);
  w().drop("dur");
}

TEST_P(ApiRulesTest, T05_CallsTheNameSpaceByItsName) {
  const std::string key = new_arch() ? "keyspace" : "namespace";
  const std::string other = new_arch() ? "namespace" : "keyspace";
  w().running("c1");
  EXPECT_EQ(w().detail("c1")[key], "default");
  EXPECT_FALSE(w().detail("c1").contains(other));
  EXPECT_EQ(w().get("changefeeds?" + key + "=default").json()["items"][0][key], "default");
}

TEST_P(ApiRulesTest, T06_GivesTimestampsThatOnlyGrow) {
  std::uint64_t last = 0;
  for (int i = 0; i < 5; ++i) {
    const Json answer = w().post("tso", "{}").json();
    const std::uint64_t tso =
        answer["timestamp"].get<std::uint64_t>() << 18U | answer["logic_time"].get<std::uint64_t>();
    EXPECT_GT(tso, last);
    last = tso;
  }
  EXPECT_EQ(w().post("tso").status, new_arch() ? 200 : 400) << "a body is needed in classic";
}

TEST_P(ApiRulesTest, T07_KeepsTheSinkAndMasksItsPassword) {
  w().running("c1");
  const std::string shown = w().detail("c1")["sink_uri"];
  EXPECT_NE(shown.find(":xxxxx@"), std::string::npos) << shown;
  EXPECT_EQ(w().create("bad_id").json()["error_code"], "CDC:ErrAPIInvalidParam");
  EXPECT_EQ(w().create(std::string(129, 'a')).status, 400);
  const HttpAnswer named =
      w().post("changefeeds", R"({"sink_uri":")" + w().west().sink_uri() +
                                  R"(","replica_config":{"filter":{"rules":["rt.a"]}}})");
  ASSERT_EQ(named.status, 200) << named.body;
  const std::string id = named.json()["id"];
  if (new_arch()) {
    const Json gid = named.json()["gid"];
    EXPECT_EQ(id, std::to_string(gid["low"].get<std::uint64_t>()) +
                      std::to_string(gid["high"].get<std::uint64_t>()));
  } else {
    EXPECT_EQ(id.size(), 36U) << "a UUID";
  }
  w().drop(id);
}

TEST_P(ApiRulesTest, T08_LosesWhatAPartialUpdateDoesNotName) {
  w().drop("part");
  ASSERT_EQ(w().create("part", "",
                       R"({"enable_sync_point":true,"case_sensitive":true,)"
                       R"("filter":{"rules":["rt.a"]},"mounter":{"worker_num":4}})")
                .status,
            200);
  w().stopped("part");
  ASSERT_EQ(w().put("part", R"({"replica_config":{"filter":{"rules":["rt.a"]}}})").status, 200);
  ASSERT_TRUE(
      eventually([&] { return w().detail("part")["config"]["mounter"]["worker_num"] == 16; }));
  const Json config = w().detail("part")["config"];
  EXPECT_EQ(config["case_sensitive"], false);
  EXPECT_EQ(config["check_gc_safe_point"], new_arch()) << "plain scalars are zero in classic";
  const bool plain = GetParam().ticdc < Version{7, 0, 0};  // v6.5 has no pointers
  EXPECT_EQ(config.contains("enable_sync_point"), plain);
  EXPECT_EQ(config.value("enable_sync_point", false), false);
  EXPECT_EQ(config.contains("bdr_mode"), plain || new_arch());
  EXPECT_EQ(config.value("bdr_mode", false), false);
  EXPECT_EQ(config["sink"].contains("csv"), plain || new_arch())
      << "stripped when a feed is loaded";
  w().drop("part");
}

TEST_P(ApiRulesTest, T08_PutsTheWholeConfigBackWithoutADifference) {
  const Json before = w().detail(w().stopped("whole"))["config"];
  Json changed = before;
  changed["mounter"]["worker_num"] = before["mounter"]["worker_num"].get<int>() + 1;
  ASSERT_EQ(w().put("whole", R"({"replica_config":)" + changed.dump() + "}").status, 200);
  ASSERT_TRUE(eventually([&] { return w().detail("whole")["config"] == changed; }))
      << w().detail("whole")["config"] << "\n"
      << changed;
  w().drop("whole");
}

TEST_P(ApiRulesTest, T09_ValidatesInTheOrderOfTheServer) {
  // Everything is wrong at once; what is repaired first is what was refused first.
  const std::string sink = ApiWorld::dead_sink();
  const std::string bad = R"({"filter":{"rules":["rt.*"]},"changefeed_error_stuck_duration":"1m"})";
  const auto code = [&](const std::string& id, const std::string& uri, const std::string& more,
                        const std::string& config) {
    return w()
        .post("changefeeds", R"({"changefeed_id":")" + id + R"(","sink_uri":")" + uri +
                                 R"(","replica_config":)" + config + more + "}")
        .json()["error_code"]
        .get<std::string>();
  };
  const std::string future = ",\"start_ts\":" + std::to_string(w().tso_in(3600));
  const std::string past = ",\"target_ts\":5";
  w().running("c1");
  EXPECT_EQ(code("c1", sink, future + past, bad), "CDC:ErrChangeFeedAlreadyExists");
  EXPECT_EQ(code("x9", "", future + past, bad), "CDC:ErrSinkURIInvalid");
  EXPECT_EQ(code("x9", sink, future + past, bad), "CDC:ErrAPIInvalidParam");
  EXPECT_EQ(code("x9", sink, past, bad), "CDC:ErrTargetTsBeforeStartTs");
  EXPECT_EQ(code("x9", sink, "", bad), "CDC:ErrInvalidReplicaConfig");
  EXPECT_EQ(code("x9", sink, "", R"({"filter":{"rules":["rt.*"]}})"), "CDC:ErrTableIneligible");
  EXPECT_EQ(code("x9", sink, "", R"({"filter":{"rules":["rt.a"]}})"),
            "CDC:ErrMySQLConnectionError");
}

TEST_P(ApiRulesTest, T09_LeavesTheHoldOfARefusedCreateBehind) {
  ASSERT_EQ(
      w().post("changefeeds", R"({"changefeed_id":"held","sink_uri":")" + ApiWorld::dead_sink() +
                                  R"(","replica_config":{"filter":{"rules":["rt.a"]}}})")
          .status,
      400);
  bool found = false;
  for (const ServiceSafepoint& held : w().east().state().safepoints.list()) {
    found = found || held.service_id.find("-creating-default_held") != std::string::npos;
  }
  EXPECT_TRUE(found);
}

TEST_P(ApiRulesTest, T09_RefusesAFeedIntoItsOwnClusterOnlyWhereTheServerDoes) {
  const HttpAnswer answer =
      w().post("changefeeds", R"({"changefeed_id":"own","sink_uri":")" + w().east().sink_uri() +
                                  R"(","replica_config":{"filter":{"rules":["rt.a"]}}})");
  EXPECT_EQ(answer.status, new_arch() ? 500 : 200) << answer.body;
  if (answer.status == 200) w().drop("own");
}

TEST_P(ApiRulesTest, T10_FiltersTheListByRawState) {
  w().running("c1");
  w().stopped("lst");
  const auto ids = [&](const std::string& query) {
    std::vector<std::string> out;
    const Json answer = w().get("changefeeds" + query).json();
    for (const Json& item : answer["items"]) out.push_back(item["id"]);
    return out;
  };
  EXPECT_THAT(ids("?state=stopped"), ::testing::Contains("lst"));
  EXPECT_THAT(ids("?state=stopped"), ::testing::Not(::testing::Contains("c1")));
  EXPECT_THAT(ids("?state=normal"), ::testing::Contains("c1"));
  EXPECT_THAT(ids(""), ::testing::IsSupersetOf({"c1", "lst"}));
  EXPECT_THAT(ids("?state=all"), ::testing::IsSupersetOf({"c1", "lst"}));
  EXPECT_TRUE(ids("?state=nonsense").empty());
  const Json all = w().get("changefeeds").json();
  for (const Json& item : all["items"]) EXPECT_TRUE(item.contains("error"));
  const std::vector<std::string> listed = ids("");
  EXPECT_TRUE(new_arch() || std::is_sorted(listed.begin(), listed.end()));
  w().drop("lst");
}

TEST_P(ApiRulesTest, T11_ShowsPositionsAsTheFamilyDoes) {
  w().stopped("pos");
  const Json detail = w().detail("pos");
  const Json status = w().get("changefeeds/pos/status").json();
  if (new_arch()) {
    EXPECT_EQ(detail["resolved_ts"], detail["checkpoint_ts"]);
    EXPECT_EQ(status["resolved_ts"], status["checkpoint_ts"]);
    EXPECT_FALSE(detail.contains("admin_job_type"));
  } else {
    EXPECT_EQ(detail["resolved_ts"], 0);
    EXPECT_EQ(status["resolved_ts"], 0);
    EXPECT_EQ(detail["admin_job_type"], 1);
  }
  EXPECT_FALSE(detail.contains("task_status"));
  EXPECT_FALSE(detail.contains("maintainer_addr"));
  w().running("pos");
  ASSERT_TRUE(eventually(
      [&] { return w().detail("pos").contains(new_arch() ? "maintainer_addr" : "task_status"); }));
  w().drop("pos");
}

TEST_P(ApiRulesTest, T12_PausesAndDeletesAtOnceOrLater) {
  w().running("adm");
  const Millis pause = time_of([&] { w().post("changefeeds/adm/pause"); });
  if (new_arch()) {
    EXPECT_GE(pause, kSecond) << "the ticker of the coordinator";
    EXPECT_EQ(w().east().state_of("adm"), "stopped");
  } else {
    EXPECT_LT(pause, kSecond);
    ASSERT_TRUE(eventually([&] { return w().east().state_of("adm") == "stopped"; }));
  }
  const Millis removal = time_of([&] { EXPECT_EQ(w().remove("adm").body, "{}"); });
  EXPECT_EQ(removal >= kSecond, new_arch());
  EXPECT_EQ(w().remove("adm").body, new_arch() ? "null" : "{}");
}

TEST_P(ApiRulesTest, T12_StopsAFeedThatIsNotRunningOnlyInTheNewArchitecture) {
  ASSERT_EQ(w().create("fin2", ",\"target_ts\":" + std::to_string(w().tso_in(2))).status, 200);
  ASSERT_TRUE(eventually([&] { return w().east().state_of("fin2") == "finished"; }));
  EXPECT_EQ(w().post("changefeeds/fin2/pause").status, 200);
  if (new_arch()) {
    EXPECT_EQ(w().east().state_of("fin2"), "stopped");
  } else {
    EXPECT_EQ(w().east().state_of("fin2"), "finished") << "dropped without a word";
  }
  w().drop("fin2");
}

TEST_P(ApiRulesTest, T12_ResumesARunningFeedSilentlyOrNot) {
  w().running("c1");
  const HttpAnswer answer = w().post("changefeeds/c1/resume", "{}");
  EXPECT_EQ(answer.status, new_arch() ? 400 : 200);
  EXPECT_EQ(w().post("changefeeds/nope/resume", "{}").status, 400);
  w().stopped("body");
  EXPECT_EQ(w().post("changefeeds/body/resume").status, new_arch() ? 200 : 400);
  w().drop("body");
}

TEST_P(ApiRulesTest, T12_LetsOneOfTwoCreatesOfAnIdWin) {
  HttpAnswer one;
  HttpAnswer two;
  {
    const std::jthread other([&] { one = w().create("twin"); });
    two = w().create("twin");
  }
  EXPECT_EQ(std::min(one.status, two.status), 200);
  const HttpAnswer& loser = one.status == 200 ? two : one;
  EXPECT_EQ(loser.status, 500) << loser.body;
  if (new_arch()) {
    EXPECT_EQ(loser.json()["error_code"], "") << loser.body;
  }
  w().drop("twin");
}

TEST_P(ApiRulesTest, T13_UpdatesOnlyWhatStands) {
  const std::string changed = R"({"replica_config":{"filter":{"rules":["rt.a","x.*"]}}})";
  w().running("upd");
  EXPECT_EQ(w().put("upd", changed).json()["error_code"], "CDC:ErrChangefeedUpdateRefused");
  w().stopped("upd");
  EXPECT_EQ(w().put("upd", R"({"target_ts":5})").status, 400);
  EXPECT_EQ(w().put("upd", "{}").status, new_arch() ? 200 : 400) << "nothing changes";
  EXPECT_EQ(w().put("upd", "{\"start_ts\":5,\"target_ts\":" + std::to_string(w().tso_in(600)) + "}")
                .status,
            new_arch() ? 400 : 200)
      << "start_ts";
  EXPECT_EQ(w().put("upd", changed).status, 200);
  w().drop("upd");
}

TEST_P(ApiRulesTest, T13_ShowsAnUpdateLateInClassicAndARefusedOneInTheNewArchitecture) {
  w().stopped("late");
  const Json before = w().detail("late")["config"];
  ASSERT_EQ(w().put("late", R"({"replica_config":{"filter":{"rules":["rt.a","x.*"]}}})").status,
            200);
  EXPECT_EQ(w().detail("late")["config"] == before, !new_arch());
  ASSERT_TRUE(eventually([&] { return w().detail("late")["config"] != before; }));
  const Json accepted = w().detail("late");
  EXPECT_EQ(w().put("late", R"({"sink_uri":"mysql://root@127.0.0.1:1/"})").status, 400);
  const bool half_applied = w().detail("late")["sink_uri"] != accepted["sink_uri"];
  EXPECT_EQ(half_applied, new_arch());
  if (new_arch()) {
    EXPECT_EQ(w().post("changefeeds/late/resume", "{}").status, 400)
        << "checked against the refused sink";
    EXPECT_EQ(w().put("late", R"({"target_ts":)" + std::to_string(w().tso_in(600)) + "}").status,
              400);
  }
  w().drop("late");
}

TEST_P(ApiRulesTest, T14_ResumesFromWhereItIsTold) {
  w().stopped("over");
  const std::uint64_t start = w().detail("over")["start_ts"].get<std::uint64_t>();
  const auto resume = [&](std::uint64_t to) {
    return w().post("changefeeds/over/resume",
                    "{\"overwrite_checkpoint_ts\":" + std::to_string(to) + "}");
  };
  EXPECT_EQ(resume(w().tso_in(600)).json()["error_code"], "CDC:ErrAPIInvalidParam");
  w().east().state().safepoints.set("test_worker", w().now(), std::chrono::seconds{60});
  EXPECT_EQ(resume(w().tso_in(-86400)).json()["error_code"], "CDC:ErrStartTsBeforeGC");
  w().east().state().safepoints.remove("test_worker");
  const std::uint64_t to = w().now();
  ASSERT_EQ(resume(to).status, 200);
  const Json shown = w().detail("over");
  EXPECT_GE(shown["checkpoint_ts"].get<std::uint64_t>(), to);
  EXPECT_EQ(shown["start_ts"].get<std::uint64_t>(), new_arch() ? start : to);
  w().drop("over");
}

TEST_P(ApiRulesTest, T25_CallsANewFeedSynced) {
  w().drop("syn");
  w().running("syn");
  const Json answer = w().get("changefeeds/syn/synced").json();
  EXPECT_EQ(answer["synced"], true) << "nothing was synced ever, so nothing is missing";
  EXPECT_EQ(answer["last_synced_ts"], "1970-01-01 00:00:00.000");
  EXPECT_EQ(answer["info"],
            new_arch() ? "The data syncing is finished" : "Data syncing is finished");
  if (!new_arch()) {
    const HttpAnswer strict = w().east().call(
        "GET", "changefeeds/syn/synced",
        R"({"replica_config":{"synced_status":{"checkpoint_interval":1,"synced_check_interval":4000000000}}})");
    EXPECT_EQ(strict.json()["synced"], false) << "thresholds of the call";
  }
  w().drop("syn");
}

std::string profile_name(const ::testing::TestParamInfo<Profile>& info) {
  std::string name = info.param.name;
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(Profiles, ApiRulesTest, ::testing::ValuesIn(all_profiles()), profile_name);

}  // namespace
}  // namespace bdrmesh::lab
