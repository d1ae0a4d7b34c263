// What a TiCDC node tells besides the API proper: metrics; and whom it lets ask.
#include <gmock/gmock.h>
#include <set>
#include <sstream>

#include "lab/cdc/api_world.h"
#include "lab/cdc/open_api.h"
#include "lab/changes/position_sampler.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab {
namespace {

std::set<std::string> names_of(const std::string& page) {
  std::set<std::string> names;
  for (std::size_t at = page.find("# TYPE "); at != std::string::npos;
       at = page.find("# TYPE ", at + 1)) {
    const std::size_t from = at + 7;
    names.insert(page.substr(from, page.find(' ', from) - from));
  }
  return names;
}

/// Value of the first sample that begins with `head`; -1 when there is none.
double value_of(const std::string& page, const std::string& head) {
  const std::size_t at = page.find("\n" + head);
  if (at == std::string::npos) return -1;
  const std::size_t end = page.find('\n', at + 1);
  const std::string line = page.substr(at + 1, end - at - 1);
  return std::stod(line.substr(line.rfind(' ') + 1));
}

class MetricsTest : public ::testing::TestWithParam<Profile> {};

TEST_P(MetricsTest, T11_TellsPositionsAndStatesOfFeedsByTheNamesOfTheFamily) {
  BDR_NEEDS_MARIADB();
  ApiWorld& w = ApiWorld::of(GetParam());
  const bool new_arch = !GetParam().is_classic();
  w.running("met");
  ASSERT_TRUE(eventually([&] {
    return w.get_page("/metrics").body.find("ticdc_owner_checkpoint_ts_lag{changefeed=\"met\"") !=
           std::string::npos;
  }));
  const HttpAnswer answer = w.get_page("/metrics");
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  const std::string& page = answer.body;
  const std::string feed = "{changefeed=\"met\",namespace=\"default\"}";
  constexpr int kLogicalBits = 18;
  const double shown =
      static_cast<double>(w.detail("met")["checkpoint_ts"].get<std::uint64_t>() >> kLogicalBits);
  EXPECT_NEAR(value_of(page, "ticdc_owner_checkpoint_ts" + feed), shown, 10000);
  EXPECT_GE(value_of(page, "ticdc_owner_checkpoint_ts_lag" + feed), 0);
  EXPECT_GE(value_of(page, "ticdc_owner_resolved_ts_lag" + feed), 0);
  EXPECT_EQ(value_of(page, "ticdc_owner_status" + feed), 0);
  const std::set<std::string> names = names_of(page);
  EXPECT_THAT(names, ::testing::IsSupersetOf(
                         {"ticdc_sink_execution_error", "ticdc_owner_resolved_ts",
                          "ticdc_gc_min_service_gc_safepoint", "ticdc_owner_ownership_counter"}));
  EXPECT_EQ(names.contains("ticdc_server_build_info"), new_arch);
  EXPECT_EQ(names.contains("ticdc_coordinator_changefeed_state"), new_arch);
  EXPECT_EQ(names.contains("ticdc_maintainer_checkpoint_ts"), new_arch);
  EXPECT_EQ(names.contains("ticdc_sink_dml_event_affected_row_count"), new_arch);
  EXPECT_EQ(names.contains("ticdc_owner_barrier_ts"), !new_arch);
  EXPECT_EQ(names.contains("ticdc_processor_num_of_tables"), !new_arch);
  w.stopped("met");
  EXPECT_EQ(value_of(w.get_page("/metrics").body, "ticdc_owner_checkpoint_ts_lag" + feed), -1)
      << "the series of a stopped feed is gone";
  w.drop("met");
}

std::string profile_name(const ::testing::TestParamInfo<Profile>& info) {
  std::string name = info.param.name;
  std::erase_if(name, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; });
  return name;
}

INSTANTIATE_TEST_SUITE_P(Profiles, MetricsTest, ::testing::ValuesIn(all_profiles()), profile_name);

/// A recorded answer with its head, in either form of the recordings.
struct Page {
  int status = 0;  ///< 0: the connection was reset
  std::string type;
  std::string body;
};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

Page recorded_page(const std::string& file) {
  const std::string text = recorded_text(file);
  Page page;
  const std::size_t number = text.find(' ') + 1;
  page.status = std::max(0, std::stoi(text.substr(number)));
  const std::size_t head = std::min(text.find("\n\n"), text.size());
  const std::string name = "Content-Type: ";
  if (const std::size_t at = text.substr(0, head).find(name); at != std::string::npos) {
    page.type = text.substr(at + name.size(), text.find('\n', at) - at - name.size());
    if (page.type == "None") page.type.clear();
  }
  if (page.status != 0 && head + 2 < text.size()) page.body = trimmed(text.substr(head + 2));
  return page;
}

