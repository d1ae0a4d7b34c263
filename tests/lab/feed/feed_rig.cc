#include "lab/feed/feed_rig.h"

#include <cstdlib>

#include "base/random_id.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{60000};

std::filesystem::path scratch() {
  const char* wanted = std::getenv("TMPDIR");
  return std::filesystem::path(wanted == nullptr ? "/tmp" : wanted);
}

/// One template for all clusters of one test program.
const std::filesystem::path& template_data() {
  struct Template {
    std::filesystem::path path = scratch() / ("bdr-feed-template-" + random_id(8));
    Template() { ensure_template(path); }
    ~Template() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
      std::filesystem::remove(path.string() + ".log", ignored);
    }
  };
  static const Template made;
  return made.path;
}

}  // namespace

RigCluster::RigCluster(const std::string& name, unsigned number, const Profile& profile)
    : directory_(scratch() / ("bdr-feed-" + random_id(8))),
      engine_(clock_, directory_, number),
      state_(clock_, name, profile),
      sampler_(state_, Millis{50}) {
  engine_.start(template_data());
  state_.set_engine(engine_.endpoint());
  state_.variables.set_everywhere("tidb_source_id", std::to_string(number));
  sampler_.start();
}

RigCluster::~RigCluster() {
  sampler_.stop();
  session_.reset();
  engine_.stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::unique_ptr<SqlSession> RigCluster::connect() {
  return std::make_unique<SqlSession>(engine_login(state_), kPatience);
}

SqlSession& RigCluster::session() {
  if (!session_) session_ = connect();
  return *session_;
}

RigCluster::Rows RigCluster::sql(const std::string& statement) {
  return session().query(statement, kPatience);
}

std::string RigCluster::value(const std::string& query) {
  const Rows rows = sql(query);
  return rows.empty() ? "" : rows[0][0].value_or("NULL");
}

std::uint64_t RigCluster::commit(const std::vector<std::string>& statements,
                                 std::uint64_t write_source) {
  const std::uint64_t start_ts = state_.oracle.next();
  sql("BEGIN");
  for (const std::string& statement : statements) sql(statement);
  const CommitInFlight commit(state_.ledger);
  sql("INSERT INTO lab_meta.txn VALUES (CONNECTION_ID()," + std::to_string(start_ts) + "," +
      std::to_string(commit.ts()) + "," + std::to_string(write_source) +
      ") ON DUPLICATE KEY UPDATE start_ts=VALUES(start_ts), commit_ts=VALUES(commit_ts),"
      " write_source=VALUES(write_source)");
  sql("COMMIT");
  return commit.ts();
}

DdlJob RigCluster::ddl(const std::string& statement, const std::string& type, const std::string& db,
                       const std::string& table, const std::string& role) {
  DdlJob job;
  job.db = db;
  job.table = table;
  job.type = type;
  job.query = statement;
  job.default_db = db;
  job.bdr_role = role;
  job.start_ts = state_.oracle.next();
  const std::int64_t id = state_.jobs.add(job);
  sql("INSERT INTO lab_meta.ddl VALUES (CONNECTION_ID()," + std::to_string(id) +
      ") ON DUPLICATE KEY UPDATE job=VALUES(job)");
  if (type != "create schema") sql("USE `" + db + "`");
  sql(statement);
  state_.jobs.update(id, [&](DdlJob& done) {
    done.finished_ts = state_.oracle.next();
    done.state = JobState::synced;
  });
  return *state_.jobs.find(id);
}

void RigCluster::silently(const std::string& statement) {
  sql("SET sql_log_bin=0");
  sql(statement);
  sql("SET sql_log_bin=1");
}

SinkUri RigCluster::sink(const std::string& parameters) const {
  const EngineEndpoint& engine = engine_.endpoint();
  return parse_sink_uri("mysql://" + engine.admin_user + ":" + engine.admin_password.reveal() +
                        "@127.0.0.1:" + std::to_string(engine.port) + "/" +
                        (parameters.empty() ? "" : "?" + parameters));
}

FeedTimes quick_times() {
  FeedTimes times;
  times.sink_retry_first = Millis{50};
  times.sink_retry_longest = Millis{200};
  times.sink_patience = Millis{1500};
  times.index_look = Millis{50};
  return times;
}

RigFeed::RigFeed(RigCluster& from, RigCluster& to, const std::string& replica_config,
                 const std::string& sink_parameters)
    : from_(from) {
  plan_.id = "e-w";
  plan_.address = "127.0.0.1:8300";
  plan_.sink = to.sink(sink_parameters);
  plan_.filter = std::make_shared<TableFilter>(std::vector<std::string>{"app.*"}, false);
  plan_.from_ts = from.state().oracle.next();
  apply_replica_config(plan_, replica_config);
}

void RigFeed::start() {
  plan_.replace_up_to = from_.state().oracle.next();
  worker_ = std::make_unique<FeedWorker>(from_.state(), from_.sampler(), times_, faults_, plan_);
}

void RigFeed::stop() {
  worker_->request_stop();
  ASSERT_TRUE(eventually([this] { return worker_->ended(); }));
  plan_.from_ts = worker_->progress().checkpoint;
  worker_.reset();
}

void RigFeed::crash(Millis lost) {
  worker_->abort();
  worker_->request_stop();
  ASSERT_TRUE(eventually([this] { return worker_->ended(); }));
  plan_.from_ts = std::max(plan_.from_ts, worker_->progress().checkpoint -
                                              (static_cast<std::uint64_t>(lost.count()) << 18));
  worker_.reset();
}

bool RigFeed::drained(Millis patience) {
  const std::uint64_t fence = from_.state().oracle.next();
  return eventually([&] { return progress().checkpoint > fence; }, patience);
}

void FeedRigTest::SetUp() {
  if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
  east_ = std::make_unique<RigCluster>("east", 1, profile());
  west_ = std::make_unique<RigCluster>("west", 2, profile());
  in_both("CREATE DATABASE app");
  in_both("CREATE TABLE app.t (id INT PRIMARY KEY, v VARCHAR(40))");
}

void FeedRigTest::in_both(const std::string& statement) {
  for (RigCluster* cluster : {east_.get(), west_.get()}) cluster->silently(statement);
}

std::string FeedRigTest::rows_in_west(const std::string& table) {
  return west_->value("SELECT IFNULL(GROUP_CONCAT(id,':',IFNULL(v,'NULL') ORDER BY id),'') FROM " +
                      table);
}

}  // namespace bdrmesh::lab
