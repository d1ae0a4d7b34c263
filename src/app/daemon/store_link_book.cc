#include "app/daemon/store_link_book.h"

#include <algorithm>

namespace bdrmesh {
namespace {

constexpr const char* kProof = "link_proof";

LinkIncarnation from_record(const IncarnationRecord& record) {
  LinkIncarnation one;
  one.group = GroupName(record.group);
  one.link = {ClusterName(record.from), ClusterName(record.to)};
  one.number = record.number;
  one.changefeed = ChangefeedId(record.changefeed);
  one.start = Tso(record.start_tso);
  one.proven = Tso(record.proven_tso);
  one.removed = record.state == "removed";
  return one;
}

}  // namespace

std::vector<LinkIncarnation> StoreLinkBook::incarnations(const GroupName& group) const {
  std::vector<LinkIncarnation> all;
  for (const IncarnationRecord& record : store_.incarnations(group.value())) {
    LinkIncarnation one = from_record(record);
    if (const auto proof = store_.document(kProof, record.changefeed)) one.proven_at = proof->at;
    all.push_back(std::move(one));
  }
  return all;
}

void StoreLinkBook::put(const LinkIncarnation& incarnation) {
  store_.put_incarnation({incarnation.group.value(), incarnation.link.from.value(),
                          incarnation.link.to.value(), incarnation.number,
                          incarnation.changefeed.value(), incarnation.start.value(),
                          incarnation.proven.value(), incarnation.removed ? "removed" : "created"});
}

void StoreLinkBook::proven(const GroupName& group, const Link& link, const ChangefeedId& changefeed,
                           Tso tso, WallTime at) {
  for (LinkIncarnation one : incarnations(group)) {
    if (one.link != link || one.changefeed != changefeed || one.proven > tso) continue;
    one.proven = tso;
    put(one);
    store_.put_document({kProof, changefeed.value(), at, {{"tso", to_string(tso)}}});
  }
}

}  // namespace bdrmesh
