#include "lab/core/tso_oracle.h"

#include <algorithm>

namespace bdrmesh::lab {

std::uint64_t TsoOracle::next() {
  const std::uint64_t physical = static_cast<std::uint64_t>(to_millis(now())) << 18;
  const std::lock_guard lock(mutex_);
  last_ = std::max(last_ + 1, physical + 1);
  return last_;
}

}  // namespace bdrmesh::lab
