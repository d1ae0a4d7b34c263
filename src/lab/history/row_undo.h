// Takes back what transactions did to a copy of a table since a TSO: by key where there is one, as
// a multiset otherwise. Pure: gets row changes in the order of the binlog, gives statements.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "lab/binlog/rows.h"
#include "lab/history/past_layout.h"

namespace bdrmesh::lab {

class RowUndo {
 public:
  /// @param ts  the copy shall become what was there at this TSO.
  RowUndo(PastLayout layout, std::uint64_t ts) : layout_(std::move(layout)), ts_(ts) {}

  /// @param in_copy  the copy surely holds this change; without key: it does or does not.
  void take(const TableMap& table, RowKind kind, const RowImage& image, std::uint64_t commit_ts,
            bool in_copy);

  /// What makes the copy `target` (a quoted name) the past: removals first.
  std::vector<std::string> statements(const std::string& target) const;
  std::size_t touched() const { return rows_.size(); }

 private:
  /// With a key: what stood under it at the TSO. Without: how many such rows are missing.
  struct State {
    Row row;  ///< in the order of the layout; bears the key even when nothing was there
    bool was_there = false;
    bool settled = false;
    std::int64_t missing = 0;
  };
  Row project(const TableMap& table, const Row& row);
  std::string identity(const Row& row) const;
  void take_key(const Row& row, bool before, std::uint64_t commit_ts);
  void count(const Row& row, std::int64_t by);
  std::string condition(const Row& row) const;
  std::vector<std::string> keyed_statements(const std::string& target) const;
  std::vector<std::string> multiset_statements(const std::string& target) const;

  PastLayout layout_;
  std::uint64_t ts_;
  std::unordered_map<std::string, State> rows_;
  const TableMap* mapped_ = nullptr;
  std::vector<std::size_t> columns_;  ///< of the layout, in the table mapped last
};

}  // namespace bdrmesh::lab