void expect_page(const HttpAnswer& answer, const std::string& file) {
  SCOPED_TRACE(file);
  const Page page = recorded_page(file);
  EXPECT_EQ(answer.status, page.status);
  EXPECT_EQ(answer.content_type, page.type);
  EXPECT_EQ(trimmed(answer.body), page.body);
}

TEST(RecordedPages, T02_OfClassic) {
  BDR_NEEDS_MARIADB();
  ApiWorld& w = ApiWorld::of(find_profile("classic-8.5"));
  expect_page(w.get("changefeeds/"), "real-classic-9.0dev-trailing-slash-get.txt");
  expect_page(w.post("changefeeds/"), "real-classic-9.0dev-trailing-slash-post.txt");
  expect_page(w.get("nosuch"), "real-classic-9.0dev-unknown-path.txt");
  expect_page(w.east().call("PATCH", "changefeeds/x"), "real-classic-9.0dev-wrong-method.txt");
  const std::string body = R"({"changefeed_id":"t-null","sink_uri":")" + w.west().sink_uri() +
                           R"(","replica_config":null})";
  expect_page(w.post("changefeeds", body),
              "real-classic-9.0dev-create-error-replica-config-null.txt");
}

TEST(RecordedPages, T02_OfTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  ApiWorld& w = ApiWorld::of(find_profile("new-8.5"));
  expect_page(w.get("changefeeds/"), "real-new-9.0dev-trailing-slash-get.txt");
  expect_page(w.post("changefeeds/"), "real-new-9.0dev-trailing-slash-post.txt");
  expect_page(w.get("nonsense"), "real-new-9.0dev-404.txt");
  expect_page(w.post("captures/x/drain"), "real-new-9.0dev-drain-absent.txt");
  expect_page(w.get("changefeeds/x/meta_info"), "real-new-9.0dev-meta-info-404.txt");
  expect_page(w.east().call("DELETE", "changefeeds"),
              "real-new-9.0dev-wrong-method-delete-list.txt");
  const std::string body =
      R"({"changefeed_id":"x1","sink_uri":")" + w.west().sink_uri() + R"(","replica_config":null})";
  expect_page(w.post("changefeeds", body), "real-new-9.0dev-create-config-null.txt");
}

/// Names of metrics with the names of their labels: `name{changefeed,namespace}`.
std::set<std::string> series_of(const std::string& page) {
  std::set<std::string> out;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::string series;
    bool inside = false;
    for (const char c : line.substr(0, line.rfind(' '))) {
      if (c == '"') inside = !inside;
      if (!inside && c != '"') series += c;
    }
    std::erase(series, '=');
    out.insert(series);
  }
  return out;
}

TEST(RecordedPages, T11_OfMetricsInTheNewArchitecture) {
  BDR_NEEDS_MARIADB();
  ApiWorld& w = ApiWorld::of(find_profile("new-8.5"));
  w.drop("c3-c4");
  ASSERT_EQ(w.create("c3-c4", "",
                     R"({"filter":{"rules":["rt.a"]},)"
                     R"("consistent":{"level":"eventual","storage":"blackhole://"}})")
                .status,
            200);
  ASSERT_TRUE(eventually([&] { return w.detail("c3-c4").contains("maintainer_addr"); }));
  w.east().node().feed_book().renew_gc();  // else within a minute
  std::set<std::string> wanted = series_of(recorded_text("real-new-9.0dev-metrics-selected.txt"));
  // What the lab's feeds do not tell: single DDL statements, and who did what when.
  std::erase_if(wanted, [](const std::string& series) {
    return series.starts_with("ticdc_ddl_exec_") ||
           series.starts_with("ticdc_owner_changefeed_operation_time") ||
           series.starts_with("ticdc_sink_changefeed_downstream_is_tidb");
  });
  EXPECT_THAT(series_of(w.get_page("/metrics").body), ::testing::IsSupersetOf(wanted));
  w.drop("c3-c4");
}

std::string base64(const std::string& text) {
  static const std::string digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > text.size();
      out += padding ? '=' : digits[group >> (18 - 6 * k) & 63U];
    }
  }
  return out;
}

/// An API without a running TiCDC behind it: enough to be turned away.
class AuthTest : public ::testing::Test {
 protected:
  HttpResponse ask(const Profile& profile, const std::string& method, const std::string& path,
                   const std::string& authorization) {
    ClusterState cluster(clock_, "auth", profile);
    const PositionSampler sampler(cluster, Millis{1000});
    Owner owner(cluster, sampler, {});
    NodeFacts node;
    node.client_users = {"ops"};
    OpenApi api(cluster, owner, node, 86400, {[] {}, [] {}});
    HttpRequest request;
    request.method = method;
    request.path = "/api/v2/" + path;
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    return api.handle(request);
  }

