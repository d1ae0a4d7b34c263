// The real HAProxy, with the configuration and the agent of configs/haproxy, follows the gates and
// keeps what it was told while the manager is away.
#include <arpa/inet.h>
#include <atomic>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "app/config/config.h"
#include "e2e/mesh_fixture.h"

namespace bdrmesh::e2e {
namespace {

std::string source_file(const std::string& path) {
  return std::string(BDR_SOURCE_DIR) + "/" + path;
}

std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

bool installed(const std::string& program) { return ::access(program.c_str(), X_OK) == 0; }

/// What systemd does for bdrmesh-writable.socket: one run of the agent for each connection.
class AgentSocket {
 public:
  AgentSocket() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    const bool bound = ::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) == 0 &&
                       ::listen(listener_, 64) == 0 &&
                       ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size) == 0;
    if (!bound) throw std::runtime_error("cannot listen for the agent");
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~AgentSocket() {
    ends_ = true;
    thread_.join();
    ::close(listener_);
  }
  AgentSocket(const AgentSocket&) = delete;
  AgentSocket& operator=(const AgentSocket&) = delete;

  int port() const { return port_; }
  int answered() const { return answered_; }
  /// Where the agents ask from now on.
  void ask(const std::string& server) {
    const std::lock_guard lock(mutex_);
    server_ = server;
  }

 private:
  void serve() {
    while (!ends_) {
      pollfd ready{listener_, POLLIN, 0};
      if (::poll(&ready, 1, 50) <= 0) continue;
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      run_agent(connection);
      ::close(connection);
      ++answered_;
    }
  }

  void run_agent(int connection) {
    const std::string agent = source_file("configs/haproxy/writable-agent");
    std::string server;
    {
      const std::lock_guard lock(mutex_);
      server = "BDRMESH_SERVER=" + server_;
    }
    std::string path = "PATH=/usr/bin:/bin";
    char* arguments[] = {const_cast<char*>(agent.c_str()), nullptr};
    char* environment[] = {server.data(), path.data(), nullptr};
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(connection, STDIN_FILENO);
      ::dup2(connection, STDOUT_FILENO);
      ::execve(agent.c_str(), arguments, environment);
      ::_exit(127);
    }
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
  }

  int listener_;
  int port_ = 0;
  std::atomic<bool> ends_{false};
  std::atomic<int> answered_{0};
  std::mutex mutex_;  ///< guards server_
  std::string server_ = "http://127.0.0.1:1";
  std::thread thread_;
};

class Proxy : public MeshFixture {
 protected:
  void SetUp() override {
    for (const char* program : {"/usr/sbin/haproxy", "/usr/bin/curl"}) {
      if (!installed(program))
        GTEST_SKIP() << program << " is not installed: apt-get install haproxy curl";
    }
    MeshFixture::SetUp();
    bring_up();
    agent_ = std::make_unique<AgentSocket>();
    agent_->ask(server_environment().at("BDRMESH_SERVER"));
    start_haproxy();
  }

  /// The file of configs/ up to its servers, with sockets of ours, and the servers of this mesh.
  void start_haproxy() {
    std::string text = text_of_file(source_file("configs/haproxy/haproxy.cfg"));
    text = text.substr(0, text.find("\n# One port for each cluster"));
    replace(text, "/run/haproxy/admin.sock", admin_socket());
    replace(text, "agent-port 8441", "agent-port " + std::to_string(agent_->port()));
    std::ostringstream whole;
    whole << text << "\n";
    const Desired desired = load_config(config_path());
    for (const std::string& cluster : clusters()) {
      whole << "listen " << cluster << "\n    bind unix@" << work_dir() << "/" << cluster
            << ".sock\n";
      for (const ServerAddress& server : desired.cluster(ClusterName(cluster)).tidb) {
        whole << "    server " << cluster << "-" << server.value() << " " << server.value()
              << " agent-send \"" << cluster << "\\n\"\n";
      }
    }
    const std::string file = work_dir() + "/haproxy.cfg";
    std::ofstream(file) << whole.str();
    haproxy_ = std::make_unique<Background>(
        std::vector<std::string>{"/usr/sbin/haproxy", "-db", "-f", file},
        work_dir() + "/haproxy.log");
  }

