#include "app/config/config.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "app/config/config_address.h"
#include "app/config/config_fields.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;

/// Two clusters and their mesh, without a fault; tests change one line of it.
constexpr const char* kSound = R"([manager]
state = "state.db"
listen = "127.0.0.1:0"
[[cluster]]
name = "east"
source_id = 1
tidb = ["127.0.0.1:4001", "127.0.0.1:4002"]
pd = ["http://127.0.0.1:2379"]
ticdc = ["http://127.0.0.1:8300"]
user = "bdrmesh"
password = "env:EAST"
[cluster.sink]
address = "10.0.0.1:4000"
user = "cdc_{from}"
password = "file:/keys/east-{from}"
params = { worker-count = "16", safe-mode = true, max-txn-row = 256 }
[[cluster]]
name = "west"
source_id = 2
tidb = ["127.0.0.1:4003"]
pd = ["http://127.0.0.1:2380/"]
ticdc = ["http://127.0.0.1:8301"]
user = "bdrmesh"
password = "exec:print west"
[cluster.sink]
user = "cdc_{from}"
password = "file:/keys/west-{from}"
[[group]]
name = "orders"
kind = "multi-active"
members = ["east", "west"]
tables = ["app.*", "!app.log"]
ddl_primary = "east"
gate = "read-only"
redo = { storage = "s3://redo/orders", max_log_size = 32, flush_interval = "1s" }
)";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) ADD_FAILURE() << "the sound configuration has no '" << what << "'";
  return text.replace(at, what.size(), with);
}

std::string all_of(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += describe(problem, "f") + "\n";
  return text;
}

TEST(Config, ReadsEveryValue) {
  const ConfigResult result = read_config(kSound);
  ASSERT_TRUE(result.ok()) << all_of(result.problems);
  EXPECT_TRUE(result.warnings.empty()) << all_of(result.warnings);
  const ClusterSpec& east = result.desired.cluster(ClusterName("east"));
  EXPECT_EQ(result.desired.manager.listen, "127.0.0.1:0");
  EXPECT_EQ(east.source_id, 1);
  EXPECT_EQ(east.tidb.size(), 2U);
  EXPECT_EQ(east.sink.address, "10.0.0.1:4000");
  EXPECT_EQ(east.sink.user_for(ClusterName("west")), "cdc_west");
  EXPECT_EQ(east.sink.params.at("worker-count"), "16");
  EXPECT_EQ(east.sink.params.at("safe-mode"), "true");
  EXPECT_EQ(east.sink.params.at("max-txn-row"), "256");
  const ClusterSpec& west = result.desired.cluster(ClusterName("west"));
  EXPECT_EQ(west.sink.address, "127.0.0.1:4003")
      << "the first tidb-server when no address is given";
  EXPECT_EQ(west.pd.front(), "http://127.0.0.1:2380") << "without its last slash";
  const GroupSpec& orders = result.desired.group(GroupName("orders"));
  EXPECT_EQ(orders.links().size(), 2U);
  EXPECT_EQ(orders.ddl_primary, ClusterName("east"));
  ASSERT_TRUE(orders.redo);
  EXPECT_EQ(orders.redo->max_log_size, 32);
  EXPECT_EQ(orders.redo->flush_interval, Millis{1000});
}

TEST(Config, ReadsHowOftenEveryTableIsComparedAgain) {
  const auto with = [](const std::string& line) {
    return read_config(replaced(kSound, "state = \"state.db\"", "state = \"state.db\"\n" + line));
  };
  EXPECT_EQ(read_config(kSound).desired.manager.sweep, Millis{0});
  const ConfigResult weekly = with("sweep = \"7d\"\nsweep_load = 5");
  ASSERT_TRUE(weekly.ok()) << all_of(weekly.problems);
  EXPECT_EQ(weekly.desired.manager.sweep, Millis{7LL * 24 * 3600 * 1000});
  EXPECT_EQ(weekly.desired.manager.sweep_load, 5);
  EXPECT_THAT(all_of(with("sweep_load = 101").problems), HasSubstr("percentage"));
}

