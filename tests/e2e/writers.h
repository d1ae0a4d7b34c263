// Applications of a test: each inserts rows of its own and updates them, and counts what the server
// took. What a closed gate refuses is tried again.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace bdrmesh::e2e {

class Writers {
 public:
  /// @return the server's error, 0 when it ran
  using Write = std::function<int(const std::string& cluster, const std::string& statement)>;

  Writers(const std::vector<std::string>& clusters, Write write) : write_(std::move(write)) {
    int first = 700'000'000;
    for (const std::string& name : clusters) {
      threads_.emplace_back(
          [this, name, first](const std::stop_token& stop) { run(name, first, stop); });
      first += 10'000'000;
    }
  }
  void stop() { threads_.clear(); }
  int written() const { return written_; }

 private:
  void run(const std::string& name, int first, const std::stop_token& stop) {
    for (int i = 0; !stop.stop_requested(); ++i) {
      const std::string values =
          std::to_string(first + i) + ", '" + name + "', 'written under load', 1.5";
      const std::string row = "INSERT INTO app.orders (id, origin, note, amount) VALUES (" + values;
      if (write_(name, row + ")") == 0) ++written_;
      write_(name,
             "UPDATE app.orders SET note = 'changed' WHERE id = " + std::to_string(first + i / 2));
    }
  }

  Write write_;
  std::atomic<int> written_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace bdrmesh::e2e
