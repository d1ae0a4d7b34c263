#include "lab/cdc/test_cluster.h"

#include <poll.h>
#include <unistd.h>

#include "base/random_id.h"
#include "lab/core/binlog_convention.h"
#include "lab/engine/template_data.h"
#include "lab/net/socket.h"

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
    std::filesystem::path path = scratch() / ("bdr-template-" + random_id(8));
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

std::string read_all(Socket& socket, Millis patience) {
  std::string received;
  const MonoTime until = MonoTime::clock::now() + patience;
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(until - MonoTime::clock::now());
    pollfd ready{socket.fd(), POLLIN, 0};
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      return received;
    char block[4096];
    const ssize_t size = ::read(socket.fd(), block, sizeof(block));
    if (size <= 0) return received;
    received.append(block, static_cast<std::size_t>(size));
  }
}

}  // namespace

HttpAnswer http_call(const std::string& address, const std::string& method, const std::string& path,
                     const std::string& body, Millis patience) {
  HttpAnswer answer;
  try {
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1)));
    Socket socket = Socket::connect_tcp(port);
    socket.write_all(method + " " + path + " HTTP/1.1\r\nHost: " + address +
                     "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body);
    const std::string all = read_all(socket, patience);
    if (all.size() < 12) return answer;
    const std::size_t end = all.find("\r\n\r\n");
    const std::string head = all.substr(0, end);
    answer.status = std::stoi(all.substr(9, 3));
    answer.body = all.substr(end + 4);
    const std::string name = "Content-Type: ";
    if (const std::size_t at = head.find(name); at != std::string::npos) {
      answer.content_type = head.substr(at + name.size(), head.find('\r', at) - at - name.size());
    }
  } catch (const SocketClosed&) {
    answer.status = 0;
  }
  return answer;
}

bool eventually(const std::function<bool()>& holds, Millis patience) {
  const SystemClock clock;
  const MonoTime until = clock.mono() + patience;
  while (!holds()) {
    if (clock.mono() >= until) return false;
    clock.wait_for(Millis{10}, {});
  }
  return true;
}

TicdcOptions TestCluster::quick_options() {
  TicdcOptions options;
  options.owner.feed.sink_retry_first = Millis{50};
  options.owner.feed.sink_retry_longest = Millis{200};
  options.owner.feed.sink_patience = Millis{1500};
  options.owner.feed.backoff_first = Millis{500};
  ElectionTimes election;
  election.not_ready = Millis{200};
  election.takeover = Millis{400};
  election.alone = Millis{600};
  election.restart_after_crash = Millis{200};
  options.election = election;
  return options;
}

TestCluster::TestCluster(const std::string& name, unsigned number, TicdcOptions options,
                         const Profile& profile)
    : directory_(scratch() / ("bdr-cdc-" + random_id(8))),
      engine_(clock_, directory_, number),
      state_(clock_, name, profile) {
  engine_.start(template_data());
  state_.set_engine(engine_.endpoint());
  state_.variables.set_everywhere("tidb_source_id", std::to_string(number));
  node_ = std::make_unique<TicdcCluster>(state_, options);
  node_->start();
}

TestCluster::~TestCluster() {
  node_.reset();
  session_.reset();
  engine_.stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

SqlSession& TestCluster::session() {
  if (!session_) session_ = std::make_unique<SqlSession>(engine_login(state_), kPatience);
  return *session_;
}

TestCluster::Rows TestCluster::sql(const std::string& statement) {
  return session().query(statement, kPatience);
}

std::string TestCluster::value(const std::string& query) {
  const Rows rows = sql(query);
  return rows.empty() ? "" : rows[0][0].value_or("NULL");
}

std::uint64_t TestCluster::commit(const std::vector<std::string>& statements,
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

DdlJob TestCluster::ddl(const std::string& statement, const std::string& type,
                        const std::string& db, const std::string& table, const std::string& role) {
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

void TestCluster::silently(const std::string& statement) {
  sql("SET sql_log_bin=0");
  sql(statement);
  sql("SET sql_log_bin=1");
}

HttpAnswer TestCluster::call(const std::string& method, const std::string& path,
                             const std::string& body, std::size_t node) {
  return http_call(node_->address(node), method, "/api/v2/" + path, body);
}

std::string TestCluster::sink_uri() const {
  const EngineEndpoint& engine = engine_.endpoint();
  return "mysql://" + engine.admin_user + ":" + engine.admin_password.reveal() +
         "@127.0.0.1:" + std::to_string(engine.port) + "/";
}

void TestCluster::feed_to(TestCluster& target, const std::string& id,
                          const std::string& replica_config, std::uint64_t start_ts) {
  const std::string start = start_ts == 0 ? "" : ",\"start_ts\":" + std::to_string(start_ts);
  const HttpAnswer answer =
      call("POST", "changefeeds",
           R"({"changefeed_id":")" + id + R"(","sink_uri":")" + target.sink_uri() +
               R"(","replica_config":)" + replica_config + start + "}");
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(eventually([&] { return checkpoint(id) != 0; }));
}

std::uint64_t TestCluster::checkpoint(const std::string& id) {
  for (const ChangefeedView& view : node_->feeds()) {
    if (view.info.id == id) return view.checkpoint;
  }
  return 0;
}

std::string TestCluster::state_of(const std::string& id) {
  for (const ChangefeedView& view : node_->feeds()) {
    if (view.info.id == id) return view.info.state;
  }
  return "absent";
}

bool TestCluster::drained(const std::string& id, Millis patience) {
  const std::uint64_t fence = state_.oracle.next();
  return eventually([&] { return checkpoint(id) > fence; }, patience);
}

}  // namespace bdrmesh::lab
