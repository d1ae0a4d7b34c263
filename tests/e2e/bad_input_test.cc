// What a person gets wrong at 3 a.m.: each mistake is told in one message that names the thing and
// says what to do, ends with the documented exit code, and changes nothing anywhere.
#include <curl/curl.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <sstream>

#include "app/config/config.h"
#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr int kUsage = 2;
constexpr int kRefused = 3;
constexpr int kDegraded = 9;

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string http_get(const std::string& url) {
  std::string body;
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(
      curl, CURLOPT_WRITEFUNCTION,
      +[](char* data, std::size_t size, std::size_t count, void* into) {
        static_cast<std::string*>(into)->append(data, size * count);
        return size * count;
      });
  const CURLcode code = curl_easy_perform(curl);
  curl_easy_cleanup(curl);
  EXPECT_EQ(code, CURLE_OK) << url;
  return body;
}

/// The value of a line `key = value`, the `nth` of its kind; lines as the lab writes them.
std::string line_of(const std::string& text, const std::string& key, int nth) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key, 0) == 0 && nth-- == 0) return line;
  }
  return "";
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  if (at != std::string::npos) text.replace(at, what.size(), with);
  return text;
}

class BadInput : public MeshFixture {
 protected:
  void SetUp() override {
    MeshFixture::SetUp();
    if (on_real_clusters()) GTEST_SKIP() << "rewrites the configuration and the users of the lab";
    good_ = read_file(config_path());
  }

  /// Everything that a refused command might have touched.
  static std::string world() {
    const Desired desired = load_config(config_path());
    std::string all;
    for (const std::string& name : clusters()) {
      const ClusterSpec& spec = desired.cluster(ClusterName(name));
      all += name + " role " + role(name) + "\n";
      for (std::size_t server = 0; server < spec.tidb.size(); ++server)
        all += "read-only " + scalar(name, "SELECT @@global.tidb_super_read_only", server) + "\n";
      all += "source id " + scalar(name, "SELECT @@global.tidb_source_id") + "\n";
      all += rows(name,
                  "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, COLUMN_TYPE FROM "
                  "information_schema.columns WHERE TABLE_SCHEMA IN ('app', 'bdrmesh', "
                  "'bdrmesh_local') ORDER BY 1, 2, 3");
      if (has_token_schema(name)) all += rows(name, "SELECT * FROM bdrmesh_local.owner");
      const Json feeds = Json::parse(http_get(spec.ticdc.front() + "/api/v2/changefeeds"));
      for (const Json& feed : feeds.at("items"))
        all += "feed " + feed.at("id").dump() + " " + feed.at("state").dump() + "\n";
    }
    return all;
  }

  static bool has_token_schema(const std::string& cluster) {
    return scalar(cluster,
                  "SELECT COUNT(*) FROM information_schema.tables WHERE TABLE_SCHEMA = "
                  "'bdrmesh_local' AND TABLE_NAME = 'owner'") == "1";
  }

  static std::string rows(const std::string& cluster, const std::string& query) {
    std::string text;
    for (const auto& row : sql(cluster, query)) {
      for (const std::string& value : row) text += value + " ";
      text += "\n";
    }
    return text;
  }

  static std::string write(const std::string& text) {
    const std::string path = work_dir() + "/bad.toml";
    std::ofstream(path) << text;
    return path;
  }

  /// A daemon of its own, with a state of its own, is given this configuration and the command.
  static Finished with_daemon(const std::string& config, const std::vector<std::string>& words) {
    static int number = 0;
    return with_state(config, work_dir() + "/bad-" + std::to_string(++number), words);
  }

