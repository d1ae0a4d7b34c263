#include "lab/load/load_json.h"

namespace bdrmesh::lab::load {

Json to_json(const std::vector<LoadRun::ClusterCounts>& counts) {
  Json all = Json::array();
  for (const auto& [cluster, values] : counts) {
    Json refused = Json::object();
    for (const auto& [code, count] : values.refused) refused[std::to_string(code)] = count;
    all.push_back({{"cluster", cluster},
                   {"committed", values.committed},
                   {"without_commit_ts", values.unplaced},
                   {"refused", std::move(refused)},
                   {"unknown", values.unknown},
                   {"connections_lost", values.connections_lost},
                   {"longest_silence_ms", values.longest_silence.count()}});
  }
  return all;
}

Json to_json(const std::vector<ClusterFindings>& findings) {
  Json all = Json::array();
  for (const ClusterFindings& found : findings) {
    all.push_back({{"cluster", found.cluster},
                   {"checked", found.checked},
                   {"missing", found.missing},
                   {"differing", found.differing},
                   {"surplus", found.surplus},
                   {"repeated", found.repeated},
                   {"examples", found.examples},
                   {"failure", found.failure},
                   {"complete", found.clean()}});
  }
  return all;
}

Json to_json(const std::vector<WindowFindings>& findings) {
  Json all = Json::array();
  for (const WindowFindings& found : findings) {
    all.push_back({{"cluster", found.window.cluster},
                   {"fence", std::to_string(found.window.fence)},
                   {"open", std::to_string(found.window.open)},
                   {"before", found.before},
                   {"inside", found.inside},
                   {"after", found.after},
                   {"unplaced", found.unplaced},
                   {"examples", found.examples},
                   {"proven", found.clean()}});
  }
  return all;
}

Json to_json(const std::vector<Refusals>& refusals) {
  Json all = Json::array();
  for (const Refusals& one : refusals) {
    all.push_back({{"cluster", one.cluster},
                   {"attempts", one.attempts},
                   {"times", one.times},
                   {"longest_ms", one.longest.count()},
                   {"total_ms", one.total.count()},
                   {"longest_began", to_rfc3339(one.longest_began)}});
  }
  return all;
}

}  // namespace bdrmesh::lab::load
