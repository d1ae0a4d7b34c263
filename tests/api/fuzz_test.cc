// Throws described and broken requests at the real server, with the real daemon over clusters in
// memory behind it. Nothing may be answered that docs/openapi.yaml does not describe, nothing may
// hang, and everything goes on afterwards.
// BDRMESH_FUZZ_SEED repeats a run, BDRMESH_FUZZ_MS makes it longer.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <iostream>
#include <sys/socket.h>
#include <thread>

#include "api/daemon_bench.h"
#include "api/fuzz_request.h"
#include "api/http_server.h"
#include "unit/api/raw_client.h"

namespace bdrmesh::testing_api {
namespace {

using testing::IsEmpty;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

struct Response {
  int status = 0;
  std::string media;
  std::string body;
  bool whole = false;  ///< the body is as long as the header says
};

std::string header_value(const std::string& header, const std::string& name) {
  const std::size_t at = header.find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return header.substr(begin, header.find("\r\n", begin) - begin);
}

Response parsed(std::string bytes, bool head) {
  static const std::string kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  if (bytes.starts_with(kGoOn)) bytes.erase(0, kGoOn.size());
  Response response;
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with("HTTP/1.") || end == std::string::npos) return response;
  response.status = std::atoi(bytes.c_str() + 9);
  const std::string header = bytes.substr(0, end + 2);
  response.media = header_value(header, "Content-Type");
  response.body = bytes.substr(end + 4);
  const std::string length = header_value(header, "Content-Length");
  response.whole = response.media == "text/event-stream" ||
                   (head ? response.body.empty() : std::to_string(response.body.size()) == length);
  return response;
}

class Fuzz : public testing::Test {
 protected:
  Fuzz() {
    bench_.start();
    bench_.look_once();
    HttpServerOptions options;
    options.asks_clusters = Router::asks_clusters;
    server_ = std::make_unique<HttpServer>(
        options, [this](const ApiRequest& asked) { return bench_.router.answer(asked); });
    server_->start();
  }

  /// @return what is wrong with the answer; empty: nothing.
  std::string throw_one(RequestMaker& maker, const MadeRequest& made) {
    RawClient client(server_->port());
    if (!client.connected()) return "no connection";
    client.send(made.bytes);
    if (!made.whole) client.finish();
    const bool stream = made.operation != nullptr && made.operation->path == "/events/stream";
    const std::string bytes = stream ? client.read_until("\r\n\r\n") : client.read_all();
    if (client.timed_out()) return "no answer within ten seconds";
    const Response response = parsed(bytes, made.method == "HEAD");
    if (response.status == 0)
      return made.whole ? "no answer: " + bytes.substr(0, 200) : std::string();
    ++statuses_[static_cast<std::size_t>(response.status)];
    return fault_of(maker, made, response);
  }

  std::string fault_of(RequestMaker& maker, const MadeRequest& made, const Response& response) {
    // Turned bytes may have made another method of HEAD, or none at all.
    const bool head_is_sure = made.whole || made.method != "HEAD";
    if (!response.whole && head_is_sure) return "the length is not as announced";
    if (response.status == 500) return "a bug: " + response.body;
    if (made.method == "HEAD") return {};
    std::vector<std::string> faults;
    if (made.operation != nullptr) {
      faults = description_.judge(*made.operation, response.status, response.media, response.body);
    } else if (response.status >= 400 && response.media != "application/json") {
      faults = description_.judge_problem(response.status, response.media, response.body);
    }
    if (!faults.empty()) return faults.front();
    const bool unreadable = response.status >= 400 && response.status < 500 &&
                            response.status != 404 && response.status != 409 &&
                            response.status != 422;
    const Json body = Json::parse(response.body, nullptr, false);
    if (made.fate == Fate::taken && unreadable && !says_argument(body))
      return "refused although it is as described: " + response.body;
    if (made.fate == Fate::refused && response.status < 400) return "taken although it is broken";
    if (body.is_object()) {
      for (const char* id : {"operation", "plan_id"})
        if (body.contains(id) && body[id].is_string()) maker.learn(body[id]);
    }
    return {};
  }

  /// Arguments are judged by the kind of operation, not by the description.
  static bool says_argument(const Json& body) {
    static const std::set<std::string> kOfKinds{"BAD_ARGUMENT", "BAD_JSON", "DDL_SYNTAX",
                                                "NOT_DDL"};
    return body.is_object() && kOfKinds.contains(body.value("code", std::string()));
  }

  void run(std::uint64_t seed, std::chrono::steady_clock::time_point until) {
    RequestMaker maker(description_, seed);
    while (std::chrono::steady_clock::now() < until && !failed_) {
      const MadeRequest made = maker.make();
      const std::string fault = throw_one(maker, made);
      ++thrown_;
      if (fault.empty()) continue;
      failed_ = true;
      ADD_FAILURE() << fault << "\n(" << made.what << ")\n" << made.bytes.substr(0, 1500);
    }
  }

  const OpenApi description_{std::string(BDR_SOURCE_DIR) + "/docs/openapi.yaml"};
  const SystemClock clock_;
  DaemonBench bench_{clock_};
  std::unique_ptr<HttpServer> server_;
  std::array<std::atomic<int>, 1000> statuses_{};
  std::atomic<int> thrown_ = 0;
  std::atomic<bool> failed_ = false;
};

TEST_F(Fuzz, FindsNothingThatIsNotDescribed) {
  const std::uint64_t seed = number_from_environment("BDRMESH_FUZZ_SEED", std::random_device{}());
  const auto length = std::chrono::milliseconds(number_from_environment("BDRMESH_FUZZ_MS", 10'000));
  std::cout << "BDRMESH_FUZZ_SEED=" << seed << std::endl;
  const auto until = std::chrono::steady_clock::now() + length;
  std::vector<std::jthread> threads;
  for (std::uint64_t n = 0; n < 3; ++n)
    threads.emplace_back([this, seed, n, until] { run(seed + n, until); });
  threads.clear();
  std::cout << thrown_ << " requests:";
  for (std::size_t status = 0; status < statuses_.size(); ++status)
    if (statuses_[status] > 0) std::cout << " " << status << "x" << statuses_[status];
  std::cout << std::endl;
  RawClient client(server_->port());
  client.send("GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.read_all(), testing::StartsWith("HTTP/1.1 200")) << "and goes on serving";
  server_->stop();
}

}  // namespace
}  // namespace bdrmesh::testing_api
