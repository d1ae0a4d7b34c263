// A web server of a few lines on a free loopback port, that answers what a test tells it to. Its
// thread is joined at the end.
#pragma once

#include <arpa/inet.h>
#include <functional>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace bdrmesh::test {

struct CannedRequest {
  std::string line;  ///< "GET /path HTTP/1.1"
  std::string body;
};

class CannedServer {
 public:
  /// @return the whole answer, or std::nullopt to say nothing until the client goes away.
  using Handler = std::function<std::optional<std::string>(const CannedRequest&)>;

  explicit CannedServer(Handler handler)
      : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, plain, &size) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~CannedServer() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }
  CannedServer(const CannedServer&) = delete;
  CannedServer& operator=(const CannedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::vector<CannedRequest> requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
  }

  static std::string answer(int status, const std::string& body,
                            const std::string& type = "application/json") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
           body;
  }

 private:
  static bool readable(int socket) {
    pollfd waiting{socket, POLLIN, 0};
    return ::poll(&waiting, 1, 20) > 0;
  }

  void serve(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (!readable(listener_)) continue;
      const int client = ::accept(listener_, nullptr, nullptr);
      if (client < 0) continue;
      talk(client, stop);
      ::close(client);
    }
  }

  void talk(int client, const std::stop_token& stop) {
    const std::string text = read_request(client, stop);
    CannedRequest request{text.substr(0, text.find('\r')),
                          text.substr(std::min(text.size(), text.find("\r\n\r\n") + 4))};
    {
      const std::scoped_lock lock(mutex_);
      requests_.push_back(request);
    }
    if (const auto reply = handler_(request)) {
      (void)!::send(client, reply->data(), reply->size(), MSG_NOSIGNAL);
      return;
    }
    char byte = 0;
    while (!stop.stop_requested()) {
      if (readable(client) && ::recv(client, &byte, 1, 0) <= 0) return;
    }
  }

  static std::string read_request(int client, const std::stop_token& stop) {
    std::string text;
    char buffer[4096];
    while (!stop.stop_requested() && !complete(text)) {
      if (!readable(client)) continue;
      const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, static_cast<std::size_t>(got));
    }
    return text;
  }

  static bool complete(const std::string& text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t length = text.find("Content-Length: ");
    if (length == std::string::npos || length > end) return true;
    return text.size() >= end + 4 + std::stoul(text.substr(length + 16));
  }

  Handler handler_;
  int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;  // guards requests_
  std::vector<CannedRequest> requests_;
  std::jthread thread_;
};

}  // namespace bdrmesh::test
