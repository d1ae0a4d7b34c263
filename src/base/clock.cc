#include "base/clock.h"

#include <array>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace bdrmesh {

WallTime SystemClock::now() const {
  return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
}

MonoTime SystemClock::mono() const { return std::chrono::steady_clock::now(); }

bool SystemClock::wait_until(MonoTime until, const std::stop_token& stop) const {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_until(lock, stop, until, [] { return false; });
  return !stop.stop_requested();
}

std::string to_rfc3339(WallTime time) {
  const std::int64_t millis = to_millis(time);
  const auto seconds = static_cast<std::time_t>(millis >= 0 ? millis / 1000 : (millis - 999) / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 48> out{};
  std::snprintf(out.data(), out.size(), "%s.%03dZ", date.data(), static_cast<int>(millis - seconds * 1000));
  return out.data();
}

}  // namespace bdrmesh
