// Steps that keep history for as long as somebody rests on it: the GC life time is raised before a
// position is taken and given back afterwards, to what it was, also after a crash; several
// operations may hold it at once (design §2 rules 3 and 14).
#pragma once

#include <optional>
#include <string>

#include "flows/step_args.h"
#include "gate/shared_setting.h"

namespace bdrmesh::flows {

/// tidb_gc_life_time as a setting that operations share: the longest life wins.
SharedSetting gc_life_time();

/// A Go duration such as "10m0s", "1h30m" or "1.5h". std::nullopt when it is none. Pure.
std::optional<Millis> go_duration(const std::string& text);
/// As TiDB prints it: "24h0m0s". Pure.
std::string to_go_duration(Millis span);

/// The cluster keeps its history for at least args.life_ms while this operation lasts, read back;
/// at most what TiDB takes (8760 h, tidb-sql §5.3).
class HoldGc final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
  void compensate(StepContext& ctx) override;

 private:
  Millis wanted() const;
};

/// This operation holds history no more; the last holder has given back the first value.
class GiveBackGc final : public ClusterStep {
 public:
  using ClusterStep::ClusterStep;
  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;
};

}  // namespace bdrmesh::flows
