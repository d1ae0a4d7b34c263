#include "lab/http/http_server.h"

#include <gmock/gmock.h>
#include <string>

namespace bdrmesh::lab {
namespace {

std::string exchange(std::uint16_t port, const std::string& raw) {
  Socket socket = Socket::connect_tcp(port);
  socket.write_all(raw);
  std::string answer;
  try {
    for (char c = 0;; answer += c) socket.read_exactly(&c, 1);
  } catch (const SocketClosed&) {
  }
  return answer;
}

HttpResponse echo(const HttpRequest& request, const std::stop_token&) {
  HttpResponse response;
  response.body = request.method + "|" + request.path + "|" + request.query_or("state", "-") + "|" +
                  request.query_or("name", "-") + "|" + request.body;
  return response;
}

TEST(HttpServer, HandsPathQueryAndBodyDecodedToTheHandler) {
  HttpServer server(echo);
  const auto port = server.start();
  const std::string answer = exchange(port,
                                      "POST /a%20b?state=x%2By&name=p+q HTTP/1.1\r\nHost: "
                                      "h\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_THAT(answer, testing::HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, testing::HasSubstr("application/json; charset=utf-8"));
  EXPECT_THAT(answer, testing::EndsWith("POST|/a b|x+y|p q|hi"));
}

TEST(HttpServer, TurnsAnEscapedExceptionInto500) {
  HttpServer server([](const HttpRequest&, const std::stop_token&) -> HttpResponse {
    throw std::runtime_error("broken pipe dream");
  });
  const auto port = server.start();
  const std::string answer =
      exchange(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, testing::HasSubstr("HTTP/1.1 500"));
  EXPECT_THAT(answer, testing::EndsWith("broken pipe dream"));
}

TEST(HttpServer, CanSwallowTheAnswer) {
  HttpServer server([](const HttpRequest&, const std::stop_token&) {
    HttpResponse response;
    response.close_without_answer = true;
    return response;
  });
  const auto port = server.start();
  EXPECT_EQ(exchange(port, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"), "");
}

TEST(HttpServer, StopsWhileAHandlerWaitsAndStartsAgainOnItsPort) {
  HttpServer server([](const HttpRequest& request, const std::stop_token& stop) {
    while (request.path == "/wait" && !stop.stop_requested()) std::this_thread::yield();
    return HttpResponse{};
  });
  const auto port = server.start();
  Socket waiting = Socket::connect_tcp(port);
  waiting.write_all("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  server.stop();
  EXPECT_THROW(Socket::connect_tcp(port), SocketClosed);
  EXPECT_EQ(server.start(port), port);
  EXPECT_THAT(exchange(port, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              testing::HasSubstr("200 OK"));
}

TEST(PercentDecode, LeavesWrongEscapesAlone) {
  EXPECT_EQ(percent_decode("a%2", false), "a%2");
  EXPECT_EQ(percent_decode("%zz+%41", false), "%zz+A");
  EXPECT_EQ(percent_decode("%zz+%41", true), "%zz A");
}

}  // namespace
}  // namespace bdrmesh::lab
