// The rare operations again and again under load, on request: BDRMESH_ROUNDS=20 turns a pair there
// and back, loses its primary, and loses a member so many times, each at another moment. Every
// acknowledged row is looked for afterwards, and whoever was lost is woken.
#include <fstream>
#include <gmock/gmock.h>
#include <iterator>
#include <mutex>
#include <random>
#include <regex>
#include <set>
#include <thread>

#include "base/clock.h"
#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

using std::chrono::milliseconds;

int rounds() {
  const char* asked = std::getenv("BDRMESH_ROUNDS");
  return asked == nullptr ? 0 : std::atoi(asked);
}

struct Acknowledged {
  std::int64_t id = 0;
  std::int64_t at_ms = 0;  ///< when the answer was here: it was committed before
};

/// An application that inserts on one cluster and notes what was acknowledged.
class Application {
 public:
  using Write = std::function<int(const std::string& cluster, const std::string& statement)>;

  Application(std::string cluster, std::int64_t first, Write write)
      : cluster_(std::move(cluster)), write_(std::move(write)), next_(first) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }

  /// Ends it. @return what was acknowledged
  std::vector<Acknowledged> stop() {
    thread_ = {};
    return all_;
  }
  std::size_t count() const {
    const std::scoped_lock lock(mutex_);
    return all_.size();
  }

 private:
  void run(const std::stop_token& stop) {
    const SystemClock clock;
    for (; !stop.stop_requested(); ++next_) {
      const std::string row = std::to_string(next_) + ", '" + cluster_ + "', 'round', 1";
      if (write_(cluster_,
                 "INSERT INTO app.orders (id, origin, note, amount) VALUES (" + row + ")") != 0)
        continue;
      const std::scoped_lock lock(mutex_);
      all_.push_back({next_, to_millis(clock.now())});
    }
  }

  std::string cluster_;
  Write write_;
  std::int64_t next_;
  mutable std::mutex mutex_;
  std::vector<Acknowledged> all_;
  std::jthread thread_;
};

class Rounds : public MeshFixture {
 protected:
  void SetUp() override {
    if (rounds() == 0) GTEST_SKIP() << "on request: BDRMESH_ROUNDS=20";
    if (on_real_clusters()) GTEST_SKIP() << "makes and loses whole clusters";
    MeshFixture::SetUp();
    random_.seed(static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed()));
  }

  static std::string configuration() {
    std::ifstream file(config_path());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static std::string storage(const std::string& name) {
    return "{ storage = \"local://" + work_dir() + "/" + name + "\" }\n";
  }

  /// Ids of a range that no other round uses.
  std::int64_t fresh_ids() { return next_ids_ += 1'000'000; }

  /// Lets `application` write for a moment that differs each time.
  void let_it_write(const Application& application) {
    ASSERT_TRUE(eventually([&] { return application.count() > 5; }));
    const auto more = application.count() + std::uniform_int_distribution<>(1, 60)(random_);
    ASSERT_TRUE(eventually([&] { return application.count() > more; }));
  }

  static std::vector<Acknowledged> missing(const std::vector<Acknowledged>& all,
                                           const std::string& at) {
    std::set<std::int64_t> there;
    for (const auto& row : sql(at, "SELECT id FROM app.orders WHERE note = 'round'"))
      there.insert(std::stoll(row.at(0)));
    std::vector<Acknowledged> gone;
    for (const Acknowledged& one : all)
      if (!there.contains(one.id)) gone.push_back(one);
    return gone;
  }

  /// `lost` was killed and lives again; an application that still reaches it writes there.
  static void wake(const std::string& lost, std::int64_t id) {
    fault({"restart", lost, "region"});
    const std::string row = std::to_string(id) + ", 'zombie', 'zombie', 1)";
    ASSERT_TRUE(eventually([&] {
      return sql_error(lost, "INSERT INTO app.orders (id, origin, note, amount) VALUES (" + row) ==
             0;
    }));
  }

  /// A TiCDC that was just woken refuses for a while (ticdc-api §1.2); a person asks again.
  static Finished once_it_is_ready(const std::vector<std::string>& words) {
    Finished done;
    eventually([&] {
      done = cli(words);
      return done.exit_code == 0 || done.err.find("_BUSY") == std::string::npos;
    });
    return done;
  }

  static Json fact_of(const Json& operation, const std::string& name, const std::string& scope) {
    for (const Json& fact : operation.at("facts")) {
      if (fact.at("name") == name && fact.at("scope") == scope) return fact.at("value");
    }
    ADD_FAILURE() << "no fact " << name << " of " << scope << " in " << operation.dump(1);
    return Json::object();
  }

  /// What `loss` gives as the TSO up to which all is kept is true for every row.
  static void expect_no_more_lost(const std::vector<Acknowledged>& gone, const Json& loss,
                                  const std::string& key) {
    ASSERT_TRUE(loss.contains(key)) << loss;
    const std::int64_t kept_until = std::stoll(loss.at(key).get<std::string>()) >> 18;
    for (const Acknowledged& one : gone)
      EXPECT_GT(one.at_ms, kept_until) << "row " << one.id << " is lost; " << loss;
    std::cout << gone.size() << " rows lost; " << loss.at("text").get<std::string>() << "\n";
  }

  static void as_bdrmesh(const std::string& cluster, const std::string& statement) {
    const Finished done = run({BDR_LAB_PROGRAM, "sql", "--dir", work_dir() + "/a lab", "--user",
                               "bdrmesh", cluster, statement});
    ASSERT_EQ(done.exit_code, 0) << done.out << done.err;
  }

  static void drop_its_tables(const std::string& cluster) {
    if (!role(cluster).empty()) sql(cluster, "ADMIN UNSET BDR ROLE");
    sql(cluster, "DROP DATABASE app");
  }

 private:
  std::mt19937 random_;
  std::int64_t next_ids_ = 700'000'000;
};