  static std::string code_of(const HttpResponse& response) {
    return parse_json(response.body, "answer")["error_code"];
  }

  SystemClock clock_;
  const Profile& classic_ = find_profile("classic-8.5");
  const Profile& new_arch_ = find_profile("new-8.5");
};

TEST_F(AuthTest, T01_AsksForAUserWhereTheFamilyProtects) {
  const auto status = [&](const Profile& profile, const char* method, const char* path) {
    return ask(profile, method, path, "").status;
  };
  for (const Profile* profile : {&classic_, &new_arch_}) {
    EXPECT_EQ(status(*profile, "POST", "changefeeds"), 401);
    EXPECT_EQ(status(*profile, "PUT", "changefeeds/x"), 401);
    EXPECT_EQ(status(*profile, "DELETE", "changefeeds/x"), 401);
    EXPECT_EQ(status(*profile, "POST", "changefeeds/x/pause"), 401);
    EXPECT_EQ(status(*profile, "POST", "changefeeds/x/resume"), 401);
    EXPECT_EQ(status(*profile, "GET", "unsafe/metadata"), 401);
    EXPECT_EQ(status(*profile, "GET", "changefeeds"), 200);
    EXPECT_EQ(status(*profile, "GET", "changefeeds/x"), 400);
    EXPECT_EQ(status(*profile, "GET", "captures"), 200);
    EXPECT_EQ(status(*profile, "GET", "health"), 200);
    EXPECT_EQ(status(*profile, "POST", "owner/resign"), 200);
  }
  EXPECT_EQ(status(classic_, "GET", "changefeeds/x/status"), 400) << "open in classic";
  EXPECT_EQ(status(new_arch_, "GET", "changefeeds/x/status"), 401);
  EXPECT_EQ(status(classic_, "GET", "changefeeds/x/synced"), 400);
  EXPECT_EQ(status(new_arch_, "GET", "changefeeds/x/synced"), 401);
  EXPECT_EQ(status(classic_, "GET", "changefeeds/x/meta_info"), 400) << "the password for anybody";
  EXPECT_EQ(status(new_arch_, "POST", "changefeeds/x/move_table"), 401);
  EXPECT_EQ(status(new_arch_, "GET", "changefeeds/x/tables"), 500);
}

TEST_F(AuthTest, T01_TellsWhyItTurnsSomebodyAway) {
  EXPECT_EQ(code_of(ask(classic_, "POST", "changefeeds", "")), "CDC:ErrCredentialNotFound");
  const std::string stranger = "Basic c3RyYW5nZXI6eA==";  // stranger:x
  EXPECT_EQ(code_of(ask(classic_, "POST", "changefeeds", stranger)), "CDC:ErrUnauthorized");
  const std::string ops = "Basic b3BzOnNlY3JldA==";  // ops:secret, but no tidb-server lives
  EXPECT_EQ(code_of(ask(classic_, "POST", "changefeeds", ops)), "CDC:ErrUnauthorized");
  EXPECT_EQ(code_of(ask(new_arch_, "POST", "changefeeds", ops)), "");
  EXPECT_EQ(ask(new_arch_, "POST", "changefeeds", ops).status, 401);
}

TEST(AuthOfNode, T01_LetsInWhoCanLogInToATidbServerOfTheCluster) {
  BDR_NEEDS_MARIADB();
  TicdcOptions options = TestCluster::quick_options();
  TestCluster probe("probe", 1);
  const EngineEndpoint engine = probe.state().engine();
  options.client_users = {engine.admin_user};
  TestCluster east("east", 2, options);
  FrontEndView tidb;  // the engine of another cluster plays the tidb-server
  tidb.address = "127.0.0.1:" + std::to_string(engine.port);
  tidb.alive = true;
  east.state().set_front_end(0, tidb);
  const auto ask = [&](const std::string& password) {
    const std::string login = base64(engine.admin_user + ":" + password);
    return http_call(
        east.node().address(), "DELETE",
        "/api/v2/changefeeds/x HTTP/1.1\r\nAuthorization: Basic " + login + "\r\nX-Rest:");
  };
  EXPECT_EQ(east.call("DELETE", "changefeeds/x").status, 401);
  EXPECT_EQ(ask("wrong").status, 401);
  EXPECT_EQ(ask(engine.admin_password.reveal()).status, 200);
  EXPECT_EQ(
      http_call(east.node().address(), "GET", "/config").json()["security"]["client-user-required"],
      true);
}

TEST_F(AuthTest, T01_HasNoAuthenticationBeforeV8) {
  EXPECT_EQ(ask(find_profile("classic-7.5"), "DELETE", "changefeeds/x", "").status, 200);
  EXPECT_EQ(ask(find_profile("classic-6.5"), "DELETE", "changefeeds/x", "").status, 200);
}

}  // namespace
}  // namespace bdrmesh::lab
