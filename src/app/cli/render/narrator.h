// Tells an operation as it goes on: each stage once, the point of no return, warnings, what is
// waited for. Pure state: takes the operation's JSON (api/backend.h) again and again and gives the
// new lines. One thread.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

class Narrator {
 public:
  /// How much is told: on a pipe every event with its time, on a terminal what a board of stages
  /// below does not show.
  enum class Tells { stages_and_warnings, everything, warnings };
  explicit Narrator(Tells tells = Tells::stages_and_warnings) : tells_(tells) {}

  /// @return the lines that are new since the last call.
  std::vector<std::string> tell(const Json& operation, WallTime now);
  /// The line of one event, wherever it was heard first; empty when it was told or is not to be.
  std::string tell_event(const Json& event);

  /// `writes paused for 1.2 s of 5.0 s` while a gate of the operation is closed; empty otherwise.
  static std::string pause_clock(const Json& operation, WallTime now);

 private:
  void tell_queue(const Json& operation, WallTime now, std::vector<std::string>& lines);
  void tell_stages(const Json& operation, std::vector<std::string>& lines);
  void tell_line(const Json& operation, std::vector<std::string>& lines);
  void tell_events(const Json& operation, std::vector<std::string>& lines);
  void tell_waiting(const Json& operation, WallTime now, std::vector<std::string>& lines);

  Tells tells_;
  std::size_t stages_told_ = 0;
  bool line_told_ = false;
  bool undo_told_ = false;
  bool queue_told_ = false;
  std::set<std::string> events_told_;
  std::string waiting_;
  WallTime waiting_since_{};
};

/// @return the epoch for what is no RFC 3339 UTC time.
WallTime from_rfc3339(const std::string& text);

/// From `begin` to `end`, both RFC 3339, or to `now` when there is no end. @return std::nullopt
/// when it has not begun. Never negative: clocks of two machines differ.
std::optional<Millis> between(const Json& begin, const Json& end, WallTime now);

}  // namespace bdrmesh