  static void replace(std::string& text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    ASSERT_NE(at, std::string::npos) << "configs/haproxy/haproxy.cfg has no '" << what << "'";
    text.replace(at, what.size(), with);
  }

  static std::string admin_socket() { return work_dir() + "/haproxy-admin.sock"; }

  /// What one side of a unix socket says to `question` until it closes, or in its first answer.
  static std::string asked(const std::string& path, const std::string& question) {
    const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    path.copy(at.sun_path, sizeof at.sun_path - 1);
    std::string answer;
    if (::connect(connection, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
      if (!question.empty()) (void)!::write(connection, question.data(), question.size());
      char part[4096];
      for (ssize_t got = 1; got > 0 && (question.empty() ? answer.empty() : true);) {
        pollfd ready{connection, POLLIN, 0};
        if (::poll(&ready, 1, 60'000) <= 0) break;
        got = ::read(connection, part, sizeof part);
        if (got > 0) answer.append(part, static_cast<std::size_t>(got));
      }
    }
    ::close(connection);
    return answer;
  }

  /// `UP`, `DOWN (agent)` ... of all servers of a cluster, if they are alike; else all of them.
  static std::string status(const std::string& cluster) {
    std::istringstream lines(asked(admin_socket(), "show stat -1 4 -1\n"));
    std::string found;
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind(cluster + ",", 0) != 0) continue;
      std::istringstream fields(line);
      std::string field;
      for (int number = 0; number <= 17; ++number) std::getline(fields, field, ',');
      if (found.find(field) == std::string::npos) found += (found.empty() ? "" : ", ") + field;
    }
    return found;
  }

  /// All of the cluster's servers; HAProxy asks about them one after the other.
  static bool becomes(const std::string& cluster, const std::string& wanted) {
    const std::string other = wanted == "UP" ? "DOWN" : "UP";
    return eventually([&] {
      const std::string now = status(cluster);
      return now.rfind(wanted, 0) == 0 && now.find(other) == std::string::npos;
    });
  }

  /// Whether somebody of the cluster greets whoever connects through HAProxy.
  static bool greets(const std::string& cluster) {
    return asked(work_dir() + "/" + cluster + ".sock", "").size() > 5;
  }

  std::unique_ptr<AgentSocket> agent_;
  std::unique_ptr<Background> haproxy_;
};

TEST_F(Proxy, HAProxyFollowsTheGatesAndKeepsWhatItKnowsWhileTheManagerIsAway) {
  const std::string closed = clusters().front();
  const std::string open = clusters().back();
  ASSERT_TRUE(becomes(closed, "UP")) << haproxy_->log();
  ASSERT_TRUE(becomes(open, "UP")) << haproxy_->log();
  EXPECT_TRUE(greets(closed));

  const Finished asked_for =
      cli({"gate", "close", closed, "--reason", "trying a proxy", "--for", "30m", "--no-wait"});
  ASSERT_EQ(asked_for.exit_code, 0) << asked_for.err;
  EXPECT_TRUE(becomes(closed, "DOWN")) << status(closed) << haproxy_->log();
  EXPECT_FALSE(greets(closed));
  EXPECT_EQ(status(open).rfind("UP", 0), 0U) << status(open);

  kill_daemon();
  const int before = agent_->answered();
  ASSERT_TRUE(eventually([&] { return agent_->answered() >= before + 30; }));
  EXPECT_EQ(status(closed).rfind("DOWN", 0), 0U) << status(closed);
  EXPECT_EQ(status(open).rfind("UP", 0), 0U) << status(open);
  EXPECT_TRUE(greets(open));

  start_daemon();
  agent_->ask(server_environment().at("BDRMESH_SERVER"));
  const Finished opened = cli({"gate", "open", closed});
  ASSERT_EQ(opened.exit_code, 0) << opened.out << opened.err;
  EXPECT_TRUE(becomes(closed, "UP")) << status(closed) << haproxy_->log();
  EXPECT_TRUE(greets(closed));
}

}  // namespace
}  // namespace bdrmesh::e2e
