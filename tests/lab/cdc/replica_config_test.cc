#include "lab/config/replica_config.h"

#include <fstream>
#include <gtest/gtest.h>

#include "lab/config/config_checks.h"
#include "lab/config/json_types.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {
namespace {

OrderedJson recorded(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/ticdc/" + name + ".json");
  return OrderedJson::parse(in);
}

TEST(ReplicaConfig, AnswersACreateAsARealServerDid) {
  EXPECT_EQ(replica_config_for_create("").answer,
            recorded("real-classic-9.0dev-create-minimal")["config"].dump());
}

TEST(ReplicaConfig, ShowsLaterOnlyWhatAMysqlSinkUses) {
  const ReplicaConfig config =
      replica_config_for_create(R"({"bdr_mode":true,"filter":{"rules":["rt.*"]}})");
  OrderedJson expected = recorded("real-classic-9.0dev-detail-ddl-failing-normal")["config"];
  EXPECT_EQ(config.shown, expected.dump());
}

TEST(ReplicaConfig, LosesSwitchesOfAPartialUpdate) {
  const ReplicaConfig config = replica_config_for_update(R"({"filter":{"rules":["rt.*"]}})");
  OrderedJson expected = recorded("real-classic-9.0dev-detail-after-partial-update")["config"];
  expected["sink"].erase("transaction_atomicity");  // of that server's sink URI
  EXPECT_EQ(config.shown, expected.dump());
  EXPECT_FALSE(config.bdr_mode);
}

TEST(ReplicaConfig, KeepsAFullConfigThatIsPutBack) {
  const ReplicaConfig made =
      replica_config_for_create(R"({"bdr_mode":true,"sync_point_interval":"1h30m"})");
  EXPECT_EQ(replica_config_for_update(made.shown).shown, made.shown);
}

TEST(ReplicaConfig, TakesDurationsAsNumbersAndAsGoText) {
  EXPECT_EQ(replica_config_for_create(R"({"sync_point_interval":"10m"})").answer,
            replica_config_for_create(R"({"sync_point_interval":600000000000})").answer);
}

TEST(ReplicaConfig, IgnoresUnknownKeysAndRefusesWrongTypes) {
  EXPECT_FALSE(replica_config_for_create(R"({"bdr-mode":true,"nonsense":1})").bdr_mode);
  try {
    replica_config_for_create(R"({"bdr_mode":"yes"})");
    FAIL() << "accepted";
  } catch (const ApiError& e) {
    EXPECT_EQ(e.status, 400);
    EXPECT_TRUE(e.plain_text_header);
  }
}

TEST(ReplicaConfig, RefusesWithTheServersWords) {
  const auto refusal = [](const std::string& json) {
    try {
      require_valid(replica_config_for_create(json));
    } catch (const ApiError& e) {
      return e.message();
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal(R"({"enable_sync_point":true,"sync_point_interval":"10s"})"),
            recorded("real-classic-9.0dev-create-error-sync-point-interval")["error_msg"]);
  EXPECT_EQ(refusal(R"({"changefeed_error_stuck_duration":"1m"})"),
            recorded("real-classic-9.0dev-create-error-stuck-duration")["error_msg"]);
  EXPECT_EQ(refusal(R"({"consistent":{"level":"eventual","storage":"xx://a"}})"),
            recorded("real-classic-9.0dev-create-error-redo-bad-storage")["error_msg"]);
  EXPECT_EQ(refusal(R"({"consistent":{"level":"Eventual"}})"), "accepted");
}

}  // namespace
}  // namespace bdrmesh::lab