class PairRounds : public Rounds {
 protected:
  static std::string pair() {
    const std::string whole = configuration();
    std::string text = whole.substr(0, whole.find("[[group]]")) +
                       "[[group]]\nname = \"orders\"\nkind = \"primary-secondary\"\n"
                       "primary = \"east\"\nsecondary = \"west\"\ntables = [\"app.*\"]\n"
                       "backup = " +
                       storage("backups") + "redo = { storage = \"file://" + work_dir() +
                       "/redo\", flush_interval = \"200ms\" }\n";
    const std::string tool = "cdc = \"" + work_dir() + "/a lab/bin/cdc\"\n";
    return std::regex_replace(text, std::regex("\\[manager\\]\n"), "[manager]\n" + tool);
  }

  static void bootstrap() {
    const Finished made = cli({"dr", "bootstrap", "orders"});
    ASSERT_EQ(made.exit_code, 0) << made.out << made.err << daemon().log();
  }

  /// What the user that writes a redo log needs, ours must be able to hand on (docs/dr.md).
  static void let_it_grant() {
    for (const char* name : {"east", "west"}) {
      sql(name, "GRANT ALL PRIVILEGES ON *.* TO 'bdrmesh'@'%' WITH GRANT OPTION");
      sql(name,
          "GRANT SYSTEM_VARIABLES_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO 'bdrmesh'@'%' "
          "WITH GRANT OPTION");
    }
  }

  static const std::string& other(const std::string& one) {
    static const std::string east = "east";
    static const std::string west = "west";
    return one == east ? west : east;
  }
};

/// Each with a lab of its own.
class SwitchoverRounds : public PairRounds {};
class FailoverRounds : public PairRounds {};
class EvictionRounds : public Rounds {};

