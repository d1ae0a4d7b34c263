#include "verify/row_ranges.h"

#include <algorithm>

namespace bdrmesh::verify {
namespace {

constexpr std::size_t kMostRanges = 1000;

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

Json digests_json(const std::map<ClusterName, RangeDigest>& digests) {
  Json out = Json::object();
  for (const auto& [cluster, digest] : digests) out[cluster.value()] = to_json(digest);
  return out;
}

}  // namespace

std::uint64_t PassState::most_rows() const {
  std::uint64_t most = 0;
  for (const auto& [cluster, count] : rows) most = std::max(most, count);
  return most;
}

void PassState::differs(DifferingRange found) {
  if (differing.size() >= kMostRanges && differing.back().range.upto) {
    DifferingRange& last = differing.back();
    last.range.upto = found.range.upto;
    for (auto& [cluster, digest] : last.digests) {
      digest.rows += found.digests[cluster].rows;
      digest.sum = "?";
    }
    return;
  }
  differing.push_back(std::move(found));
}

bool all_equal(const std::map<ClusterName, RangeDigest>& digests) {
  return std::ranges::all_of(
      digests, [&](const auto& one) { return one.second == digests.begin()->second; });
}

Json to_json(const KeyRange& range) {
  Json out = Json::object();
  if (range.after) out["after"] = *range.after;
  if (range.upto) out["upto"] = *range.upto;
  return out;
}

KeyRange range_from(const Json& json) {
  KeyRange range;
  if (json.contains("after")) range.after = get_required<CutKey>(json, "after");
  if (json.contains("upto")) range.upto = get_required<CutKey>(json, "upto");
  return range;
}

Json to_json(const RangeDigest& digest) {
  return {{"rows", digest.rows}, {"opaque", digest.opaque}, {"sum", digest.sum}};
}

RangeDigest digest_from(const Json& json) {
  return {get_required<std::uint64_t>(json, "rows"), get_or<std::uint64_t>(json, "opaque", 0),
          get_required<std::string>(json, "sum")};
}

Json to_json(const PassState& state) {
  Json out{{"complete", state.complete},
           {"chunks", state.chunks},
           {"chunk_rows", state.chunk_rows},
           {"opaque", state.opaque}};
  if (state.frontier) out["frontier"] = *state.frontier;
  out["rows"] = Json::object();
  for (const auto& [cluster, count] : state.rows) out["rows"][cluster.value()] = count;
  out["differing"] = Json::array();
  for (const DifferingRange& one : state.differing)
    out["differing"].push_back(
        {{"range", to_json(one.range)}, {"digests", digests_json(one.digests)}});
  return out;
}

PassState pass_state_from(const Json& json) {
  PassState state;
  state.complete = get_or(json, "complete", false);
  if (json.contains("frontier")) state.frontier = get_required<CutKey>(json, "frontier");
  state.chunks = get_or<std::uint64_t>(json, "chunks", 0);
  state.chunk_rows = get_or<std::uint64_t>(json, "chunk_rows", 0);
  state.opaque = get_or<std::uint64_t>(json, "opaque", 0);
  const Json rows = get_or(json, "rows", Json::object());
  for (const auto& [cluster, count] : rows.items())
    state.rows[ClusterName(cluster)] = count.get<std::uint64_t>();
  for (const Json& one : get_or(json, "differing", Json::array())) {
    DifferingRange range{range_from(one.at("range")), {}};
    for (const auto& [cluster, digest] : one.at("digests").items())
      range.digests[ClusterName(cluster)] = digest_from(digest);
    state.differing.push_back(std::move(range));
  }
  return state;
}

std::string describe(const TableRead& read, const KeyRange& range) {
  if (!range.after && !range.upto) return "the whole table";
  std::vector<std::string> names(read.key.begin(),
                                 read.key.begin() + static_cast<std::ptrdiff_t>(read.cut_by));
  std::string out;
  if (range.after) out = "(" + joined(*range.after) + ") < ";
  out += "(" + joined(names) + ")";
  if (range.upto) out += " <= (" + joined(*range.upto) + ")";
  return out;
}

}  // namespace bdrmesh::verify
