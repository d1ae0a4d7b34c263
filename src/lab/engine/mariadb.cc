#include "lab/engine/mariadb.h"

#include <csignal>
#include <fstream>
#include <unistd.h>

#include "base/error.h"
#include "base/random_id.h"
#include "lab/engine/template_data.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab {

namespace fs = std::filesystem;

namespace {

constexpr Millis kStartLimit{20'000};

}  // namespace

MariaDb::MariaDb(const Clock& clock, fs::path directory, unsigned server_id, std::string version)
    : clock_(clock),
      directory_(std::move(directory)),
      server_id_(server_id),
      version_(std::move(version)) {
  endpoint_.admin_user = "lab_" + random_id(8);
  endpoint_.admin_password = Secret(random_id(24));
}

MariaDb::~MariaDb() {
  stop();
  std::error_code ignored;
  if (!run_directory_.empty()) fs::remove_all(run_directory_, ignored);
}

std::vector<std::string> MariaDb::arguments() const {
  std::vector<std::string> argv = {
      find_program("mariadbd").string(), "--no-defaults",
      "--datadir=" + (directory_ / "data").string(),
      // Its own: at start a server deletes what looks like its temporary tables, also another's.
      "--tmpdir=" + run_directory_.string(), "--socket=" + endpoint_.socket_path,
      "--pid-file=" + (run_directory_ / "pid").string(), "--bind-address=127.0.0.1",
      "--port=" + std::to_string(endpoint_.port), "--skip-name-resolve",
      "--server-id=" + std::to_string(server_id_), "--gtid-domain-id=" + std::to_string(server_id_),
      "--version=" + version_, "--log-bin=bl", "--binlog-format=ROW", "--binlog-checksum=NONE",
      "--binlog-row-image=FULL", "--binlog-row-metadata=FULL", "--binlog-annotate-row-events=OFF",
      "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--innodb-log-buffer-size=2M",
      "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0", "--innodb-doublewrite=0",
      "--innodb-stats-persistent=0", "--performance-schema=OFF", "--key-buffer-size=1M",
      "--aria-pagecache-buffer-size=1M", "--table-open-cache=400", "--table-definition-cache=400",
      "--max-connections=1200", "--thread-cache-size=64", "--query-cache-size=0",
      "--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin",
      "--innodb-file-per-table=1", "--default-time-zone=+00:00", "--max-allowed-packet=64M",
      "--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,"
      "ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION"};
  if (::geteuid() == 0) argv.emplace_back("--user=root");
  return argv;
}

std::string MariaDb::first_statements() const {
  const std::string admin = "'" + endpoint_.admin_user + "'@'%'";
  // One statement per line. PUBLIC may write the two rows by which transactions and DDL are known
  // in the binlog.
  return "SET sql_log_bin=0;\n"
         "DELETE FROM mysql.global_priv WHERE User IN ('root','');\n"
         "FLUSH PRIVILEGES;\n"
         "CREATE USER " +
         admin + " IDENTIFIED BY '" + endpoint_.admin_password.reveal() +
         "';\n"
         "GRANT ALL PRIVILEGES ON *.* TO " +
         admin +
         " WITH GRANT OPTION;\n"
         "CREATE DATABASE lab_meta;\n"
         "CREATE TABLE lab_meta.txn (conn BIGINT UNSIGNED PRIMARY KEY, start_ts BIGINT UNSIGNED "
         "NOT NULL, "
         "commit_ts BIGINT UNSIGNED NOT NULL, write_source TINYINT UNSIGNED NOT NULL);\n"
         "CREATE TABLE lab_meta.ddl (conn BIGINT UNSIGNED PRIMARY KEY, job BIGINT NOT NULL);\n"
         "GRANT SELECT, INSERT, UPDATE ON lab_meta.* TO PUBLIC;\n"
         "CREATE DATABASE test;\n";
}

void MariaDb::start(const fs::path& template_data) {
  if (find_program("mariadbd").empty()) {
    throw Error(ErrorKind::precondition, "LAB_NO_MARIADB", "mariadbd is not installed",
                "apt-get install mariadb-server-core mariadb-client");
  }
  fs::create_directories(directory_);
  fs::copy(template_data, directory_ / "data", fs::copy_options::recursive);
  // A Unix socket's path is short by law of the kernel, whatever the lab's directory is called.
  if (run_directory_.empty()) run_directory_ = make_short_directory();
  endpoint_.socket_path = (run_directory_ / "s").string();
  port_ = ReservedPort(0);
  endpoint_.port = port_.port();
  launch(true);
  if (wait_until_it_answers()) return;
  process_.kill();
  throw Error(ErrorKind::precondition, "LAB_ENGINE_FAILED",
              "MariaDB does not start, see " + (directory_ / "mariadbd.log").string());
}

void MariaDb::launch(bool first_time) {
  std::vector<std::string> argv = arguments();
  if (first_time) {
    const fs::path file = run_directory_ / "init.sql";
    std::ofstream out(file);
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    out << first_statements();
    argv.push_back("--init-file=" + file.string());
  }
  process_.start(argv, directory_ / "mariadbd.log");
}

bool MariaDb::wait_until_it_answers() {
  const MonoTime deadline = clock_.mono() + kStartLimit;
  while (process_.is_running() && clock_.mono() < deadline) {
    try {
      Socket socket = Socket::connect_unix(endpoint_.socket_path);
      char header[5];
      socket.read_exactly(header, sizeof header);
      std::error_code ignored;
      fs::remove(run_directory_ / "init.sql", ignored);
      return header[4] ==
             10;  // protocol version: the greeting comes after the init file is through
    } catch (const SocketClosed&) {
      clock_.wait_for(Millis{5}, {});
    }
  }
  return false;
}

void MariaDb::stop() {
  suspended_ = false;
  process_.kill();
}

void MariaDb::suspend() {
  suspended_ = true;
  process_.signal(SIGSTOP);
}

void MariaDb::resume() {
  suspended_ = false;
  process_.signal(SIGCONT);
}

std::string MariaDb::state() const {
  if (!is_running()) return "dead";
  return suspended_ ? "suspended" : "up";
}

void MariaDb::restart() {
  suspended_ = false;
  process_.kill();
  launch(false);
  if (!wait_until_it_answers()) {
    throw Error(ErrorKind::precondition, "LAB_ENGINE_FAILED",
                "MariaDB does not start again, see " + (directory_ / "mariadbd.log").string());
  }
}

}  // namespace bdrmesh::lab