TEST_F(SwitchoverRounds, LoseNothing) {
  sql("west", "DROP DATABASE IF EXISTS app");
  ASSERT_NO_FATAL_FAILURE(serve_with(pair()));
  ASSERT_NO_FATAL_FAILURE(bootstrap());
  std::string primary = "east";
  for (int round = 1; round <= rounds(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string to = other(primary);
    Application application(primary, fresh_ids(), sql_error);
    ASSERT_NO_FATAL_FAILURE(let_it_write(application));
    const Finished turned = cli({"dr", "switchover", "orders", "--to", to});
    const auto acknowledged = application.stop();
    ASSERT_EQ(turned.exit_code, 0) << turned.out << turned.err << daemon().log();
    for (const std::string& at : {primary, to})
      EXPECT_THAT(missing(acknowledged, at), testing::SizeIs(0)) << at;
    primary = to;
  }
}

TEST_F(FailoverRounds, LoseNoMoreThanTheySay) {
  let_it_grant();
  sql("west", "DROP DATABASE IF EXISTS app");
  ASSERT_NO_FATAL_FAILURE(serve_with(pair()));
  ASSERT_NO_FATAL_FAILURE(bootstrap());
  std::string primary = "east";
  for (int round = 1; round <= rounds(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string heir = other(primary);
    Application application(primary, fresh_ids(), sql_error);
    ASSERT_NO_FATAL_FAILURE(let_it_write(application));
    fault({"kill", primary, "region"});
    const auto acknowledged = application.stop();
    const Finished lost = cli({"dr", "failover", "orders", "--primary", primary, "-o", "json"});
    ASSERT_EQ(lost.exit_code, 0) << lost.out << lost.err << daemon().log();
    expect_no_more_lost(missing(acknowledged, heir),
                        fact_of(parse_json(lost.out, "the operation"), "loss", ""), "position");

    const std::int64_t zombie = fresh_ids();
    ASSERT_NO_FATAL_FAILURE(wake(primary, zombie));
    const Finished rebuilt = once_it_is_ready({"dr", "rebuild", "orders", "--cluster", primary});
    ASSERT_EQ(rebuilt.exit_code, 0) << rebuilt.out << rebuilt.err << daemon().log();
    EXPECT_EQ(scalar(heir, "SELECT COUNT(*) FROM app.orders WHERE id = " + std::to_string(zombie)),
              "0");
    // Its gate stands closed: only who is exempt drops tables there.
    for (const auto& row :
         sql(primary,
             "SELECT table_name FROM information_schema.tables WHERE table_schema = 'app'"))
      as_bdrmesh(primary, "DROP TABLE IF EXISTS `app`.`" + row.at(0) + "`");
    ASSERT_NO_FATAL_FAILURE(bootstrap());
    primary = heir;
  }
}

TEST_F(EvictionRounds, LoseNoMoreThanTheySay) {
  bring_up();
  serve_with(configuration() + "backup = " + storage("backups"));
  for (int round = 1; round <= rounds(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Application lost("south", fresh_ids(), sql_error);
    Application kept("west", fresh_ids(), sql_error);
    ASSERT_NO_FATAL_FAILURE(let_it_write(lost));
    fault({"kill", "south", "region"});
    const auto of_lost = lost.stop();
    const Finished evicted =
        cli({"cluster", "evict", "south", "--group", group(), "--confirm", "south", "-o", "json"});
    const auto of_kept = kept.stop();
    ASSERT_TRUE(evicted.exit_code == 0 || evicted.exit_code == 7)
        << evicted.out << evicted.err << daemon().log();
    const Json operation = parse_json(evicted.out, "the operation");
    const std::int64_t zombie = fresh_ids();
    ASSERT_NO_FATAL_FAILURE(wake("south", zombie));
    ASSERT_EQ(cli({"verify", "run", "--group", group(), "--level", "links"}).exit_code, 0);
    for (const char* at : {"east", "west"}) {
      EXPECT_THAT(missing(of_kept, at), testing::SizeIs(0)) << at;
      expect_no_more_lost(missing(of_lost, at),
                          fact_of(operation, "loss", std::string("south-to-") + at), "proven");
      EXPECT_EQ(scalar(at, "SELECT COUNT(*) FROM app.orders WHERE id = " + std::to_string(zombie)),
                "0")
          << at;
    }
    if (evicted.exit_code == 7) {
      const std::string file = work_dir() + "/repair-" + std::to_string(round) + ".json";
      const Finished drafted = cli({"repair", "plan", operation.at("id").get<std::string>(),
                                    "--right", "east", "--out", file});
      ASSERT_EQ(drafted.exit_code, 0) << drafted.out << drafted.err;
      std::vector<std::string> apply{"repair", "apply", file};
      std::smatch told;
      if (std::regex_search(drafted.out, told, std::regex("--deletes ([0-9]+)")))
        apply.insert(apply.end(), {"--deletes", told[1]});
      const Finished repaired = cli(apply);
      ASSERT_EQ(repaired.exit_code, 0) << repaired.out << repaired.err;
    }
    ASSERT_EQ(cli({"verify", "run", "--group", group(), "--level", "rows"}).exit_code, 0);
    drop_its_tables("south");
    const Finished joined = once_it_is_ready({"cluster", "join", "south"});
    ASSERT_EQ(joined.exit_code, 0) << joined.out << joined.err << daemon().log();
    ASSERT_TRUE(eventually([] { return cli_json({"link", "list"}).at("links").size() == 6; }));
  }
}

}  // namespace
}  // namespace bdrmesh::e2e
