// Whether rows that differed while applications write differ for good. Pure; thread-safe.
#pragma once

#include <vector>

#include "verify/row_search.h"

namespace bdrmesh::verify {

struct Settled {
  std::vector<DifferingRow> different;  ///< nobody changed them, and everything had arrived
  std::vector<DifferingRow> moving;     ///< changed since: to be read once more
};

/// `before` was read, then every link passed that moment, then `now` was read: the rows of `before`
/// that still differ. A row whose versions are the same both times is not on its way anywhere.
Settled judge(const std::vector<DifferingRow>& before, const std::vector<DifferingRow>& now);

}  // namespace bdrmesh::verify
