#include "verify/row_search.h"

#include <algorithm>
#include <set>

namespace bdrmesh::verify {
namespace {

/// Rows without a key are told apart by whole hashes in the end.
constexpr std::size_t kHashDigits = 40;
constexpr std::size_t kHeadDigits = 3;
constexpr std::size_t kMostHeads = 20;

std::uint64_t most_rows(const std::map<ClusterName, RangeDigest>& digests) {
  std::uint64_t most = 0;
  for (const auto& [member, digest] : digests) most = std::max(most, digest.rows);
  return most;
}

}  // namespace

Json to_json(const DifferingRow& row) {
  Json out{{"key", row.key}, {"hashes", Json::object()}};
  for (const auto& [member, hash] : row.hashes) out["hashes"][member.value()] = hash;
  if (!row.counts.empty()) out["counts"] = Json::object();
  for (const auto& [member, count] : row.counts) out["counts"][member.value()] = count;
  return out;
}

DifferingRow differing_row_from(const Json& json) {
  DifferingRow row;
  row.key = get_required<RowKey>(json, "key");
  const Json hashes = get_or(json, "hashes", Json::object());
  for (const auto& [member, hash] : hashes.items())
    row.hashes[ClusterName(member)] = hash.get<std::string>();
  const Json counts = get_or(json, "counts", Json::object());
  for (const auto& [member, count] : counts.items())
    row.counts[ClusterName(member)] = count.get<std::uint64_t>();
  return row;
}

std::vector<ClusterName> majority(const DifferingRow& row) {
  if (row.hashes.size() < 3) return {};
  std::map<std::pair<std::string, std::uint64_t>, std::vector<ClusterName>> versions;
  for (const auto& [member, hash] : row.hashes) {
    const auto count = row.counts.find(member);
    versions[{hash, count == row.counts.end() ? 0 : count->second}].push_back(member);
  }
  for (const auto& [version, members] : versions) {
    if (members.size() * 2 > row.hashes.size()) return members;
  }
  return {};
}

std::vector<DifferingRow> differing_rows(const std::map<ClusterName, std::vector<RowHash>>& rows) {
  std::map<RowKey, DifferingRow> by_key;
  for (const auto& [member, list] : rows) {
    for (const RowHash& one : list) by_key[one.key].hashes[member] = one.hash;
  }
  std::vector<DifferingRow> out;
  for (auto& found : by_key) {
    DifferingRow& row = found.second;
    for (const auto& list : rows) row.hashes[list.first];  // empty: it has none
    const bool same = std::ranges::all_of(
        row.hashes, [&](const auto& one) { return one.second == row.hashes.begin()->second; });
    if (same) continue;
    row.key = found.first;
    out.push_back(std::move(row));
  }
  return out;
}

RowSearch::RowSearch(const TableRead& read, const std::vector<ClusterName>& members,
                     const MakeReader& make, SearchOptions options)
    : read_(read), members_(members), options_(options) {
  for (const ClusterName& member : members_) readers_[member] = make(member, 0);
}

std::map<ClusterName, RangeDigest> RowSearch::digests(const KeyRange& range, const Call& call) {
  std::map<ClusterName, RangeDigest> out;
  for (const ClusterName& member : members_)
    out[member] = readers_.at(member)->digest(read_, range, options_.query_limit, call);
  return out;
}

void RowSearch::search(const KeyRange& range, SearchResult& result, const Call& call) {
  if (read_.key.empty()) {
    search_by_hash(result, call);
    return;
  }
  if (result.rows.size() >= options_.most_rows) {
    result.not_searched.push_back(range);
    return;
  }
  if (read_.cut_by == 0) {
    leaf(range, std::uint64_t{1} << 62U, result, call);
    return;
  }
  const auto seen = digests(range, call);
  if (all_equal(seen)) return;
  const std::uint64_t rows = most_rows(seen);
  if (rows <= options_.leaf_rows) {
    leaf(range, rows, result, call);
    return;
  }
  // Cut by whoever has most rows here, so that every part is smaller.
  const auto fullest =
      std::ranges::max_element(seen, {}, [](const auto& one) { return one.second.rows; });
  const std::uint64_t step = rows / options_.parts + 1;
  KeyRange part{range.after, std::nullopt};
  bool cut_once = false;
  for (bool last = false; !last;) {
    KeyRange rest{part.after, range.upto};
    const auto upto = readers_.at(fullest->first)->key_at(read_, rest, step - 1, call);
    last = !upto || upto == range.upto;
    part.upto = last ? range.upto : upto;
    if (last && !cut_once) {
      // Many rows share the columns by which ranges are cut.
      leaf(range, rows, result, call);
      return;
    }
    cut_once = true;
    search(part, result, call);
    part.after = part.upto;
  }
}

void RowSearch::leaf(const KeyRange& range, std::uint64_t rows, SearchResult& result,
                     const Call& call) {
  // Whoever writes meanwhile may add rows; then the range counts as not searched.
  const std::uint64_t most = rows > (std::uint64_t{1} << 61U) ? rows : rows * 2 + 1000;
  std::map<ClusterName, std::vector<RowHash>> lists;
  for (const ClusterName& member : members_)
    lists[member] = readers_.at(member)->hashes(read_, range, most, call);
  for (const auto& [member, list] : lists) {
    if (list.size() < most) continue;
    result.not_searched.push_back(range);
    return;
  }
  for (DifferingRow& row : differing_rows(lists)) {
    if (result.rows.size() >= options_.most_rows) {
      result.not_searched.push_back(range);
      return;
    }
    result.rows.push_back(std::move(row));
  }
}

std::map<std::string, std::map<ClusterName, RangeDigest>> RowSearch::differing_hashes(
    const std::string& prefix, std::size_t digits, const Call& call) {
  std::map<std::string, std::map<ClusterName, RangeDigest>> groups;
  for (const ClusterName& member : members_) {
    for (const auto& [head, digest] : readers_.at(member)->digests_by_hash(
             read_, prefix, digits, options_.whole_table_limit, call))
      groups[head][member] = digest;
  }
  for (auto& group : groups) {
    for (const ClusterName& member : members_) group.second[member];  // none of its rows
  }
  std::erase_if(groups, [](const auto& group) { return all_equal(group.second); });
  return groups;
}

void RowSearch::search_by_hash(SearchResult& result, const Call& call) {
  std::size_t heads = 0;
  for (const auto& head : differing_hashes("", kHeadDigits, call)) {
    // Each one costs a look at the whole table.
    if (++heads > kMostHeads || result.rows.size() >= options_.most_rows) {
      result.not_searched.push_back({});
      return;
    }
    for (const auto& [hash, digests] : differing_hashes(head.first, kHashDigits, call)) {
      DifferingRow row;
      row.key = {hash};
      for (const auto& [member, digest] : digests) {
        row.hashes[member] = digest.rows > 0 ? hash : "";
        row.counts[member] = digest.rows;
      }
      result.rows.push_back(std::move(row));
    }
  }
}

std::vector<DifferingRow> RowSearch::again(const std::vector<DifferingRow>& rows,
                                           const Call& call) {
  constexpr std::size_t kBatch = 50;
  std::vector<DifferingRow> out;
  for (std::size_t from = 0; from < rows.size(); from += kBatch) {
    std::vector<RowKey> keys;
    for (std::size_t i = from; i < std::min(rows.size(), from + kBatch); ++i)
      keys.push_back(rows[i].key);
    const std::set<RowKey> wanted(keys.begin(), keys.end());
    std::map<ClusterName, std::vector<RowHash>> lists;
    for (const ClusterName& member : members_) {
      lists[member] = readers_.at(member)->hashes_of(read_, keys, call);
      // A case-insensitive key also answers with its neighbours in other letters.
      std::erase_if(lists[member], [&](const RowHash& one) { return !wanted.contains(one.key); });
    }
    for (DifferingRow& row : differing_rows(lists)) out.push_back(std::move(row));
  }
  return out;
}

}  // namespace bdrmesh::verify
