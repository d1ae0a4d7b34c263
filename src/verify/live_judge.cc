#include "verify/live_judge.h"

#include <map>

namespace bdrmesh::verify {

Settled judge(const std::vector<DifferingRow>& before, const std::vector<DifferingRow>& now) {
  std::map<RowKey, const DifferingRow*> earlier;
  for (const DifferingRow& row : before) earlier[row.key] = &row;
  Settled settled;
  for (const DifferingRow& row : now) {
    const auto found = earlier.find(row.key);
    const bool unchanged = found != earlier.end() && found->second->hashes == row.hashes &&
                           found->second->counts == row.counts;
    (unchanged ? settled.different : settled.moving).push_back(row);
  }
  return settled;
}

}  // namespace bdrmesh::verify
