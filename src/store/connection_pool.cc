#include "store/connection_pool.h"

namespace bdrmesh {

ConnectionPool::ConnectionPool(std::string path)
    : path_(std::move(path)), single_(path_ == ":memory:") {}

ConnectionPool::Lease ConnectionPool::lend() {
  {
    std::unique_lock lock(mutex_);
    if (single_) returned_.wait(lock, [this] { return !opened_ || !idle_.empty(); });
    if (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      return {*this, std::move(connection)};
    }
    opened_ = true;
  }
  return {*this, std::make_unique<sqlite::Connection>(path_)};
}

void ConnectionPool::give_back(std::unique_ptr<sqlite::Connection> connection) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(connection));
  returned_.notify_one();
}

}  // namespace bdrmesh