  /// As above, on the state file `base`.db; the daemon is started with `options`.
  static Finished with_state(const std::string& config, const std::string& base,
                             const std::vector<std::string>& words,
                             const std::vector<std::string>& options = {}) {
    const std::string state_line = line_of(config, "state ", 0);
    const std::string path = write(replaced(config, state_line, "state = \"" + base + ".db\""));
    std::filesystem::remove(base + ".port");
    std::vector<std::string> serve{BDR_PROGRAM, "serve",       "--config",
                                   path,        "--port-file", base + ".port"};
    serve.insert(serve.end(), options.begin(), options.end());
    Background daemon(serve, base + ".log");
    const bool up =
        eventually([&] { return !read_file(base + ".port").empty() || !daemon.alive(); }) &&
        daemon.alive();
    if (!up) return {daemon.end(), "", daemon.log()};
    std::string port = read_file(base + ".port");
    port = port.substr(0, port.find('\n'));
    std::vector<std::string> command{BDR_PROGRAM};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, {{"BDRMESH_SERVER", "http://127.0.0.1:" + port}});
  }

  void expect_bad_config(const std::string& config, const ::testing::Matcher<std::string>& told) {
    const Finished checked = run({BDR_PROGRAM, "config", "check", write(config)});
    EXPECT_EQ(checked.exit_code, kUsage) << checked.err;
    EXPECT_THAT(checked.out + checked.err, told);
    const Finished served = run({BDR_PROGRAM, "serve", "--config", write(config)});
    EXPECT_EQ(served.exit_code, kUsage) << served.err;
    EXPECT_THAT(served.out + served.err, told);
  }

  void expect_refused_apply(const std::string& config,
                            const ::testing::Matcher<std::string>& told) {
    const std::string before = world();
    const Finished refused = with_daemon(config, {"group", "apply", group()});
    EXPECT_EQ(refused.exit_code, kRefused) << refused.out << refused.err;
    EXPECT_THAT(refused.out + refused.err, told);
    EXPECT_EQ(world(), before);
  }

  static void as_dba(const std::string& cluster, const std::string& statement) {
    const Finished done = run({BDR_LAB_PROGRAM, "sql", cluster, statement, "--dir", lab()});
    ASSERT_EQ(done.exit_code, 0) << done.err;
  }

  static std::string lab() { return work_dir() + "/a lab"; }

  void expect_refused_ddl(const std::string& statement, int exit_code,
                          const ::testing::Matcher<std::string>& told) {
    bring_up();
    const std::string before = world();
    const Finished refused = cli({"ddl", "run", "--group", group(), "--statement", statement});
    EXPECT_EQ(refused.exit_code, exit_code) << refused.out << refused.err;
    EXPECT_THAT(refused.out + refused.err, told);
    EXPECT_EQ(world(), before);
  }

  std::string good_;
};

TEST_F(BadInput, AnUnknownKeyIsNamedWithTheOneThatWasMeant) {
  expect_bad_config(good_ + "\ntabels = [\"x.*\"]\n",
                    AllOf(HasSubstr("tabels"), HasSubstr("tables")));
}

TEST_F(BadInput, ANameIsTakenOnce) {
  expect_bad_config(replaced(good_, "name      = \"west\"", "name = \"east\""),
                    AllOf(HasSubstr("east"), HasSubstr("taken")));
}

TEST_F(BadInput, ANameIsLettersAndDigits) {
  expect_bad_config(replaced(good_, "name      = \"west\"", "name = \"we-st\""),
                    AllOf(HasSubstr("we-st"), HasSubstr("letters and digits")));
}

TEST_F(BadInput, SourceIdNineCannotBeUsed) {
  expect_bad_config(replaced(good_, "source_id = 2", "source_id = 9"),
                    AllOf(HasSubstr("west"), HasSubstr("source_id 9"), HasSubstr("1 to 8")));
}

TEST_F(BadInput, ASourceIdIsUsedOnce) {
  expect_bad_config(replaced(good_, "source_id = 2", "source_id = 1"),
                    AllOf(HasSubstr("west"), HasSubstr("east"), HasSubstr("source_id 1")));
}

TEST_F(BadInput, AClusterIsInOneMeshOnly) {
  expect_bad_config(good_ +
                        "\n[[group]]\nname = \"second\"\nkind = \"multi-active\"\n"
                        "members = [\"east\", \"west\"]\ntables = [\"x.*\"]\n",
                    AllOf(HasSubstr("east"), HasSubstr("second"), HasSubstr("one multi-active")));
}

