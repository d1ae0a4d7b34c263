// The book of links in the state file.
#pragma once

#include "mesh/link_book.h"
#include "store/state_store.h"

namespace bdrmesh {

class StoreLinkBook final : public LinkBook {
 public:
  explicit StoreLinkBook(StateStore& store) : store_(store) {}

  std::vector<LinkIncarnation> incarnations(const GroupName& group) const override;
  void put(const LinkIncarnation& incarnation) override;
  void proven(const GroupName& group, const Link& link, const ChangefeedId& changefeed, Tso tso,
              WallTime at) override;

 private:
  StateStore& store_;
};

}  // namespace bdrmesh
