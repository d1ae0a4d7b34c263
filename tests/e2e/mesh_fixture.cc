#include "e2e/mesh_fixture.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/resultset.h>
#include <cppconn/statement.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mysql_driver.h>
#include <unistd.h>

#include "app/config/config.h"
#include "app/config/secrets.h"

namespace bdrmesh::e2e {
namespace {

struct Suite {
  std::string work_dir;
  std::string config;
  Desired desired;
  std::unique_ptr<Background> lab;
  std::unique_ptr<Background> daemon;
  std::unique_ptr<Background> load;
  std::string ledger;
  std::string server;
  int daemons = 0;
  int loads = 0;
};

Suite& suite() {
  static Suite one;
  return one;
}

std::string given_config() {
  const char* path = std::getenv("BDRMESH_TEST_CONFIG");
  return path == nullptr ? "" : path;
}

std::string lab_dir() { return suite().work_dir + "/a lab"; }

std::string read_first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Who asks the clusters what the product did: never the product's own user, of whom a cluster may
/// expect that it says only what the product says.
struct Tester {
  std::string user;
  std::string password;
};

std::string from_environment(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

Tester tester_of(const ClusterSpec& spec) {
  if (given_config().empty()) {
    const std::string file = lab_dir() + "/secrets/" + spec.name.value() + "-dba.password";
    return {"dba", read_first_line(file)};
  }
  Tester tester{from_environment("BDRMESH_TEST_USER", spec.user), ""};
  std::string file = from_environment("BDRMESH_TEST_PASSWORD_FILE", "");
  if (const std::size_t at = file.find("{cluster}"); at != std::string::npos)
    file.replace(at, std::string("{cluster}").size(), spec.name.value());
  tester.password =
      file.empty() ? read_secret(spec.password).secret.reveal() : read_first_line(file);
  return tester;
}

std::unique_ptr<sql::Connection> connect(const std::string& cluster, std::size_t server) {
  const ClusterSpec& spec = suite().desired.cluster(ClusterName(cluster));
  const Tester tester = tester_of(spec);
  const std::string& address = spec.tidb.at(server % spec.tidb.size()).value();
  const std::size_t colon = address.rfind(':');
  sql::ConnectOptionsMap options;
  options["hostName"] = sql::SQLString(address.substr(0, colon));
  options["port"] = std::stoi(address.substr(colon + 1));
  options["userName"] = sql::SQLString(tester.user);
  options["password"] = sql::SQLString(tester.password);
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = 5;
  options["OPT_READ_TIMEOUT"] = 30;
  return std::unique_ptr<sql::Connection>(sql::mysql::get_driver_instance()->connect(options));
}

std::vector<std::vector<std::string>> rows_of(sql::Statement& statement, const std::string& text) {
  std::vector<std::vector<std::string>> rows;
  if (!statement.execute(text)) return rows;
  const std::unique_ptr<sql::ResultSet> result(statement.getResultSet());
  while (result->next()) {
    std::vector<std::string> row;
    for (unsigned int i = 1; i <= result->getMetaData()->getColumnCount(); ++i) {
      row.push_back(result->isNull(i) ? "NULL" : std::string(result->getString(i)));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

void MeshFixture::SetUpTestSuite() {
  std::string pattern = std::filesystem::temp_directory_path().string() + "/bdrmesh-e2e.XXXXXX";
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  suite().work_dir = pattern;
  suite().config = given_config();
  if (!on_real_clusters()) {
    suite().config = lab_dir() + "/bdrmesh.toml";
    suite().lab = std::make_unique<Background>(
        std::vector<std::string>{BDR_LAB_PROGRAM, "up", "--clusters", "3", "--names",
                                 "east,west,south", "--dir", lab_dir(), "--with-parent",
                                 "--profile",
                                 from_environment("BDRMESH_TEST_PROFILE", "classic-8.5")},
        pattern + "/lab.log");
    ASSERT_TRUE(eventually([] {
      return run({BDR_LAB_PROGRAM, "status", "--dir", lab_dir()}).exit_code == 0;
    })) << suite().lab->log();
  }
  suite().desired = load_config(suite().config);
  start_daemon();
}

void MeshFixture::TearDownTestSuite() {
  suite().load.reset();
  suite().daemon.reset();
  suite().lab.reset();
  if (!suite().work_dir.empty()) std::filesystem::remove_all(suite().work_dir);
}

void MeshFixture::SetUp() {
  if (!suite().daemon || !suite().daemon->alive()) start_daemon();
}

bool MeshFixture::on_real_clusters() { return !given_config().empty(); }
const std::string& MeshFixture::config_path() { return suite().config; }
const std::string& MeshFixture::work_dir() { return suite().work_dir; }

std::vector<std::string> MeshFixture::clusters() {
  std::vector<std::string> names;
  for (const ClusterName& name : suite().desired.groups.at(0).members)
    names.push_back(name.value());
  return names;
}

std::string MeshFixture::group() { return suite().desired.groups.at(0).name.value(); }

bool MeshFixture::has_primary() { return suite().desired.groups.at(0).ddl_primary.has_value(); }

void MeshFixture::start_daemon() {
  const std::string number = std::to_string(++suite().daemons);
  const std::string port = suite().work_dir + "/port-" + number;
  suite().daemon =
      std::make_unique<Background>(std::vector<std::string>{BDR_PROGRAM, "serve", "--config",
                                                            suite().config, "--port-file", port},
                                   suite().work_dir + "/daemon-" + number + ".log");
  ASSERT_TRUE(
      eventually([&] { return !read_first_line(port).empty() || !suite().daemon->alive(); }));
  ASSERT_TRUE(suite().daemon->alive()) << suite().daemon->log();
  suite().server = "http://127.0.0.1:" + read_first_line(port);
}

void MeshFixture::kill_daemon() { suite().daemon->kill_now(); }

void MeshFixture::serve_with(const std::string& configuration) {
  std::ofstream(config_path()) << configuration;
  kill_daemon();
  start_daemon();
}

Background& MeshFixture::daemon() { return *suite().daemon; }

Environment MeshFixture::server_environment() { return {{"BDRMESH_SERVER", suite().server}}; }

Finished MeshFixture::cli(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), BDR_PROGRAM);
  return run(arguments, server_environment());
}

Json MeshFixture::cli_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"-o", "json"});
  const Finished finished = cli(arguments);
  return Json::parse(finished.out, nullptr, false);
}

void MeshFixture::bring_up() {
  const Finished applied = cli({"group", "apply", group()});
  ASSERT_EQ(applied.exit_code, 0) << applied.out << applied.err << daemon().log();
}

std::vector<std::vector<std::string>> MeshFixture::sql(const std::string& cluster,
                                                       const std::string& statement,
                                                       std::size_t server) {
  try {
    const auto connection = connect(cluster, server);
    const std::unique_ptr<sql::Statement> made(connection->createStatement());
    return rows_of(*made, statement);
  } catch (const sql::SQLException& e) {
    ADD_FAILURE() << cluster << ": " << statement << ": " << e.getErrorCode() << " " << e.what();
    return {};
  }
}

int MeshFixture::sql_error(const std::string& cluster, const std::string& statement) {
  try {
    const auto connection = connect(cluster, 0);
    const std::unique_ptr<sql::Statement> made(connection->createStatement());
    rows_of(*made, statement);
    return 0;
  } catch (const sql::SQLException& e) {
    return e.getErrorCode();
  }
}

std::string MeshFixture::scalar(const std::string& cluster, const std::string& statement,
                                std::size_t server) {
  const auto rows = sql(cluster, statement, server);
  return rows.empty() || rows.front().empty() ? "" : rows.front().front();
}

bool MeshFixture::all_gates_open() {
  for (const std::string& cluster : clusters()) {
    const std::size_t servers = suite().desired.cluster(ClusterName(cluster)).tidb.size();
    for (std::size_t server = 0; server < servers; ++server) {
      if (scalar(cluster, "SELECT @@global.tidb_super_read_only", server) != "0") return false;
    }
  }
  return true;
}

std::string MeshFixture::role(const std::string& cluster) {
  return scalar(cluster, "ADMIN SHOW BDR ROLE");
}

bool MeshFixture::has_column(const std::string& cluster, const std::string& table,
                             const std::string& column) {
  return scalar(cluster,
                "SELECT COUNT(*) FROM information_schema.columns WHERE TABLE_SCHEMA = 'app' AND "
                "TABLE_NAME = '" +
                    table + "' AND COLUMN_NAME = '" + column + "'") == "1";
}

Json MeshFixture::newest_operation() {
  const Json list = cli_json({"op", "list"});
  return cli_json({"op", "show", list.at("operations").at(0).at("id").get<std::string>()});
}

void MeshFixture::fault(std::vector<std::string> words) {
  if (on_real_clusters()) GTEST_SKIP() << "faults exist on the lab only";
  words.insert(words.begin(), {BDR_LAB_PROGRAM, "fault", "--dir", lab_dir()});
  const Finished finished = run(words);
  ASSERT_EQ(finished.exit_code, 0) << finished.out << finished.err;
}

void MeshFixture::start_load() {
  const std::string number = std::to_string(++suite().loads);
  suite().ledger = suite().work_dir + "/ledger-" + number + ".jsonl";
  std::vector<std::string> command{BDR_LAB_PROGRAM, "load",         "--config", suite().config,
                                   "--ledger",      suite().ledger, "--rate",   "60"};
  if (!on_real_clusters()) command.insert(command.end(), {"--dir", lab_dir()});
  suite().load =
      std::make_unique<Background>(command, suite().work_dir + "/load-" + number + ".log");
  ASSERT_TRUE(eventually([] {
    return std::filesystem::exists(suite().ledger) &&
           std::filesystem::file_size(suite().ledger) > 2000;
  })) << suite().load->log();
}

std::string MeshFixture::stop_load() {
  suite().load->end();
  return suite().ledger;
}

Finished MeshFixture::check_load(const std::string& ledger, const Json& operation) {
  const std::string file = suite().work_dir + "/operation.json";
  std::ofstream(file) << operation.dump();
  std::vector<std::string> command{BDR_LAB_PROGRAM, "load", "check",    "--config", suite().config,
                                   "--ledger",      ledger, "--window", file};
  if (!on_real_clusters()) command.insert(command.end(), {"--dir", lab_dir()});
  return run(command);
}

}  // namespace bdrmesh::e2e