TEST_F(BadInput, APasswordNeverStandsInTheFileAndIsNotRepeated) {
  const std::string line = line_of(good_, "password  = ", 2);
  expect_bad_config(
      replaced(good_, line, "password = \"hunter2\""),
      AllOf(HasSubstr("west"), HasSubstr("file:"), ::testing::Not(HasSubstr("hunter2"))));
}

TEST_F(BadInput, AClusterThatIsNotThere) {
  const std::string line = line_of(good_, "tidb ", 1);
  expect_refused_apply(replaced(good_, line, "tidb = [\"127.0.0.1:1\"]"),
                       AllOf(HasSubstr("TIDB_UNREACHABLE"), HasSubstr("west"),
                             HasSubstr("127.0.0.1:1"), HasSubstr("bdrmesh doctor")));
}

TEST_F(BadInput, AWrongPassword) {
  const std::string file = work_dir() + "/wrong.password";
  std::ofstream(file) << "not-the-password\n";
  const std::string line = line_of(good_, "password  = ", 2);
  expect_refused_apply(
      replaced(good_, line, "password = \"file:" + file + "\""),
      AllOf(HasSubstr("TIDB_LOGIN"), HasSubstr("west"), HasSubstr("'bdrmesh'"),
            HasSubstr("check user and password"), ::testing::Not(HasSubstr("not-the-password"))));
}

TEST_F(BadInput, AMissingPrivilegeOfOursWithTheGrantToType) {
  as_dba("west", "REVOKE PROCESS ON *.* FROM bdrmesh");
  expect_refused_apply(good_, AllOf(HasSubstr("west"), HasSubstr("PROCESS"), HasSubstr("GRANT ")));
  as_dba("west", "GRANT PROCESS ON *.* TO bdrmesh");
}

TEST_F(BadInput, AMissingPrivilegeOfASinkUserWithTheGrantToType) {
  as_dba("west", "REVOKE INSERT ON *.* FROM cdc_east");
  expect_refused_apply(good_, AllOf(HasSubstr("west"), HasSubstr("cdc_east"), HasSubstr("INSERT"),
                                    HasSubstr("GRANT ")));
  as_dba("west", "GRANT INSERT ON *.* TO cdc_east");
}

TEST_F(BadInput, AGroupThatIsNotThere) {
  const Finished refused = cli({"group", "apply", "nosuch"});
  EXPECT_EQ(refused.exit_code, kRefused) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("UNKNOWN_GROUP"), HasSubstr("nosuch")));
}

TEST_F(BadInput, ADdlWithASyntaxErrorIsFoundBeforeAnythingIsPaused) {
  expect_refused_ddl("ALTER TABLE app.items ADD COLUM x INT", kRefused, HasSubstr("COLUM"));
}

TEST_F(BadInput, AStatementThatIsNoDdl) {
  expect_refused_ddl("DELETE FROM app.items", kRefused,
                     AllOf(HasSubstr("NOT_DDL"), HasSubstr("DELETE")));
}

TEST_F(BadInput, ADdlForAGroupThatIsNotThere) {
  const Finished refused = cli(
      {"ddl", "run", "--group", "nosuch", "--statement", "ALTER TABLE app.items ADD COLUMN x INT"});
  EXPECT_EQ(refused.exit_code, kRefused) << refused.err;
  EXPECT_THAT(refused.err, AllOf(HasSubstr("UNKNOWN_GROUP"), HasSubstr("nosuch")));
}

TEST_F(BadInput, ATicdcThatBelongsToAnotherCluster) {
  bring_up();
  const std::string before = world();
  const std::string east = line_of(good_, "ticdc ", 0);
  const std::string west = line_of(good_, "ticdc ", 1);
  const std::string swapped =
      replaced(replaced(replaced(good_, east, "@@"), west, east), "@@", west);
  const Finished examined = with_daemon(swapped, {"doctor", "--group", group()});
  EXPECT_EQ(examined.exit_code, kDegraded) << examined.out << examined.err;
  EXPECT_THAT(examined.out, AllOf(HasSubstr("TICDC_OF_ANOTHER_CLUSTER"), HasSubstr("east"),
                                  HasSubstr("check `ticdc`")));
  EXPECT_EQ(world(), before);
}

