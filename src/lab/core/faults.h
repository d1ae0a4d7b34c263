// What is made to go wrong in one cluster's SQL side, set by commands and read by the front ends.
// Thread-safe. Killing and freezing of servers are methods of the front end itself.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

class Faults {
 public:
  struct DdlFailure {
    int code = 0;
    std::string message;
  };

  /// The next statement that contains `part` takes effect, but its connection is lost before the
  /// answer.
  void lose_answer_of_next(const std::string& part);
  bool takes_answer(const std::string& statement);

  /// Every DDL works this long before the engine starts on it.
  void set_ddl_delay(Millis delay);
  Millis ddl_delay() const;

  /// The next `count` DDL statements that contain `part` fail as jobs with this error.
  void fail_next_ddl(const std::string& part, int count, DdlFailure failure);
  std::optional<DdlFailure> takes_ddl_failure(const std::string& statement);

  /// How long cluster_info goes on showing a server that was killed.
  void set_topology_delay(Millis delay);
  Millis topology_delay() const;

  void clear();

 private:
  struct PendingDdlFailure {
    std::string part;
    int left = 0;
    DdlFailure failure;
  };
  mutable std::mutex mutex_;  // guards all below
  std::vector<std::string> lost_answers_;
  std::vector<PendingDdlFailure> ddl_failures_;
  Millis ddl_delay_{0};
  Millis topology_delay_{0};
};

}  // namespace bdrmesh::lab
