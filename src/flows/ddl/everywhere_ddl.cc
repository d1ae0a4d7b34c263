#include "flows/ddl/everywhere_ddl.h"

namespace bdrmesh::flows {

void add_everywhere(DdlStages& stages, const Statements& part) {
  stages.change(part);
  stages.compare(stages.label("compare", part.back()), part);
  // A new table or partition makes feeds stumble until all have it: only a marker tells that they
  // are over it.
  stages.prove(" " + std::to_string(part.back().number));
}

}  // namespace bdrmesh::flows
