#include "fakes/fake_rows.h"

#include <cstdio>

#include "fakes/fake_tidb.h"

namespace bdrmesh::fakes {
namespace {

/// Keys of digits, in the order of numbers.
bool before(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t value = 1469598103934665603ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

}  // namespace

std::string hash_of(const std::string& text) {
  char out[17];
  std::snprintf(out, sizeof(out), "%016llx", static_cast<unsigned long long>(number_of(text)));
  return out;
}

std::vector<std::pair<std::string, std::string>> FakeTableReader::rows_in(const TableRead& read,
                                                                          const KeyRange& range) {
  std::map<std::string, std::string, decltype(&before)> sorted(&before);
  const std::lock_guard lock(world_.mutex_);
  for (const auto& [key, text] : world_.state(name_).rows[read.table]) {
    if (range.after && !before(range.after->front(), key)) continue;
    if (range.upto && before(range.upto->front(), key)) continue;
    sorted[key] = text;
  }
  return {sorted.begin(), sorted.end()};
}

std::optional<std::string> FakeTableReader::definition(const TableName& table, const Call& call) {
  return world_.tidb(ClusterName(name_)).create_statement(table, call);
}

std::uint64_t FakeTableReader::estimated_rows(const TableName& table, const Call&) {
  return rows_in({table, {}, {}, 0, false}, {}).size();
}

std::optional<CutKey> FakeTableReader::key_at(const TableRead& read, const KeyRange& range,
                                              std::uint64_t nth, const Call&) {
  const auto rows = rows_in(read, range);
  if (nth >= rows.size()) return std::nullopt;
  return CutKey{rows[nth].first};
}

RangeDigest FakeTableReader::digest(const TableRead& read, const KeyRange& range, Millis,
                                    const Call&) {
  RangeDigest digest;
  std::uint64_t sum = 0;
  for (const auto& [key, text] : rows_in(read, range)) {
    ++digest.rows;
    sum += number_of(key + "," + text);
  }
  digest.sum = std::to_string(sum);
  return digest;
}

std::vector<RowHash> FakeTableReader::hashes(const TableRead& read, const KeyRange& range,
                                             std::uint64_t most, const Call&) {
  std::vector<RowHash> out;
  for (const auto& [key, text] : rows_in(read, range)) {
    if (out.size() < most) out.push_back({{key}, hash_of(key + "," + text)});
  }
  return out;
}

std::vector<RowHash> FakeTableReader::hashes_of(const TableRead& read,
                                                const std::vector<RowKey>& keys, const Call&) {
  std::vector<RowHash> out;
  for (const auto& [key, text] : rows_in(read, {})) {
    for (const RowKey& wanted : keys) {
      if (wanted.front() == key) out.push_back({{key}, hash_of(key + "," + text)});
    }
  }
  return out;
}

std::map<std::string, RangeDigest> FakeTableReader::digests_by_hash(const TableRead& read,
                                                                    const std::string& prefix,
                                                                    std::size_t digits, Millis,
                                                                    const Call&) {
  std::map<std::string, RangeDigest> out;
  for (const auto& [key, text] : rows_in(read, {})) {
    const std::string hash = hash_of(text);
    if (!hash.starts_with(prefix)) continue;
    RangeDigest& digest = out[hash.substr(0, digits)];
    ++digest.rows;
    digest.sum = std::to_string(std::stoull(digest.sum) + number_of(text));
  }
  return out;
}

std::optional<RowValues> FakeTableReader::values(const TableRead& read, const RowKey& key,
                                                 const Call&) {
  for (const auto& [found, text] : rows_in(read, {})) {
    if (found != key.front()) continue;
    RowValues values(read.columns.size());
    values.front() = found;
    if (values.size() > 1) values[1] = text;
    return values;
  }
  return std::nullopt;
}

std::unique_ptr<TableReader> FakeWorld::table_reader(const ClusterName& cluster, std::optional<Tso>,
                                                     std::size_t) {
  return std::make_unique<FakeTableReader>(*this, cluster.value());
}

std::vector<PatchOutcome> FakeTidb::repair_rows(const TableRead& read,
                                                const std::vector<RowPatch>& rows, int write_source,
                                                const Call&) {
  const std::lock_guard lock(world_.mutex_);
  auto& table = here().rows[read.table];
  std::vector<PatchOutcome> out;
  for (const RowPatch& patch : rows) {
    const auto found = table.find(patch.key.front());
    const std::string now = found == table.end() ? "" : hash_of(found->first + "," + found->second);
    const bool done = now == patch.wanted;
    out.push_back(done || now == patch.expected ? PatchOutcome::written : PatchOutcome::stale);
    if (done || now != patch.expected) continue;
    if (patch.values) {
      table[patch.key.front()] = patch.values->at(1).value_or("");
    } else {
      table.erase(patch.key.front());
    }
    world_.note(name_, "repair_rows",
                patch.key.front() + " source " + std::to_string(write_source));
  }
  return out;
}

std::vector<RowValues> FakeTableReader::breaking(const RowNeed& need, std::size_t most, Millis,
                                                 const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const ClusterState& state = world_.state(name_);
  if (state.searches_are_slow)
    throw Error(ErrorKind::transient, "TIDB_TOO_SLOW", "maximum statement execution time exceeded");
  const auto found = state.breaking_rows.find(need.table);
  if (found == state.breaking_rows.end() || found->second.first != need.kind) return {};
  const std::vector<RowValues>& rows = found->second.second;
  return {rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(most, rows.size()))};
}

}  // namespace bdrmesh::fakes
