// A statement that runs on a connection and a thread of its own.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "lab/sql/client.h"

namespace bdrmesh::lab {

class Running {
 public:
  Running(TestClient client, const std::string& sql)
      : client_(std::make_unique<TestClient>(std::move(client))), id_(client_->id()) {
    thread_ = std::thread([this, sql] {
      error_ = client_->error_of(sql);
      returned_ = true;
    });
  }
  ~Running() {
    if (thread_.joinable()) thread_.join();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  std::uint64_t id() const { return id_; }
  bool has_returned() const { return returned_; }
  /// Waits for the answer. @return "code state text" of the failure, "" when there is none.
  std::string wait() {
    if (thread_.joinable()) thread_.join();
    return error_;
  }
  TestClient& client() { return *client_; }

 private:
  std::unique_ptr<TestClient> client_;
  std::uint64_t id_;
  std::atomic<bool> returned_{false};
  std::string error_;
  std::thread thread_;
};

}  // namespace bdrmesh::lab
