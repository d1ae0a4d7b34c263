// Runs `cdc redo meta` and `cdc redo apply` of the configured program, in a process group of its
// own. Knows the forms of both families' answers (ticdc-api §6.2, measured §3 19). Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "flows/dr/redo_port.h"

namespace bdrmesh {

class RealRedoTool final : public flows::RedoTool {
 public:
  /// `program`: the cdc of the version that writes the log; empty: none is configured.
  RealRedoTool(std::string program, const Clock& clock)
      : program_(std::move(program)), clock_(clock) {}

  std::string fault() override;
  flows::RedoPositions positions(const std::string& storage, const Call& limits) override;
  std::string apply(const std::string& storage, const Secret& sink_uri,
                    const std::function<void(const std::string&)>& begun,
                    const Call& limits) override;
  void end_leftover(const std::string& mark) override;

 private:
  std::string program_;
  const Clock& clock_;
};

/// The positions in the answer of `redo meta`; std::nullopt when it is none. Pure.
std::optional<flows::RedoPositions> redo_positions_in(const std::string& output);

}  // namespace bdrmesh
