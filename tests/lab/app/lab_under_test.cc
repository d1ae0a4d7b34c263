#include "lab/app/lab_under_test.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "base/random_id.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab::app {

namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

fs::path scratch(const std::string& name) {
  return fs::temp_directory_path() / ("bdrmesh test " + random_id(8) + " " + name);
}

pid_t spawn(const std::vector<std::string>& argv, const fs::path& out, const fs::path& err) {
  std::vector<char*> raw;
  for (const std::string& argument : argv) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int flags = O_WRONLY | O_CREAT | O_APPEND;
  ::dup2(::open(out.c_str(), flags, 0600), STDOUT_FILENO);
  ::dup2(::open(err.c_str(), flags, 0600), STDERR_FILENO);
  ::execv(raw[0], raw.data());
  ::_exit(127);
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

Ran run_program(const std::vector<std::string>& argv) {
  const fs::path out = scratch("out");
  const fs::path err = scratch("err");
  int status = 0;
  ::waitpid(spawn(argv, out, err), &status, 0);
  Ran ran{code_of(status), text_of(out), text_of(err)};
  fs::remove(out);
  fs::remove(err);
  return ran;
}

LabUnderTest::LabUnderTest(std::vector<std::string> up_arguments, const fs::path& directory)
    : directory_(directory.empty() ? scratch("lab") : directory),
      log_(scratch("log")),
      made_(directory.empty()) {
  std::vector<std::string> argv{BDR_LAB_BINARY, "up", "--with-parent", "--dir",
                                directory_.string()};
  argv.insert(argv.end(), up_arguments.begin(), up_arguments.end());
  pid_ = spawn(argv, log_, log_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < deadline && is_running(pid_)) {
    if (output().find("stop with") != std::string::npos) {
      up_ = true;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "the lab does not start:\n" << output();
}

LabUnderTest::~LabUnderTest() {
  if (pid_ > 0) {
    ::kill(pid_, SIGTERM);
    wait_for_end();
  }
  fs::remove(log_);
  if (made_) fs::remove_all(directory_);
}

std::string LabUnderTest::output() const { return text_of(log_); }

Json LabUnderTest::json() const { return parse_json(text_of(directory_ / "lab.json"), "lab.json"); }

Json LabUnderTest::cluster(std::size_t index) const { return json().at("clusters").at(index); }

Ran LabUnderTest::lab(std::vector<std::string> words) const {
  words.insert(words.begin(), BDR_LAB_BINARY);
  words.insert(words.end(), {"--dir", directory_.string()});
  return run_program(words);
}

std::string LabUnderTest::sql(const std::string& cluster, const std::string& statement,
                              const std::string& user, int server) const {
  const Ran ran = lab({"sql", cluster, statement, "--user", user, "--server",
                       std::to_string(server), "-o", "json"});
  if (ran.code != 0) return ran.err.substr(0, ran.err.find(" on "));
  const Json rows = parse_json(ran.out, "answer").at("rows");
  if (rows.empty()) return "";
  const Json& field = rows.front().front();
  return field.is_null() ? "NULL" : field.get<std::string>();
}

Ran LabUnderTest::fault(std::vector<std::string> words) const {
  words.insert(words.begin(), "fault");
  return lab(std::move(words));
}

int LabUnderTest::create_feed(const std::string& from, const std::string& to) const {
  Json source;
  Json target;
  const Json all = json().at("clusters");
  for (const Json& cluster : all) {
    if (cluster.at("name") == from) source = cluster;
    if (cluster.at("name") == to) target = cluster;
  }
  const Json& sink = target.at("sinks").at(from);
  const Json body{{"changefeed_id", "t-" + from + "-to-" + to},
                  {"sink_uri", "mysql://" + sink.at("user").get<std::string>() + ":" +
                                   text_of(sink.at("password_file").get<std::string>()) + "@" +
                                   target.at("tidb").at(0).get<std::string>() + "/"},
                  {"replica_config", {{"bdr_mode", true}, {"filter", {{"rules", {"app.*"}}}}}}};
  return http("POST", source.at("ticdc").at(0).get<std::string>() + "/api/v2/changefeeds",
              body.dump())
      .status;
}

int LabUnderTest::wait_for_end() {
  int status = 0;
  if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; })) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
  }
  pid_ = -1;
  return code_of(status);
}

HttpAnswer http(const std::string& method, const std::string& url, const std::string& body) {
  const std::size_t host = url.find("//") + 2;
  const std::size_t path = url.find('/', host);
  const std::string address = url.substr(host, path - host);
  Socket socket = Socket::connect_tcp(
      static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  socket.write_all(method + " " + url.substr(path) + " HTTP/1.1\r\nHost: " + address +
                   "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string(body.size()) + "\r\n\r\n" + body);
  std::string text;
  try {
    for (char c = 0;; text += c) socket.read_exactly(&c, 1);
  } catch (const SocketClosed&) {
    // The end of the answer.
  }
  HttpAnswer answer;
  if (text.size() > 12) answer.status = std::atoi(text.substr(9, 3).c_str());
  const std::size_t end = text.find("\r\n\r\n");
  if (end != std::string::npos) answer.body = text.substr(end + 4);
  return answer;
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = text_of(entry.path() / "stat");
    const std::size_t end = stat.rfind(')');
    if (end == std::string::npos) continue;
    std::istringstream fields(stat.substr(end + 1));
    std::string state;
    pid_t parent = 0;
    fields >> state >> parent;
    if (parent == pid) children.push_back(std::stoi(name));
  }
  return children;
}

bool is_running(pid_t pid) {
  const std::string stat = text_of("/proc/" + std::to_string(pid) + "/stat");
  const std::size_t end = stat.rfind(')');
  return end != std::string::npos && stat.substr(end + 2, 1) != "Z";
}

}  // namespace bdrmesh::lab::app
