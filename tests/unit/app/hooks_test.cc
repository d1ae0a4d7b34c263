// Hooks as they really run: programs that fail, hang, flood, leave children behind and print
// passwords; services that answer or do not.
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "app/hooks/child_process.h"
#include "app/hooks/mask_secrets.h"
#include "app/hooks/real_hooks.h"
#include "base/error.h"
#include "base/random_id.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;

const SystemClock kClock;

/// Whether a process is gone, or dead and not yet collected by whoever adopted it; within a minute.
bool ends(int pid) {
  const auto until = kClock.mono() + Millis{60'000};
  while (kClock.mono() < until) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(status, line);
    if (line.empty() || line.find(") Z ") != std::string::npos) return true;
    std::this_thread::yield();
  }
  return false;
}

struct HookPrograms : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("bdrmesh-hooks-" + random_id(8));
  HookPrograms() { std::filesystem::create_directories(folder); }
  ~HookPrograms() override { std::filesystem::remove_all(folder); }

  std::string program(const std::string& body) const {
    const auto path = folder / random_id(8);
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
  }
  flows::HookCall call(const std::string& body, Millis limit = Millis{20'000}) const {
    flows::HookCall made;
    made.hook.run = {program(body)};
    made.hook.stage = "close gates";
    made.operation = "op1";
    made.kind = "ddl.paused";
    made.group = "orders";
    made.attempt = 2;
    made.limit = limit;
    return made;
  }
  Desired desired;
  std::string mark;
  flows::HookOutcome run(const flows::HookCall& made, const Call& limits = {}) {
    RealHooks hooks(desired, read, kClock);
    return hooks.run(
        made, [this](const std::string& text) { mark = text; }, limits);
  }
  static Secret read(const SecretSource& source) {
    if (source.text == "file:/absent")
      throw Error(ErrorKind::precondition, "SECRET_UNREADABLE", "cannot read file:/absent");
    return Secret("secret-of-" + source.text);
  }
};

TEST_F(HookPrograms, AreToldByTheirEnvironmentAndGetNoneOfOurs) {
  ::setenv("CLUSTER_PASSWORD", "hidden-from-hooks", 1);
  const auto outcome =
      run(call("echo $BDRMESH_OPERATION $BDRMESH_KIND $BDRMESH_GROUP $BDRMESH_STAGE $BDRMESH_WHEN "
               "$BDRMESH_ATTEMPT; echo password=$CLUSTER_PASSWORD"));
  ::unsetenv("CLUSTER_PASSWORD");
  EXPECT_TRUE(outcome.ok) << outcome.ended;
  EXPECT_THAT(outcome.output, HasSubstr("op1 ddl.paused orders close gates before 2"));
  EXPECT_TRUE(outcome.output.ends_with("password=")) << outcome.output;
}

TEST_F(HookPrograms, TakeNoShell) {
  flows::HookCall made = call("echo \"$1\"");
  made.hook.run.emplace_back("$(id); a b");
  EXPECT_EQ(run(made).output, "$(id); a b");
}

TEST_F(HookPrograms, FailWithTheirStatusAndWords) {
  const auto outcome = run(call("echo batch still runs >&2; exit 3"));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.ended, "exit status 3");
  EXPECT_EQ(outcome.output, "batch still runs");
}

TEST_F(HookPrograms, ThatAreAbsentAreFailuresInWords) {
  flows::HookCall made = call("");
  made.hook.run = {"/nowhere/at/all"};
  EXPECT_THAT(run(made).ended, HasSubstr("cannot be started: No such file"));
  RealHooks hooks(desired, read, kClock);
  EXPECT_THAT(hooks.fault_of(made.hook), HasSubstr("No such file"));
  made.hook.run = {"sh"};
  EXPECT_EQ(hooks.fault_of(made.hook), "");
  made.hook.env["X"] = SecretSource{"file:/absent"};
  EXPECT_THAT(hooks.fault_of(made.hook), HasSubstr("file:/absent"));
  EXPECT_THAT(run(made).ended, HasSubstr("file:/absent"));
}

