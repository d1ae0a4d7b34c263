#include "mesh/link_book.h"

#include <algorithm>

namespace bdrmesh {

std::optional<ProofGap> gap_before(const std::vector<LinkIncarnation>& all,
                                   const ChangefeedId& feed) {
  const auto own = std::ranges::find(all, feed, &LinkIncarnation::changefeed);
  if (own == all.end()) return std::nullopt;
  const LinkIncarnation* before = nullptr;
  for (const LinkIncarnation& one : all) {
    if (one.group != own->group || one.link != own->link || one.number >= own->number) continue;
    if (before == nullptr || one.number > before->number) before = &one;
  }
  if (before == nullptr || own->start <= before->proven) return std::nullopt;
  return ProofGap{before->proven, own->start};
}

int last_incarnation(const std::vector<LinkIncarnation>& all, const Link& link) {
  int last = 0;
  for (const LinkIncarnation& one : all) {
    if (one.link == link) last = std::max(last, one.number);
  }
  return last;
}

}  // namespace bdrmesh
