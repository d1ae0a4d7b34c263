#include "verify/row_search.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

namespace bdrmesh::verify {
namespace {

/// Rows without a key are told apart by whole hashes in the end.
constexpr std::size_t kHashDigits = 40;
constexpr std::size_t kHeadDigits = 3;
constexpr std::size_t kMostHeads = 20;

using Lists = std::map<ClusterName, std::vector<RowHash>>;

/// The rows whose hash is not on every list: of thousands that agree, the few that do not. The hash
/// is of the key's columns too; a row without one is taken for another.
Lists not_on_all(const Lists& lists) {
  constexpr std::size_t kMostMembers = 64;
  if (lists.size() > kMostMembers) return lists;
  std::unordered_map<std::string_view, std::uint64_t> on;
  std::uint64_t member = 1;
  std::uint64_t all = 0;
  for (const auto& [name, list] : lists) {
    for (const RowHash& one : list) on[one.hash] |= member;
    all |= member;
    member <<= 1U;
  }
  Lists rest;
  for (const auto& [name, list] : lists) {
    std::vector<RowHash>& mine = rest[name];
    for (const RowHash& one : list) {
      if (one.hash.empty() || on.at(one.hash) != all) mine.push_back(one);
    }
  }
  return rest;
}

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
  for (const auto& [member, list] : not_on_all(rows)) {
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
                     const MakeReader& make, const Clock& clock, SearchOptions options)
    : read_(read), members_(members), make_(make), clock_(clock), options_(options) {
  for (const ClusterName& member : members_) readers_[member] = make(member, 0);
}

SearchResult RowSearch::search(const std::vector<DifferingRange>& ranges, const Call& call) {
  SearchResult result;
  if (ranges.empty()) return result;
  if (read_.key.empty()) {
    search_by_hash(result, call);
    return result;
  }
  std::deque<Task> tasks;
  for (const DifferingRange& one : ranges) tasks.push_back({one.range, one.digests});
  std::deque<Ordered> ordered;
  ChunkCrew crew(read_, members_, make_, options_.readers_per_member, options_.query_limit, clock_,
                 call);
  while (!tasks.empty() || !ordered.empty()) {
    const bool enough = result.rows.size() >= options_.most_rows;
    while (!tasks.empty() && (enough || ordered.size() <= options_.readers_per_member)) {
      if (enough) {
        result.not_searched.push_back(tasks.front().range);
      } else {
        order(crew, tasks.front(), ordered, call);
      }
      tasks.pop_front();
    }
    if (ordered.empty()) continue;
    DigestedChunk chunk = crew.take();
    const Ordered was = ordered.front();
    ordered.pop_front();
    if (was.rows) {
      add(chunk, was.most, result);
    } else if (!all_equal(chunk.digests)) {
      tasks.push_back({chunk.range, std::move(chunk.digests)});
    }
  }
  return result;
}

void RowSearch::order(ChunkCrew& crew, const Task& task, std::deque<Ordered>& ordered,
                      const Call& call) {
  const std::uint64_t rows = most_rows(task.digests);
  if (read_.cut_by == 0 || rows <= options_.leaf_rows) {
    list(crew, task.range, rows, ordered);
    return;
  }
  const std::vector<KeyRange> parts = parts_of(task, call);
  if (parts.size() == 1) {  // many rows share the columns by which ranges are cut
    list(crew, task.range, rows, ordered);
    return;
  }
  for (const KeyRange& part : parts) {
    crew.order(part);
    ordered.push_back({});
  }
}

void RowSearch::list(ChunkCrew& crew, const KeyRange& range, std::uint64_t rows,
                     std::deque<Ordered>& ordered) const {
  // Whoever writes meanwhile may add rows; beyond this the range counts as not searched.
  const std::uint64_t most = read_.cut_by == 0 ? std::uint64_t{1} << 62U : rows * 2 + 1000;
  crew.order_rows(range, most);
  ordered.push_back({true, most});
}

/// Cut by whoever has most rows there, so that every part is smaller.
std::vector<KeyRange> RowSearch::parts_of(const Task& task, const Call& call) {
  const auto fullest =
      std::ranges::max_element(task.digests, {}, [](const auto& one) { return one.second.rows; });
  const std::uint64_t rows = fullest->second.rows;
  const std::uint64_t step = std::max(rows / options_.parts, options_.leaf_rows * 3 / 4) + 1;
  std::vector<KeyRange> parts;
  KeyRange part{task.range.after, std::nullopt};
  for (;;) {
    const KeyRange rest{part.after, task.range.upto};
    const auto upto = readers_.at(fullest->first)->key_at(read_, rest, step - 1, call);
    const bool last = !upto || upto == task.range.upto;
    part.upto = last ? task.range.upto : upto;
    parts.push_back(part);
    if (last) return parts;
    part.after = part.upto;
  }
}

void RowSearch::add(const DigestedChunk& listed, std::uint64_t most, SearchResult& result) const {
  const bool cut_off =
      std::ranges::any_of(listed.rows, [&](const auto& one) { return one.second.size() >= most; });
  if (cut_off) {
    result.not_searched.push_back(listed.range);
    return;
  }
  for (DifferingRow& row : differing_rows(listed.rows)) {
    if (result.rows.size() >= options_.most_rows) {
      result.not_searched.push_back(listed.range);
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
