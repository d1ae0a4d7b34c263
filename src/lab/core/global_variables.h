// Global system variables, with the view that each tidb-server has of them: who executes SET GLOBAL
// sees it at once, the others a moment later (tidb-sql §2.2; a server may be late or never hear of
// it). Thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

class GlobalVariables {
 public:
  GlobalVariables(const Clock& clock, std::size_t servers);

  /// Sets on `server` at once and on the others after their delay. Names are lower case.
  void set(std::size_t server, const std::string& name, const std::string& value);
  /// Sets everywhere at once (initial values, faults).
  void set_everywhere(const std::string& name, const std::string& value);
  /// What `server` believes now.
  std::optional<std::string> get(std::size_t server, const std::string& name) const;
  /// What was set last, whoever knows it.
  std::optional<std::string> stored(const std::string& name) const;
  std::map<std::string, std::string> all(std::size_t server) const;

  /// How late `server` hears of changes made elsewhere from now on; std::nullopt: never.
  void set_delay(std::size_t server, std::optional<Millis> delay);
  /// A frozen server hears nothing; when it wakes, what it missed arrives after its usual delay
  /// (measured: it goes on with what it had been doing first).
  void freeze(std::size_t server);
  void thaw(std::size_t server);
  /// A server that starts reads everything that is stored.
  void reload(std::size_t server);

 private:
  struct Change {
    MonoTime due;
    std::string name;
    std::string value;
  };
  struct View {
    std::map<std::string, std::string> values;
    std::deque<Change> coming;
    std::optional<Millis> delay;
    bool frozen = false;
  };
  void settle(View& view) const;

  const Clock& clock_;
  mutable std::mutex mutex_;  // guards stored_ and views_
  std::map<std::string, std::string> stored_;
  mutable std::vector<View> views_;
};

}  // namespace bdrmesh::lab
