#include "clients/ticdc/ticdc_json.h"

#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <set>

#include "base/error.h"
#include "clients/http/http_pd_client.h"
#include "clients/ticdc/ticdc_errors.h"
#include "unit/clients/data_files.h"

namespace bdrmesh {
namespace {

using test::read_data;

struct Recorded {
  std::string name;  ///< without family and version: `list-stopped`
  std::string file;
  std::string body;
};

/// Endpoints that the product never asks; their answers serve other tests.
bool is_never_asked(const std::string& name) {
  static const std::set<std::string> others{
      "config",          "meta-info", "failpoints-list",  "keyspace-default", "keyspace-unknown",
      "root-status",     "tables",    "dispatcher-count", "get-all-tables",   "log-redact",
      "unsafe-metadata", "v1-list",   "v1-detail",        "v1-status"};
  return others.contains(name) || name.starts_with("meta-info") || name.starts_with("drain") ||
         name.starts_with("tables") || name.starts_with("captures") ||
         name.starts_with("processor") || name.starts_with("synced");
}

std::vector<Recorded> recorded_answers() {
  std::vector<Recorded> out;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(BDR_TEST_DATA) / "ticdc")) {
    const std::string file = entry.path().filename().string();
    if (!file.starts_with("real-") || !file.ends_with(".json")) continue;
    const std::size_t version = file.find("9.0dev-");
    const std::string name = file.substr(version + 7, file.size() - version - 7 - 5);
    if (is_never_asked(name)) continue;
    out.push_back({name, file, read_data("ticdc/" + file)});
  }
  return out;
}

bool is_failure(const Recorded& answer) {
  return answer.body.find("\"error_code\"") != std::string::npos;
}

bool is_server_status(const std::string& name) {
  const std::set<std::string> names{"status", "status-server", "status-server-non-owner",
                                    "status-not-owner"};
  return names.contains(name);
}

/// Reads the answer as what its name says. @return false when no reader of ours is meant for it.
bool read_by_name(const Recorded& answer) {
  const auto begins = [&](const char* word) { return answer.name.starts_with(word); };
  if (is_failure(answer)) {
    const TicdcFailure failure = read_ticdc_failure(answer.body);
    return !failure.message.empty();
  }
  if (begins("list")) {
    read_feed_list(answer.body);
  } else if (begins("detail") || begins("create") || begins("update")) {
    return !read_feed_detail(answer.body).id.empty();
  } else if (is_server_status(answer.name)) {
    return !read_ticdc_server(answer.body).version.empty();
  } else if (begins("status")) {
    read_feed_status(answer.body);
  } else if (begins("tso")) {
    return read_ticdc_tso(answer.body).is_set();
  } else if (begins("verify-table")) {
    read_eligible_tables(answer.body);
  } else {
    // health, pause, resume, delete: `{}` or `null`, whose body nobody reads
    return answer.body.starts_with("{}") || answer.body.starts_with("null");
  }
  return true;
}

TEST(TicdcJson, ReadsEveryRecordedAnswerAsWhatItsNameSays) {
  const auto answers = recorded_answers();
  ASSERT_GT(answers.size(), 250U);
  for (const Recorded& answer : answers) {
    SCOPED_TRACE(answer.file);
    EXPECT_TRUE(read_by_name(answer));
  }
}

TEST(TicdcJson, ReadsTheList) {
  const auto feeds = read_feed_list(read_data("ticdc/real-classic-9.0dev-list.json"));
  ASSERT_EQ(feeds.size(), 2U);
  EXPECT_EQ(feeds[0].id, ChangefeedId("c1-c2"));
  EXPECT_EQ(feeds[0].state, "normal");
  EXPECT_EQ(feeds[0].checkpoint, Tso(470615496691286019));
  EXPECT_EQ(feeds[0].upstream_id, 7710562140721696964U);
  EXPECT_FALSE(feeds[0].error.has_value());
}

TEST(TicdcJson, ShowsANewbornFeedWithoutCheckpoint) {
  bool newborn = false;
  for (const FeedSummary& feed :
       read_feed_list(read_data("ticdc/real-classic-9.0dev-list-newborn-checkpoint-0.json"))) {
    newborn = newborn || !feed.checkpoint.is_set();
  }
  EXPECT_TRUE(newborn);
}

TEST(TicdcJson, ReadsADetailOfEachFamily) {
  const FeedDetail classic =
      read_feed_detail(read_data("ticdc/real-classic-9.0dev-detail-normal.json"));
  EXPECT_EQ(classic.start_ts, Tso(470615380155432962));
  EXPECT_TRUE(classic.config.at("bdr_mode").get<bool>());
  const FeedDetail young =
      read_feed_detail(read_data("ticdc/real-new-9.0dev-detail-normal-bdr.json"));
  EXPECT_TRUE(young.config.at("bdr_mode").get<bool>());
  EXPECT_TRUE(young.checkpoint.is_set());
}