TEST_F(HookPrograms, AreEndedWithAllTheirChildrenWhenTheirTimeIsUp) {
  const std::string note = (folder / "child").string();
  const auto outcome =
      run(call("trap '' TERM; sleep 100 & echo $! > " + note + "; wait; sleep 100", Millis{2'000}));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.ended, "timed out after 2000 ms");
  int child = 0;
  std::ifstream(note) >> child;
  ASSERT_GT(child, 1);
  EXPECT_TRUE(ends(child));
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie of ours is left";
}

TEST_F(HookPrograms, LeaveNothingBehindWhenTheyEnd) {
  const std::string note = (folder / "child").string();
  const auto outcome = run(call("sleep 100 & echo $! > " + note));
  EXPECT_TRUE(outcome.ok);
  EXPECT_LT(outcome.took, Millis{20'000});
  int child = 0;
  std::ifstream(note) >> child;
  ASSERT_GT(child, 1);
  EXPECT_TRUE(ends(child));
}

TEST_F(HookPrograms, AreEndedOnAStop) {
  std::stop_source stop;
  flows::HookOutcome outcome;
  {
    std::jthread asks([&] {
      RealHooks hooks(desired, read, kClock);
      outcome = hooks.run(
          call("sleep 100"), [&](const std::string&) { stop.request_stop(); },
          Call{MonoTime::max(), stop.get_token()});
    });
  }
  EXPECT_TRUE(outcome.stopped);
  EXPECT_FALSE(outcome.ok);
}

TEST_F(HookPrograms, InheritNoDescriptorAndTheUsualSignals) {
  const int ours = ::open("/dev/null", O_RDONLY);  // not marked close-on-exec
  ::signal(SIGPIPE, SIG_IGN);
  const auto outcome = run(call("ls /proc/self/fd | tr '\\n' ' '; grep SigIgn /proc/self/status"));
  ::close(ours);
  // ls opens one to read the folder.
  EXPECT_THAT(outcome.output, HasSubstr("0 1 2 3 ")) << outcome.output;
  EXPECT_THAT(outcome.output, Not(HasSubstr("4 ")));
  const std::size_t ignored = outcome.output.find("SigIgn:");
  ASSERT_NE(ignored, std::string::npos) << outcome.output;
  const auto mask = std::stoull(outcome.output.substr(ignored + 7), nullptr, 16);
  EXPECT_EQ(mask & (1ULL << (SIGPIPE - 1)), 0U) << outcome.output;
}

TEST_F(HookPrograms, KeepTheEndOfALongOutput) {
  const auto outcome = run(call("i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done"));
  EXPECT_LE(outcome.output.size(), 4200U);
  EXPECT_THAT(outcome.output, HasSubstr("line 2999"));
  EXPECT_TRUE(outcome.output.starts_with("... "));
}

TEST_F(HookPrograms, SayNothingSecret) {
  ClusterSpec east;
  east.name = ClusterName("east");
  east.password = SecretSource{"file:/east"};
  desired.clusters = {east};
  ::setenv("MY_API_TOKEN", "tok-12345", 1);
  flows::HookCall made =
      call("echo secret-of-file:/east; echo tok-12345; echo [$MORE]; printf '\\033[2J\\377'");
  made.hook.env["MORE"] = SecretSource{"env:MORE"};
  const auto outcome = run(made);
  ::unsetenv("MY_API_TOKEN");
  EXPECT_THAT(outcome.output, HasSubstr("*** | *** | [***]"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("secret-of")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("\033")));
}

TEST_F(HookPrograms, SayNothingSecretWhereTheOutputIsCut) {
  ClusterSpec east;
  east.name = ClusterName("east");
  east.password = SecretSource{"file:/east"};
  desired.clusters = {east};
  const auto outcome = run(
      call("i=0; while [ $i -lt 900 ]; do printf secret-of-file:/east; i=$((i+1)); done; echo x"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("east")));
  EXPECT_THAT(outcome.output, Not(HasSubstr("file")));
}

TEST_F(HookPrograms, ThatAnotherProcessLeftAreEndedByTheirMark) {
  std::string left;
  std::jthread runs([&](const std::stop_token& stop) {
    run_child(
        {{"sleep", "100"}, {{"PATH", "/usr/bin:/bin"}}, Millis{60'000}},
        [&](const std::string& text) {
          end_child("1 1 other-boot");  // another process' mark hits nobody
          left = text;
          end_child(text);
        },
        Call{MonoTime::max(), stop}, kClock);
  });
  runs.join();
  EXPECT_FALSE(left.empty());
}

TEST(MaskSecrets, TakesTheLongestFirstAndLeavesShortWords) {
  EXPECT_EQ(mask_secrets("abcd abcdef ab", {Secret("abcd"), Secret("abcdef"), Secret("ab")}),
            "*** *** ab");
  EXPECT_TRUE(names_a_secret("aws_secret_access"));
  EXPECT_FALSE(names_a_secret("HOME"));
}

/// Answers one request with `status`, keeps what was asked.
class OneAnswer {
 public:
  explicit OneAnswer(const std::string& status) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 1), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    if (status.empty()) return;
    thread_ = std::jthread([this, status] {
      const int peer = ::accept(socket_, nullptr, nullptr);
      char buffer[8192];
      while (asked.find("\"when\"") == std::string::npos) {
        const ssize_t got = ::recv(peer, buffer, sizeof buffer, 0);
        if (got <= 0) break;
        asked.append(buffer, static_cast<std::size_t>(got));
      }
      const std::string answer =
          "HTTP/1.1 " + status + "\r\nContent-Length: 5\r\nConnection: close\r\n\r\nready";
      ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(peer);
    });
  }
  ~OneAnswer() {
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  void wait() {
    if (thread_.joinable()) thread_.join();
  }
  int port = 0;
  std::string asked;

 private:
  int socket_ = -1;
  std::jthread thread_;
};

flows::HookCall url_call(int port, Millis limit = Millis{60'000}) {
  flows::HookCall made;
  made.hook.url = "http://127.0.0.1:" + std::to_string(port) + "/hook";
  made.hook.token = SecretSource{"env:T"};
  made.hook.stage = "close gates";
  made.operation = "op1";
  made.limit = limit;
  return made;
}

TEST_F(HookPrograms, AskAServiceWithItsToken) {
  OneAnswer service("200 OK");
  const auto outcome = run(url_call(service.port));
  service.wait();
  EXPECT_TRUE(outcome.ok) << outcome.ended;
  EXPECT_EQ(outcome.output, "ready");
  EXPECT_THAT(service.asked, HasSubstr("POST /hook"));
  EXPECT_THAT(service.asked, HasSubstr("Authorization: Bearer secret-of-env:T"));
  EXPECT_THAT(service.asked, HasSubstr("\"operation\":\"op1\""));
}

TEST_F(HookPrograms, TakeARefusalOfAServiceAsOne) {
  OneAnswer service("503 Not now");
  const auto outcome = run(url_call(service.port));
  EXPECT_FALSE(outcome.ok);
  EXPECT_EQ(outcome.ended, "HTTP 503");
}

TEST_F(HookPrograms, DoNotWaitForAServiceThatHangs) {
  OneAnswer service("");
  const auto outcome = run(url_call(service.port, Millis{200}));
  EXPECT_FALSE(outcome.ok);
  EXPECT_THAT(outcome.ended, HasSubstr("no answer"));
}

}  // namespace
}  // namespace bdrmesh