TEST(Config, ReadsTheExampleThatWeShip) {
  const ConfigResult result =
      read_config_file(std::string(BDR_SOURCE_DIR) + "/configs/example.toml");
  EXPECT_TRUE(result.ok()) << all_of(result.problems);
  EXPECT_TRUE(result.warnings.empty()) << all_of(result.warnings);
  EXPECT_EQ(result.desired.group(GroupName("orders")).links().size(), 6U);
}

TEST(Config, ReadsAPair) {
  const ConfigResult result =
      read_config(replaced(kSound,
                           "kind = \"multi-active\"\nmembers = [\"east\", \"west\"]\ntables = "
                           "[\"app.*\", \"!app.log\"]\nddl_primary = \"east\"",
                           "kind = \"primary-secondary\"\nprimary = \"west\"\nsecondary = "
                           "\"east\"\ntables = [\"app.*\"]\n"
                           "syncpoint = { interval = \"10m\", retention = \"1h\" }\nbackup = { "
                           "storage = \"s3://b/x\", rate_limit = \"120MB/s\" }"));
  ASSERT_TRUE(result.ok()) << all_of(result.problems);
  const GroupSpec& group = result.desired.groups.at(0);
  EXPECT_EQ(group.kind, GroupKind::primary_secondary);
  EXPECT_EQ(group.links(), (std::vector<Link>{{ClusterName("west"), ClusterName("east")}}));
  EXPECT_EQ(group.syncpoint_interval, Millis{600'000});
  EXPECT_EQ(group.syncpoint_retention, Millis{3'600'000});
  EXPECT_EQ(group.backup_rate_limit, "120MB/s");
}

struct Refusal {
  const char* name;
  const char* what;
  const char* with;
  int line;
  const char* says;
  const char* hint;
};

class ConfigRefuses : public testing::TestWithParam<Refusal> {};

TEST_P(ConfigRefuses, NamingLineThingAndRemedy) {
  const Refusal& refusal = GetParam();
  const ConfigResult result = read_config(replaced(kSound, refusal.what, refusal.with));
  const std::string all = all_of(result.problems);
  ASSERT_EQ(result.problems.size(), 1U) << all;
  const ConfigProblem& problem = result.problems.front();
  EXPECT_EQ(problem.line, refusal.line) << all;
  EXPECT_THAT(problem.what, HasSubstr(refusal.says));
  EXPECT_THAT(problem.hint, HasSubstr(refusal.hint));
  EXPECT_THAT(all, testing::Not(HasSubstr("hunter2")));
}

const Refusal kRefusals[] = {
    {"UnknownKey", "source_id = 1", "source_id = 1\nsource_ids = 1", 7, "unknown key 'source_ids'",
     "did you mean 'source_id'?"},
    {"UnknownKeyInSink", "address = \"10.0.0.1:4000\"", "adress = \"10.0.0.1:4000\"", 13,
     "unknown key 'adress'", "'address'"},
    {"UnknownKeyFarFromAll", "gate = \"read-only\"", "colour = \"red\"", 34, "unknown key 'colour'",
     "known here: name, kind"},
    {"UnknownTable", "[manager]", "[manger]", 1, "unknown key 'manger'", "'manager'"},
    {"SingleBrackets", "[[group]]", "[group]", 28, "'group' must be a list of tables", "[[group]]"},
    {"WrongType", "source_id = 1", "source_id = \"1\"", 6,
     "'source_id' must be an integer, not a text", "docs"},
    {"WrongTypeOfText", "name = \"orders\"", "name = 7", 29,
     "'name' must be a text, not an integer", "quotes"},
    {"WrongItem", "tidb = [\"127.0.0.1:4003\"]", "tidb = [\"127.0.0.1:4003\", 4]", 20,
     "an item of 'tidb' must be a text", "quotes"},
    {"IllegalName", "name = \"orders\"", "name = \"or-ders\"", 29, "illegal name 'or-ders'",
     "letters and digits only"},
    {"EmptyName", "name = \"orders\"", "name = \"\"", 29, "'name' is empty",
     "letters and digits only"},
    {"SourceIdZero", "source_id = 1", "source_id = 0", 6, "source_id 0 is out of range", "1 to 8"},
    {"SourceIdNine", "source_id = 1", "source_id = 9", 6,
     "source_id 9 cannot be used: TiDB v7.1 and later refuse the commits of classic TiCDC",
     "1 to 8"},
    {"SourceIdFifteen", "source_id = 1", "source_id = 15", 6, "classic TiCDC", "1 to 8"},
    {"SourceIdSixteen", "source_id = 1", "source_id = 16", 6, "out of range", "1 to 8"},
    {"SourceIdTwice", "source_id = 2", "source_id = 1", 19, "source_id 1 is that of cluster east",
     "another number"},
    {"NoTidb", "tidb = [\"127.0.0.1:4003\"]", "tidb = []", 20, "'tidb' is an empty list",
     "every tidb-server"},
    {"TidbWithoutPort", "\"127.0.0.1:4003\"", "\"127.0.0.1\"", 20, "malformed address '127.0.0.1'",
     "host:port"},
    {"TidbPortTooGreat", "\"127.0.0.1:4003\"", "\"127.0.0.1:70000\"", 20, "malformed address",
     "host:port"},
    {"TidbWithPassword", "\"127.0.0.1:4003\"", "\"root:hunter2@127.0.0.1:4003\"", 20,
     "malformed address (not shown here", "host:port"},
    {"TidbTwice", "\"127.0.0.1:4002\"", "\"127.0.0.1:4001\"", 7, "stands twice", "take one out"},
    {"TidbOfAnother", "\"127.0.0.1:4003\"", "\"127.0.0.1:4001\"", 17,
     "belongs to cluster east already", "one cluster"},
    {"UrlWithoutScheme", "\"http://127.0.0.1:8301\"", "\"127.0.0.1:8301\"", 22,
     "does not begin with http://", "http://host:port"},
    {"UrlWithPath", "\"http://127.0.0.1:8301\"", "\"http://127.0.0.1:8301/api\"", 22, "has a path",
     "nothing more"},
    {"UrlWithPassword", "\"http://127.0.0.1:8301\"", "\"http://me:hunter2@127.0.0.1:8301\"", 22,
     "holds a user or password", "nothing more"},
    {"UrlWithBadPort", "\"http://127.0.0.1:8301\"", "\"http://127.0.0.1:port\"", 22,
     "no valid host and port", "nothing more"},
    {"PlainPassword", "\"env:EAST\"", "\"hunter2\"", 11, "holds a password in plain text",
     "file:/path, env:NAME or exec:COMMAND"},
    {"PlainSinkPassword", "\"file:/keys/west-{from}\"", "\"hunter2\"", 27,
     "holds a password in plain text", "never stands in this file"},
    {"PasswordWithoutQuotes", "\"env:EAST\"", "trhunter2", 11, "not shown here", "quotes"},
    {"EmptySource", "\"env:EAST\"", "\"env:\"", 11, "no source of one", "env:NAME"},
    {"NoPassword", "password = \"env:EAST\"\n", "", 4, "'password' is missing", "env:NAME"},
    {"SinkUserOfAll", "address = \"10.0.0.1:4000\"\nuser = \"cdc_{from}\"",
     "address = \"10.0.0.1:4000\"\nuser = \"cdc\"", 14, "'cdc' is the same for every origin",
     "cdc_{from}"},
    {"SinkUserTooLong", "address = \"10.0.0.1:4000\"\nuser = \"cdc_{from}\"",
     "address = \"10.0.0.1:4000\"\nuser = \"a_user_of_more_than_32_characters_{from}\"", 12,
     "longer than 32", "shorten"},
    {"NoSink", "[cluster.sink]\nuser = \"cdc_{from}\"\npassword = \"file:/keys/west-{from}\"\n", "",
     17, "[cluster.sink] is missing", "cdc_{from}"},
    {"SinkAddress", "\"10.0.0.1:4000\"", "\"10.0.0.1\"", 13, "malformed address", "host:port"},
    {"SinkParam", "worker-count = \"16\"", "worker-count = [16]", 16,
     "parameter 'worker-count' must be a text", "quotes"},
    {"UnknownKind", "\"multi-active\"", "\"multiactive\"", 30, "unknown kind 'multiactive'",
     "primary-secondary"},
    {"UnknownMember", "members = [\"east\", \"west\"]", "members = [\"east\", \"wset\"]", 31,
     "no cluster is called 'wset'", "did you mean 'west'?"},
    {"MemberTwice", "members = [\"east\", \"west\"]", "members = [\"east\", \"west\", \"east\"]",
     31, "'east' is a member twice", "take one out"},
    {"OneMember", "members = [\"east\", \"west\"]", "members = [\"east\"]", 31, "has one member",
     "two to eight"},
    {"NoMember",
     "members = [\"east\", \"west\"]\ntables = [\"app.*\", \"!app.log\"]\nddl_primary = \"east\"",
     "members = []\ntables = [\"app.*\"]", 31, "'members' is an empty list", "two to eight"},
    {"ForeignDdlPrimary", "ddl_primary = \"east\"", "ddl_primary = \"north\"", 33,
     "ddl_primary 'north' is no member", "members"},
    {"PrimaryInAMesh", "ddl_primary = \"east\"", "primary = \"east\"", 33,
     "'primary' has no meaning in a multi-active group", "members"},
    {"EmptyTables", "tables = [\"app.*\", \"!app.log\"]", "tables = []", 32,
     "'tables' is an empty list", "app.*"},
    {"BrokenRule", "\"app.*\"", "\"app\"", 32, "'tables'", "schema.table"},
    {"RuleFromFile", "\"app.*\"", "\"@rules.txt\"", 32, "'tables'", "schema.table"},
    {"TokenSchema", "\"app.*\"", "\"*.*\"", 32, "carries the schema bdrmesh_local",
     "!bdrmesh_local.*"},
    {"SystemSchema", "\"app.*\"", "\"mysql.*\"", 32, "carries the schema mysql", "take it out"},
    {"SyncpointSchema", "\"app.*\"", "\"tidb_cdc.*\"", 32, "carries the schema tidb_cdc",
     "take it out"},
    {"GateWebhook", "\"read-only\"", "\"webhook\"", 34, "gate 'webhook' is not built yet",
     "read-only"},
    {"GatePrivileges", "\"read-only\"", "\"privileges\"", 34, "gate 'privileges' is not built yet",
     "read-only"},
    {"ProtectedNoRule", "gate = \"read-only\"", "protected = [\"orders\"]", 34, "'protected'",
     "protected = true"},
    {"GateUnknown", "\"read-only\"", "\"readonly\"", 34, "unknown gate 'readonly'", "read-only"},
    {"RedoWithoutStorage", "storage = \"s3://redo/orders\", ", "", 35, "'storage' is missing",
     "s3://"},
    {"RedoNoUrl", "\"s3://redo/orders\"", "\"/redo\"", 35, "'storage' is no URL", "s3://"},
    {"RedoWithKeys", "\"s3://redo/orders\"", "\"s3://redo?secret-access-key=hunter2\"", 35,
     "holds credentials", "environment"},
    {"BadDuration", "\"1s\"", "\"1 second\"", 35, "is no duration: '1 second'", "10m"},
    {"DurationTooShort", "\"1s\"", "\"10ms\"", 35, "too short", "50ms"},
    {"ListenWithoutPort", "\"127.0.0.1:0\"", "\"127.0.0.1\"", 3, "malformed listen address",
     "host:port"},
    {"ListenPort", "\"127.0.0.1:0\"", "\"127.0.0.1:65536\"", 3, "malformed listen address",
     "host:port"},
    {"NoToml", "source_id = 2", "source_id = = 2", 19, "no valid TOML", "toml.io"},
};

INSTANTIATE_TEST_SUITE_P(Every, ConfigRefuses, testing::ValuesIn(kRefusals),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(Config, ReportsAllProblemsTogetherInOrderOfLines) {
  std::string text = replaced(kSound, "source_id = 1", "source_id = 9");
  text = replaced(text, "\"env:EAST\"", "\"hunter2\"");
  text = replaced(text, "gate = \"read-only\"", "gaet = \"read-only\"");
  const ConfigResult result = read_config(text);
  ASSERT_EQ(result.problems.size(), 3U) << all_of(result.problems);
  EXPECT_EQ(result.problems[0].line, 6);
  EXPECT_EQ(result.problems[1].line, 11);
  EXPECT_EQ(result.problems[2].line, 34);
}

TEST(Config, RefusesANameThatIsTaken) {
  const ConfigResult clusters = read_config(replaced(kSound, "name = \"west\"", "name = \"east\""));
  EXPECT_THAT(all_of(clusters.problems),
              HasSubstr("f:17: cluster east: the name is taken since line 4"));
  const ConfigResult groups =
      read_config(std::string(kSound) + "[[group]]\nname = \"orders\"\nkind = \"multi-active\"\n");
  EXPECT_THAT(all_of(groups.problems),
              HasSubstr("f:36: group orders: the name is taken since line 28"));
}

TEST(Config, RefusesOneClusterInTwoMeshes) {
  const ConfigResult result =
      read_config(std::string(kSound) +
                  "[[group]]\nname = \"other\"\nkind = \"multi-active\"\nmembers = [\"east\", "
                  "\"west\"]\ntables = [\"b.*\"]\n");
  ASSERT_EQ(result.problems.size(), 2U) << all_of(result.problems);
  EXPECT_EQ(result.problems[0].line, 39);
  EXPECT_THAT(result.problems[0].what,
              HasSubstr("cluster east: stands in groups orders and other, both multi-active"));
}

std::string third_cluster() {
  return "[[cluster]]\nname = \"dr\"\nsource_id = 3\ntidb = [\"127.0.0.1:4009\"]\npd = "
         "[\"http://127.0.0.1:2389\"]\n"
         "ticdc = [\"http://127.0.0.1:8309\"]\nuser = \"u\"\npassword = "
         "\"env:DR\"\n[cluster.sink]\nuser = \"c_{from}\"\npassword = \"env:S\"\n";
}

std::string pair_of(const std::string& name, const std::string& primary,
                    const std::string& secondary, const std::string& tables) {
  return "[[group]]\nname = \"" + name + "\"\nkind = \"primary-secondary\"\nprimary = \"" +
         primary + "\"\nsecondary = \"" + secondary + "\"\ntables = " + tables + "\n";
}

TEST(Config, RefusesBothKindsOverTheSameTablesOfOneCluster) {
  const std::string base = kSound + third_cluster();
  const ConfigResult overlapping =
      read_config(base + pair_of("back", "east", "dr", "[\"app.orders\"]"));
  ASSERT_EQ(overlapping.problems.size(), 1U) << all_of(overlapping.problems);
  EXPECT_EQ(overlapping.problems[0].line, 52);
  EXPECT_THAT(overlapping.problems[0].what,
              HasSubstr("groups orders and back, both on cluster east: 'tables' overlap"));
  const ConfigResult apart =
      read_config(base + pair_of("back", "east", "dr", "[\"app.log\", \"billing.*\"]"));
  EXPECT_TRUE(apart.ok()) << all_of(apart.problems);
}

TEST(Config, RefusesASecondaryInTwoGroups) {
  const std::string base = kSound + third_cluster();
  const ConfigResult of_mesh = read_config(base + pair_of("back", "dr", "east", "[\"b.*\"]"));
  EXPECT_THAT(all_of(of_mesh.problems),
              HasSubstr("cluster east: stands in groups orders and back, and is a secondary"));
  const ConfigResult second = read_config(base + pair_of("one", "east", "dr", "[\"b.*\"]") +
                                          pair_of("two", "west", "dr", "[\"c.*\"]"));
  EXPECT_THAT(all_of(second.problems),
              HasSubstr("cluster dr: stands in groups one and two, and is a secondary"));
}

TEST(Config, RefusesMoreThanEightMembers) {
  std::string text;
  std::string members;
  for (int n = 1; n <= 9; ++n) {
    const std::string port = std::to_string(4000 + n);
    text += "[[cluster]]\nname = \"c" + std::to_string(n) +
            "\"\nsource_id = " + std::to_string(n % 8 + 1) + "\ntidb = [\"h:" + port +
            "\"]\npd = [\"http://p:" + port + "\"]\nticdc = [\"http://t:" + port +
            "\"]\nuser = \"u\"\npassword = \"env:P\"\n" +
            "[cluster.sink]\nuser = \"c_{from}\"\npassword = \"env:S\"\n";
    members += (n == 1 ? "\"c" : ", \"c") + std::to_string(n) + "\"";
  }
  const ConfigResult result =
      read_config(text + "[[group]]\nname = \"g\"\nkind = \"multi-active\"\nmembers = [" + members +
                  "]\ntables = [\"a.*\"]\n");
  EXPECT_THAT(all_of(result.problems), HasSubstr("group g: has 9 members (eight at most"));
  EXPECT_THAT(all_of(result.problems), HasSubstr("source_id 2 is that of cluster c1"));
}

TEST(Config, WarnsOfWhatIsAllowedButRisky) {
  const ConfigResult open = read_config(replaced(kSound, "127.0.0.1:0", "0.0.0.0:8440"));
  EXPECT_TRUE(open.ok());
  EXPECT_THAT(all_of(open.warnings),
              HasSubstr("f:3: manager: '0.0.0.0:8440' can be reached from other machines"));
  const ConfigResult user =
      read_config(replaced(kSound, "user = \"cdc_{from}\"", "user = \"replicate_to_me_{from}\""));
  EXPECT_TRUE(user.ok());
  EXPECT_THAT(all_of(user.warnings),
              HasSubstr("sink user 'replicate_to_me_west' is longer than 16"));
}

TEST(Config, RefusesAFileWithoutClusters) {
  const ConfigResult result = read_config("");
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(
      describe(result.problems[0], "f"),
      "f: no cluster is described (add a [[cluster]] for each one, see configs/example.toml)");
}

TEST(Config, SurvivesEveryCutOfTheFile) {
  const std::string text = kSound;
  for (std::size_t length = 0; length < text.size(); ++length) {
    const ConfigResult result = read_config(text.substr(0, length));
    EXPECT_TRUE(result.ok() || !result.problems.front().hint.empty());
  }
}

TEST(Config, LoadThrowsAllLinesAtOnce) {
  const std::string path = testing::TempDir() + "bdrmesh_config_test.toml";
  std::ofstream(path) << replaced(replaced(kSound, "source_id = 1", "source_id = 9"),
                                  "\"read-only\"", "\"manual\"");
  try {
    load_config(path);
    ADD_FAILURE() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(error.code(), "BAD_CONFIG");
    EXPECT_THAT(error.message(), HasSubstr("2 problems"));
    EXPECT_THAT(error.message(), HasSubstr(path + ":6: "));
    EXPECT_THAT(error.message(), HasSubstr(path + ":34: "));
  }
  std::remove(path.c_str());
  EXPECT_THROW(load_config(path), Error);
}

TEST(Durations, AreWrittenWithUnits) {
  EXPECT_EQ(parse_duration("500ms"), Millis{500});
  EXPECT_EQ(parse_duration("2s"), Millis{2000});
  EXPECT_EQ(parse_duration("1h30m"), Millis{5'400'000});
  EXPECT_EQ(parse_duration("2d"), Millis{172'800'000});
  for (const char* bad :
       {"", "5", "s", "-1s", "1.5s", "2 s", "1y", "99999999999999999999s", "9999999999999d"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
}

TEST(Addresses, KnowNamesAndBothKindsOfIp) {
  EXPECT_EQ(parse_host_port("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_host_port("tidb-1.example:4000")->port, 4000);
  for (const char* bad :
       {"", ":80", "host:", "host", "::1:80", "[]:80", "[x]:80", "a b:80", "h:8 0", "h:-1"}) {
    EXPECT_FALSE(parse_host_port(bad)) << bad;
  }
  EXPECT_EQ(fault_of_base_url("https://pd.example"), "");
  EXPECT_EQ(fault_of_base_url("http://[::1]:2379/"), "");
  for (const char* bad : {"", "http://", "ftp://h", "http://h:0", "http://h?x", "http://h#x"})
    EXPECT_NE(fault_of_base_url(bad), "") << bad;
}

TEST(Config, ProtectsEveryTableOrThoseOfItsRules) {
  const auto rules = [](const std::string& line) {
    const ConfigResult result = read_config(replaced(kSound, "gate = \"read-only\"", line));
    EXPECT_TRUE(result.ok()) << all_of(result.problems);
    return result.desired.groups.front().protected_tables;
  };
  EXPECT_EQ(rules("protected = true"), std::vector<std::string>{"*.*"});
  EXPECT_EQ(rules("protected = false"), std::vector<std::string>{});
  EXPECT_EQ(rules("gate = \"read-only\""), std::vector<std::string>{});
  EXPECT_EQ(rules("protected = [\"app.*\", \"!app.tmp\"]"),
            (std::vector<std::string>{"app.*", "!app.tmp"}));
}

TEST(Config, ReadsWhatMayHappenByItself) {
  EXPECT_FALSE(read_config(kSound).desired.groups.front().auto_resume);
  const std::string wanted = replaced(kSound, "gate = \"read-only\"", "auto_repair = [\"resume\"]");
  const ConfigResult result = read_config(wanted);
  ASSERT_TRUE(result.ok()) << all_of(result.problems);
  EXPECT_TRUE(result.desired.groups.front().auto_resume);
  const ConfigResult more =
      read_config(replaced(kSound, "gate = \"read-only\"", "auto_repair = [\"replace\"]"));
  EXPECT_FALSE(more.ok());
  EXPECT_NE(all_of(more.problems).find("auto_repair cannot 'replace'"), std::string::npos);
}

std::string with_hook(const std::string& lines) {
  return std::string(kSound) + "[[group.hook]]\n" + lines;
}

TEST(Config, ReadsHooks) {
  const ConfigResult result = read_config(with_hook(R"(on = ["ddl.run"]
stage = "close gates"
run = ["/usr/local/bin/drain", "--pool", "app"]
env = { API_KEY = "file:/keys/api" }
timeout = "5s"
[[group.hook]]
on = ["ddl.run", "gate.close"]
stage = "end"
url = "http://127.0.0.1:9000/done"
token = "env:DONE_TOKEN"
)"));
  ASSERT_TRUE(result.ok()) << all_of(result.problems);
  const auto& hooks = result.desired.groups.front().hooks;
  ASSERT_EQ(hooks.size(), 2U);
  EXPECT_EQ(hooks[0].run.size(), 3U);
  EXPECT_EQ(hooks[0].when, HookWhen::before);
  EXPECT_EQ(hooks[0].on_failure, HookFailure::stop);
  EXPECT_EQ(hooks[0].timeout, Millis{5000});
  EXPECT_EQ(hooks[0].env.at("API_KEY").text, "file:/keys/api");
  EXPECT_EQ(hooks[1].when, HookWhen::after);
  EXPECT_EQ(hooks[1].on_failure, HookFailure::warn);
  EXPECT_EQ(hooks[1].token.text, "env:DONE_TOKEN");
}

TEST(Config, RefusesHooksThatCouldNotWork) {
  const std::string sound = "on = [\"ddl.run\"]\nstage = \"drain links\"\nrun = [\"/hook\"]\n";
  ASSERT_TRUE(read_config(with_hook(sound)).ok());
  const std::vector<std::pair<std::string, std::string>> cases{
      {"stage = \"x\"\nrun = [\"/hook\"]\n", "'on' is missing"},
      {"on = [\"ddl.run\"]\nrun = [\"/hook\"]\n", "'stage' is missing"},
      {"on = [\"ddl.run\"]\nstage = \"x\"\n", "either 'run' or 'url'"},
      {sound + "url = \"http://127.0.0.1/\"\n", "either 'run' or 'url'"},
      {sound + "when = \"during\"\n", "unknown 'when'"},
      {sound + "on_failure = \"ignore\"\n", "unknown 'on_failure'"},
      {sound + "timeout = \"1ms\"\n", "out of range"},
      {sound + "token = \"env:T\"\n", "'token' goes with 'url'"},
      {sound + "env = { KEY = \"plain\" }\n", "names no source"},
      {sound + "env = { BDRMESH_STAGE = \"env:X\" }\n", "cannot be set"},
      {sound + "shell = \"yes\"\n", "unknown key 'shell'"},
      {"on = [\"ddl.run\"]\nstage = \"start\"\nwhen = \"after\"\nrun = [\"/hook\"]\n",
       "nothing is after the start"},
      {"on = [\"ddl.run\"]\nstage = \"x\"\nurl = \"http://u:p@h/\"\n", "holds credentials"},
      {"on = [\"ddl.run\"]\nstage = \"x\"\nurl = \"ftp://h/\"\n", "no http:// or https://"}};
  for (const auto& [lines, what] : cases) {
    EXPECT_THAT(all_of(read_config(with_hook(lines)).problems), HasSubstr(what)) << lines;
  }
  EXPECT_THAT(all_of(read_config(with_hook(sound + "env = { KEY = \"hunter2\" }\n")).problems),
              testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace bdrmesh
