// At least one case for each kind of operation: a world in which it has everything to do, and what
// to ask for. A new kind needs a line in kind_cases.cc; all generated tests then run it too.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {

struct KindCase {
  std::string kind;
  std::string name;  ///< of the case: the kind, and what is special
  /// Brings the world into the state that the operation starts from. @return its arguments
  std::function<Json(FlowBench&)> world;
  /// What must be true when it has succeeded, beyond that the world is as after a clean run.
  std::function<void(const FlowBench&, const std::string& journal)> done;
  std::vector<std::string> clusters{"east", "west"};
  /// What it has done stands even if it is then cancelled or fails: what lets rows flow again is
  /// not taken back.
  bool one_way = false;
};

const std::vector<KindCase>& kind_cases();
/// Of one duty each; `kind_cases` has them all.
std::vector<KindCase> backup_kind_cases();
std::vector<KindCase> ddl_kind_cases();
std::vector<KindCase> dr_kind_cases();
std::vector<KindCase> stop_kind_cases();
std::vector<KindCase> members_kind_cases();
std::vector<KindCase> mesh_kind_cases();
/// @throws std::out_of_range
const KindCase& kind_case(const std::string& name);

/// Every kind that `plan_operation` knows.
std::vector<std::string> kinds_of_the_registry();

}  // namespace bdrmesh::flows
