// Whether a manager lives: answering, silent behind an open port, absent, out of reach.
#include "app/manager_probe.h"

#include <array>
#include <atomic>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace bdrmesh {
namespace {

/// Listens on a free port of loopback; answers only when given words.
class Listener {
 public:
  explicit Listener(const std::string& answer = {}) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 4), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    if (!answer.empty()) serve(answer);
  }
  ~Listener() {
    thread_ = {};
    ::close(socket_);
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  const std::string& address() const { return address_; }

 private:
  void serve(const std::string& body) {
    thread_ = std::jthread([this, body](const std::stop_token& stop) {
      while (!stop.stop_requested()) {
        pollfd waiting{socket_, POLLIN, 0};
        if (::poll(&waiting, 1, 50) <= 0) continue;
        const int peer = ::accept(socket_, nullptr, nullptr);
        std::array<char, 4096> request{};
        (void)::recv(peer, request.data(), request.size(), 0);
        const std::string answer =
            "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
            "\r\nConnection: close\r\n\r\n" + body;
        ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        ::close(peer);
      }
    });
  }

  int socket_ = -1;
  std::string address_;
  std::jthread thread_;
};

/// Where nobody listens: a port that is given back may be somebody else's a moment later.
std::string free_address() { return "127.0.0.1:1"; }

constexpr Millis kPatience{300};  // with those that say nothing
constexpr Millis kLong{30'000};   // with those that answer

TEST(ManagerProbe, HearsOneThatAnswers) {
  const Listener manager(R"({"gates":[]})");
  EXPECT_EQ(probe_manager("http://" + manager.address(), kLong), ManagerLife::answers);
}

TEST(ManagerProbe, TakesOneThatListensAndSaysNothingAsPerhapsAlive) {
  const Listener hung;
  EXPECT_EQ(probe_manager("http://" + hung.address(), kPatience), ManagerLife::perhaps);
}

TEST(ManagerProbe, KnowsThatNobodyListens) {
  EXPECT_EQ(probe_manager("http://" + free_address(), kPatience), ManagerLife::absent);
}

TEST(ManagerProbe, AsksAHolderOnThisMachine) {
  const Listener hung;
  EXPECT_EQ(probe_holder(own_address(hung.address()), kPatience), ManagerLife::perhaps);
  EXPECT_EQ(probe_holder(own_address(free_address()), kPatience), ManagerLife::absent);
}

TEST(ManagerProbe, CannotAskAnotherMachinesLoopback) {
  const Listener ours("{}");
  for (const std::string& holder :
       {"elsewhere " + ours.address(), std::string("elsewhere 0.0.0.0:8440"),
        own_address("127.0.0.1:0"), std::string("elsewhere"), std::string()}) {
    EXPECT_EQ(probe_holder(holder, kPatience), ManagerLife::cannot_be_asked) << holder;
  }
}

TEST(ManagerProbe, KeepsTheLoudestOfSeveralSigns) {
  const Listener hung;
  const Listener alive("{}");
  const LifeSigns signs =
      signs_of_life("http://" + free_address(),
                    {"elsewhere 127.0.0.1:1", own_address(hung.address())}, kPatience);
  EXPECT_EQ(signs.life, ManagerLife::perhaps);
  EXPECT_EQ(signs.where, own_address(hung.address()));
  EXPECT_EQ(signs_of_life("http://" + alive.address(), {own_address(free_address())}, kLong).life,
            ManagerLife::answers);
  EXPECT_EQ(signs_of_life("", {}, kPatience).life, ManagerLife::absent);
}

}  // namespace
}  // namespace bdrmesh
