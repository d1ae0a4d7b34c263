// A private mariadbd for the plain parts of the SQL client: own data directory, free loopback port,
// gone at the end. It is no TiDB: what is TiDB's own is tested against the lab.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bdrmesh::test {

class MariaServer {
 public:
  /// @return nullptr when this machine has no mariadbd.
  static std::unique_ptr<MariaServer> start() {
    if (!std::filesystem::exists("/usr/sbin/mariadbd") ||
        !std::filesystem::exists("/usr/bin/mariadb-install-db"))
      return nullptr;
    return std::unique_ptr<MariaServer>(new MariaServer());
  }

  ~MariaServer() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(holder_);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  MariaServer(const MariaServer&) = delete;
  MariaServer& operator=(const MariaServer&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  bool ready() const { return ready_; }
  void freeze() const { ::kill(pid_, SIGSTOP); }
  void thaw() const { ::kill(pid_, SIGCONT); }

 private:
  MariaServer() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bdrmesh-sql-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return;
    folder_ = pattern;
    hold_port();
    const std::string data = folder_ + "/data";
    std::ofstream(folder_ + "/init.sql") << "CREATE USER 'bdrmesh'@'%' IDENTIFIED BY 'it''s';\n"
                                            "GRANT ALL ON *.* TO 'bdrmesh'@'%' WITH GRANT OPTION;\n"
                                            "CREATE USER 'weak'@'%' IDENTIFIED BY 'w';\n";
    const pid_t installer = run({"/usr/bin/mariadb-install-db", "--no-defaults", "--force",
                                 "--skip-test-db", "--tmpdir=" + folder_, "--datadir=" + data});
    int status = 1;
    ::waitpid(installer, &status, 0);
    if (status != 0) return;
    pid_ =
        run({"/usr/sbin/mariadbd", "--no-defaults", "--datadir=" + data, "--bind-address=127.0.0.1",
             "--port=" + std::to_string(port_), "--tmpdir=" + folder_, "--socket=" + folder_ + "/s",
             "--pid-file=" + folder_ + "/pid", "--init-file=" + folder_ + "/init.sql",
             "--version=8.0.11-TiDB-v8.5.0", "--innodb-flush-log-at-trx-commit=2",
             "--skip-name-resolve"});
    ready_ = wait_until_it_listens();
  }

  pid_t run(std::vector<std::string> words) const {
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = ::open((folder_ + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    if (::geteuid() == 0) words.emplace_back("--user=root");
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }

  /// Takes a port and keeps it bound: the kernel gives it to nobody who asks for any, while the
  /// server, which names it and sets SO_REUSEADDR as well, may listen on it.
  void hold_port() {
    holder_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(holder_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    ::bind(holder_, plain, size);
    ::getsockname(holder_, plain, &size);
    port_ = ntohs(address.sin_port);
  }

  bool wait_until_it_listens() const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    while (std::chrono::steady_clock::now() < deadline) {
      const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<std::uint16_t>(port_));
      const bool open =
          ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
      ::close(socket);
      if (open) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  std::string folder_;
  int holder_ = -1;
  int port_ = 0;
  pid_t pid_ = -1;
  bool ready_ = false;
};

/// One server for all tests of the program; tests skip when there is none.
inline MariaServer* shared_maria() {
  static const std::unique_ptr<MariaServer> server = MariaServer::start();
  return server && server->ready() ? server.get() : nullptr;
}

}  // namespace bdrmesh::test
