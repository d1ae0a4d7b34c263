#include "lab/app/control.h"

#include <cstring>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "lab/app/lab_api.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab::app {
namespace {

constexpr int kClientPatienceMs = 2'000;

bool readable(int fd, int limit_ms) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, limit_ms) > 0;
}

/// Waits for a caller or the end, which `waker` tells.
bool somebody_calls(int listener, int waker) {
  pollfd waiting[2] = {{listener, POLLIN, 0}, {waker, POLLIN, 0}};
  return ::poll(waiting, 2, -1) > 0 && waiting[1].revents == 0;
}

/// Reads up to a line end. @return false when the other side is gone or says nothing.
bool read_line(int fd, std::string& line, int limit_ms) {
  line.clear();
  for (char c = 0; readable(fd, limit_ms) && ::read(fd, &c, 1) == 1;) {
    if (c == '\n') return true;
    line += c;
  }
  return false;
}

}  // namespace

ControlServer::ControlServer(const std::filesystem::path& socket, Handler handler)
    : handler_(std::move(handler)),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      waker_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = socket.string();
  if (path.size() < sizeof address.sun_path) {
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  }
  if (address.sun_path[0] == '\0' ||
      ::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, 8) != 0) {
    ::close(listener_);
    ::close(waker_);
    throw Error(ErrorKind::precondition, "LAB_CANNOT_START", "cannot listen on " + path);
  }
}

void ControlServer::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

ControlServer::~ControlServer() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  if (::write(waker_, &one, sizeof one) < 0) ::shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  ::close(listener_);
  ::close(waker_);
}

void ControlServer::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (!somebody_calls(listener_, waker_)) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    converse(client, stop);
    ::close(client);
  }
}

void ControlServer::converse(int client, const std::stop_token& stop) {
  std::string line;
  while (!stop.stop_requested() && read_line(client, line, kClientPatienceMs)) {
    const std::string answer = answer_to(line).dump() + "\n";
    if (::send(client, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
  }
}

Json ControlServer::answer_to(const std::string& line) {
  try {
    return handler_(parse_json(line, "request"));
  } catch (const Error& e) {
    return problem_json(e);
  } catch (const std::exception& e) {
    return problem_json(Error(ErrorKind::bug, "LAB_FAILED", e.what()));
  }
}

Json ask_lab(const std::filesystem::path& socket, const Json& request) {
  std::string line;
  try {
    Socket connection = Socket::connect_unix(socket.string());
    connection.write_all(request.dump() + "\n");
    for (char c = 0; c != '\n'; line += c) connection.read_exactly(&c, 1);
  } catch (const SocketClosed&) {
    throw Error(ErrorKind::precondition, "NO_LAB", "the lab does not answer on " + socket.string(),
                "it may still be starting: ask again");
  }
  const Json answer = parse_json(line, "the lab's answer");
  if (answer.is_object() && answer.contains("error")) {
    const Json& error = answer.at("error");
    throw Error(error_kind_from(get_required<std::string>(error, "kind")),
                get_required<std::string>(error, "code"),
                get_required<std::string>(error, "message"),
                get_or<std::string>(error, "remedy", ""));
  }
  return answer;
}

}  // namespace bdrmesh::lab::app
