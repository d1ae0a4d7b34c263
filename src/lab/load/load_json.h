// What loads and their checks found, as JSON. Pure.
#pragma once

#include "base/json.h"
#include "lab/load/ledger_check.h"
#include "lab/load/load_run.h"
#include "lab/load/pause_window.h"
#include "lab/load/refusals.h"

namespace bdrmesh::lab::load {

Json to_json(const std::vector<LoadRun::ClusterCounts>& counts);
Json to_json(const std::vector<ClusterFindings>& findings);
/// TSOs as text: they do not fit a double.
Json to_json(const std::vector<WindowFindings>& findings);
Json to_json(const std::vector<Refusals>& all);

}  // namespace bdrmesh::lab::load
