#include "mesh/link_book.h"

#include <algorithm>

namespace bdrmesh {

int last_incarnation(const std::vector<LinkIncarnation>& all, const Link& link) {
  int last = 0;
  for (const LinkIncarnation& one : all) {
    if (one.link == link) last = std::max(last, one.number);
  }
  return last;
}

}  // namespace bdrmesh
