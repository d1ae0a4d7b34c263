// What steps found out. Durable facts outlive a restart; volatile ones are taken anew, with every
// stage that rests on them.
#pragma once

#include <string>

#include "base/json.h"

namespace bdrmesh {

enum class FactLife {
  durable,
  volatile_,  // NOLINT(readability-identifier-naming): the word itself is a keyword
};

struct Fact {
  std::string name;   ///< "fence", "marker", "gate"
  std::string scope;  ///< cluster or link; empty for the whole operation
  FactLife life = FactLife::durable;
  Json value;
};

}  // namespace bdrmesh
