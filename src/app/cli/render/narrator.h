// Tells an operation as it goes on: each stage once, the point of no return, warnings, what is
// waited for. Pure state: takes the operation's JSON (api/backend.h) again and again and gives the
// new lines. One thread.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

class Narrator {
 public:
  /// @return the lines that are new since the last call.
  std::vector<std::string> tell(const Json& operation, WallTime now);

  /// `writes paused for 1.2 s of 5.0 s` while a gate of the operation is closed; empty otherwise.
  static std::string pause_clock(const Json& operation, WallTime now);

 private:
  void tell_stages(const Json& operation, std::vector<std::string>& lines);
  void tell_line(const Json& operation, std::vector<std::string>& lines);
  void tell_events(const Json& operation, std::vector<std::string>& lines);
  void tell_waiting(const Json& operation, WallTime now, std::vector<std::string>& lines);

  std::size_t stages_told_ = 0;
  bool line_told_ = false;
  bool undo_told_ = false;
  std::set<std::string> events_told_;
  std::string waiting_;
  WallTime waiting_since_{};
};

/// @return the epoch for what is no RFC 3339 UTC time.
WallTime from_rfc3339(const std::string& text);

}  // namespace bdrmesh