TEST(TicdcJson, ReadsADetailOfAnOldVersionWithoutPositions) {
  const FeedDetail old = read_feed_detail(read_data("ticdc/changefeed-create-6.5.0.json"));
  EXPECT_FALSE(old.checkpoint.is_set());
  EXPECT_EQ(old.state, "normal");
}

TEST(TicdcJson, ComposesATso) {
  EXPECT_EQ(read_ticdc_tso(read_data("ticdc/real-classic-9.0dev-tso.json")),
            Tso((std::uint64_t{1795255650639} << 18) | 6));
}

TEST(TicdcJson, ReadsEligibleTables) {
  const EligibleTables tables =
      read_eligible_tables(read_data("ticdc/real-classic-9.0dev-verify-table.json"));
  EXPECT_EQ(tables.eligible, (std::vector<TableName>{{"rt", "a"}}));
  EXPECT_EQ(tables.ineligible, (std::vector<TableName>{{"rt", "nokey"}}));
  EXPECT_TRUE(read_eligible_tables("{}").eligible.empty());
}

TEST(TicdcJson, HidesRowValuesInErrorsOfFeeds) {
  int with_error = 0;
  for (const char* file : {"real-new-9.0dev-list-warning-dml.json",
                           "real-new-9.0dev-list-warning-revoked-insert.json"}) {
    for (const FeedSummary& feed : read_feed_list(read_data(std::string("ticdc/") + file))) {
      if (!feed.error) continue;
      ++with_error;
      EXPECT_EQ(feed.error->message.find("[3 "), std::string::npos) << feed.error->message;
      EXPECT_EQ(feed.error->message.find("(3, "), std::string::npos) << feed.error->message;
      EXPECT_NE(feed.error->message.find("Error 1"), std::string::npos)
          << "the cause must stay: " << feed.error->message;
    }
  }
  EXPECT_GE(with_error, 2);
}

TEST(TicdcJson, RefusesPositionsThatAreNoIntegers) {
  for (const char* value :
       {"4.7e17", "\"470615496691286019\"", "-1", "18446744073709551616", "true", "[]"}) {
    const std::string body =
        std::string(R"({"total":1,"items":[{"id":"a","state":"normal","checkpoint_tso":)") + value +
        "}]}";
    EXPECT_THROW(read_feed_list(body), Error) << value;
  }
}

TEST(TicdcJson, UnderstandsFailuresWithoutJson) {
  EXPECT_EQ(read_ticdc_failure("404 page not found").message, "404 page not found");
  EXPECT_EQ(read_ticdc_failure("").message, "");
  EXPECT_EQ(read_ticdc_failure(R"({"error_code":7,"error_msg":null})").code, "");
}

TEST(PdJson, ReadsTheClusterId) {
  EXPECT_EQ(read_pd_cluster_id(read_data("pd/cluster-9.0.0-beta.2.json")), 7710544872894816079U);
  for (const char* body : {"", "{}", "[]", R"({"id":0})", R"({"id":-1})", R"({"id":"1"})"}) {
    EXPECT_THROW(read_pd_cluster_id(body), Error) << body;
  }
  EXPECT_THROW(
      read_pd_cluster_id(read_data("pd/cluster-status-not-bootstrapped-9.0.0-beta.2.json")), Error);
}

std::string mutated(std::string body, std::mt19937& random) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  if (body.empty()) return body;
  switch (below(3)) {
    case 0:
      return body.substr(0, below(body.size()));
    case 1:
      for (std::size_t i = 1 + below(8); i > 0; --i)
        body[below(body.size())] = static_cast<char>(below(256));
      return body;
    default: {
      const std::size_t from = below(body.size());
      return body.insert(below(body.size()), body.substr(from, below(40)));
    }
  }
}

TEST(TicdcJson, SurvivesMutatedAnswers) {
  const unsigned seed = std::random_device{}();
  std::mt19937 random(seed);
  const std::vector<std::function<void(std::string_view)>> readers{
      [](std::string_view body) { read_feed_list(body); },
      [](std::string_view body) { read_feed_detail(body); },
      [](std::string_view body) { read_feed_status(body); },
      [](std::string_view body) { read_ticdc_server(body); },
      [](std::string_view body) { read_eligible_tables(body); },
      [](std::string_view body) { read_ticdc_tso(body); },
      [](std::string_view body) { read_pd_cluster_id(body); }};
  const auto answers = recorded_answers();
  for (int round = 0; round < 2000; ++round) {
    const Recorded& answer =
        answers[std::uniform_int_distribution<std::size_t>(0, answers.size() - 1)(random)];
    const std::string body = mutated(answer.body, random);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round) + ", " +
                 answer.file);
    for (const auto& read : readers) {
      try {
        read(body);
      } catch (const Error& e) {
        EXPECT_EQ(e.kind(), ErrorKind::invalid);
      } catch (const std::exception& e) {
        FAIL() << "another exception: " << e.what();
      }
    }
    EXPECT_FALSE(ticdc_error({HttpOutcome::answered, 500, body, {}}, {"http://x", "try", true})
                     .message()
                     .empty());
  }
}

}  // namespace
}  // namespace bdrmesh