TEST_F(BadInput, ADaemonWithoutItsStateIsToldWhoHoldsTheClusters) {
  bring_up();
  const std::string before = world();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"group", "apply", group()},
        {"verify", "run", "--group", group(), "--level", "links"},
        {"ddl", "run", "--group", group(), "--statement",
         "ALTER TABLE app.items ADD COLUMN x INT"}}) {
    const Finished refused = with_daemon(good_, words);
    EXPECT_EQ(refused.exit_code, kRefused) << refused.out << refused.err;
    EXPECT_THAT(refused.err, AllOf(HasSubstr("TOKEN_HELD"), HasSubstr("managed by")));
  }
  EXPECT_EQ(world(), before);
}

TEST_F(BadInput, TwoDaemonsOnCopiesOfOneStateFileDoNotBothAct) {
  bring_up();
  kill_daemon();
  const std::string copy = work_dir() + "/copied-state";
  const Finished copied =
      run({BDR_PROGRAM, "state", "backup", "--config", config_path(), "--to", copy + ".db"});
  ASSERT_EQ(copied.exit_code, 0) << copied.out << copied.err;
  start_daemon();  // as many starts of the file as the copy is going to have
  bring_up();
  const std::string before = world();

  const Finished twin = with_state(good_, copy, {"group", "apply", group()});
  EXPECT_NE(twin.exit_code, 0) << twin.out << twin.err;
  EXPECT_THAT(twin.out + twin.err, HasSubstr("EPOCH_TWIN"));
  EXPECT_EQ(world(), before);
  bring_up();  // the one that held the clusters goes on

  // The copy started once more takes them over, and the other one acts no more.
  const Finished next = with_state(good_, copy, {"group", "apply", group()});
  EXPECT_EQ(next.exit_code, 0) << next.out << next.err;
  const Finished old = cli({"group", "apply", group()});
  EXPECT_NE(old.exit_code, 0) << old.out << old.err;
  EXPECT_THAT(old.out + old.err, HasSubstr("EPOCH_NEWER"));

  // With the copy stopped for good, the original comes back by a start that the copy has not had.
  for (int starts = 0; starts < 2; ++starts) {
    kill_daemon();
    start_daemon();
  }
  bring_up();
}

TEST_F(BadInput, ALostStateIsReplacedByTakingTheClustersOver) {
  bring_up();
  const std::string manager = scalar(clusters().front(), "SELECT manager FROM bdrmesh_local.owner");
  const std::vector<std::string> over{"--take-over", "--confirm", manager};
  const std::vector<std::string> apply{"group", "apply", group()};
  const Finished alive = with_state(good_, work_dir() + "/too-early", apply, over);
  EXPECT_EQ(alive.exit_code, kRefused) << alive.err;
  EXPECT_THAT(alive.err, HasSubstr("MANAGER_ALIVE"));

  kill_daemon();
  const Finished typo =
      with_state(good_, work_dir() + "/typo", apply, {"--take-over", "--confirm", "east"});
  EXPECT_EQ(typo.exit_code, kRefused) << typo.err;
  EXPECT_THAT(typo.err, HasSubstr("NOT_CONFIRMED"));
  // The feeds are not in the fresh state: each has to be adopted before anything is applied.
  const Finished taken = with_state(good_, work_dir() + "/fresh", apply, over);
  EXPECT_THAT(taken.err, HasSubstr("bdrmesh link adopt"));
  for (const std::string& name : clusters())
    EXPECT_NE(scalar(name, "SELECT manager FROM bdrmesh_local.owner"), manager) << name;

  start_daemon();  // the former manager has its state after all
  const Finished former = cli(apply);
  EXPECT_EQ(former.exit_code, kRefused) << former.out << former.err;
  EXPECT_THAT(former.err, HasSubstr("TOKEN_HELD"));
}

}  // namespace
}  // namespace bdrmesh::e2e
