#include "clients/sql/abandonable.h"

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

namespace bdrmesh {
namespace {

struct Shared {
  std::mutex mutex;  // guards ended and failure
  std::condition_variable_any changed;
  bool ended = false;
  std::exception_ptr failure;
};

void run(const std::shared_ptr<Shared>& shared, std::function<void()> work) {
  std::exception_ptr failure;
  try {
    work();
  } catch (...) {
    failure = std::current_exception();
  }
  work = nullptr;  // what it owns is gone before anybody is told
  const std::scoped_lock lock(shared->mutex);
  shared->failure = std::move(failure);
  shared->ended = true;
  shared->changed.notify_all();
}

}  // namespace

bool run_unless_stopped(const std::stop_token& stop, std::function<void()> work) {
  const auto shared = std::make_shared<Shared>();
  std::thread([shared, owned = std::move(work)]() mutable {
    run(shared, std::move(owned));
  }).detach();

  std::unique_lock lock(shared->mutex);
  if (!shared->changed.wait(lock, stop, [&] { return shared->ended; })) return false;
  if (shared->failure) std::rethrow_exception(std::exchange(shared->failure, nullptr));
  return true;
}

bool run_until(const Clock& clock, MonoTime deadline, const std::stop_token& stop,
               std::function<void()> work) {
  const auto shared = std::make_shared<Shared>();
  std::stop_source over;
  const std::stop_callback stopped(stop, [over]() mutable { over.request_stop(); });
  std::thread([shared, over, owned = std::move(work)]() mutable {
    run(shared, std::move(owned));
    over.request_stop();
  }).detach();

  clock.wait_until(deadline, over.get_token());
  const std::scoped_lock lock(shared->mutex);
  if (!shared->ended) return false;
  if (shared->failure) std::rethrow_exception(std::exchange(shared->failure, nullptr));
  return true;
}

}  // namespace bdrmesh
