#include "lab/load/ledger_check.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "lab/load/sql_link.h"

namespace bdrmesh::lab::load {
namespace {

constexpr std::size_t kChunk = 400;
constexpr std::size_t kExamples = 5;
constexpr Millis kBetweenLooks{200};

RowState state_after(const RowWrite& row) {
  return row.op == RowOp::remove ? RowState{} : RowState{row.values};
}

std::unique_ptr<SqlLink> any_server(const LoadTarget& target) {
  for (std::size_t i = 0;; ++i) {
    try {
      return std::make_unique<SqlLink>(target.servers.at(i), target.user, target.password);
    } catch (const SqlFailure&) {
      if (i + 1 == target.servers.size()) throw;
    }
  }
}

/// Reads some rows of one table of one cluster.
class TableReader {
 public:
  TableReader(SqlLink& link, std::string table) : link_(link), table_(std::move(table)) {
    const SqlResult columns = link_.run(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'app' AND "
        "table_name = " +
        sql_literal(table_));
    for (const SqlRow& row : columns.rows) present_.insert(row.at(0).value_or(""));
    present_.erase("id");
  }

  const std::set<std::string>& present() const { return present_; }

  struct Rows {
    std::map<std::int64_t, std::map<std::string, std::string>> by_id;
    std::size_t repeated = 0;  ///< rows whose id another row has too
  };

  Rows read(const std::vector<std::int64_t>& ids) {
    std::string statement = "SELECT id";
    for (const std::string& column : present_) statement += ", `" + column + "`";
    statement += " FROM app." + table_ + " WHERE id IN (";
    for (const std::int64_t id : ids) {
      if (id != ids.front()) statement += ",";
      statement += std::to_string(id);
    }
    const SqlResult result = link_.run(statement + ")");
    Rows rows;
    for (const SqlRow& row : result.rows) {
      const auto [at, fresh] = rows.by_id.try_emplace(std::stoll(row.at(0).value_or("0")));
      if (!fresh) ++rows.repeated;
      auto& values = at->second;
      std::size_t field = 1;
      for (const std::string& column : present_) values[column] = row.at(field++).value_or("NULL");
    }
    return rows;
  }

 private:
  SqlLink& link_;
  std::string table_;
  std::set<std::string> present_;
};

void count(ClusterFindings& found, const Expectations& expected, const Expectations::Key& key,
           const RowState& seen) {
  const char* what = "differs";
  if (!seen) {
    ++found.missing;
    what = "is missing";
  } else if (!expected.acknowledged(key)) {
    ++found.surplus;
    what = "is there, but was deleted or refused";
  } else {
    ++found.differing;
  }
  if (found.examples.size() < kExamples) {
    found.examples.push_back("app." + key.first + " id " + std::to_string(key.second) + " " + what);
  }
}

using Keys = std::vector<Expectations::Key>;

/// Looks at `keys`; those that are wrong come back.
Keys look(SqlLink& link, const Expectations& expected, const Keys& keys, ClusterFindings& found) {
  Keys wrong;
  found.missing = found.differing = found.surplus = found.repeated = 0;
  found.examples.clear();
  for (std::size_t at = 0; at < keys.size();) {
    const std::string& table = keys[at].first;
    TableReader reader(link, table);
    while (at < keys.size() && keys[at].first == table) {
      std::vector<std::int64_t> ids;
      for (; at < keys.size() && keys[at].first == table && ids.size() < kChunk; ++at) {
        ids.push_back(keys[at].second);
      }
      const TableReader::Rows rows = reader.read(ids);
      found.repeated += rows.repeated;
      for (const std::int64_t id : ids) {
        const auto row = rows.by_id.find(id);
        const RowState seen = row == rows.by_id.end() ? RowState{} : RowState{row->second};
        if (expected.allows({table, id}, seen, reader.present())) continue;
        count(found, expected, {table, id}, seen);
        wrong.emplace_back(table, id);
      }
    }
  }
  return wrong;
}

}  // namespace

void Expectations::add(const LedgerEntry& entry) {
  for (const RowWrite& row : entry.rows) {
    if (row.shared) continue;
    auto [at, fresh] = allowed_.try_emplace({row.table, row.id});
    // A key begins its life with an insert: before it there is no row.
    if (fresh) at->second.emplace_back();
    if (entry.outcome == Outcome::committed) at->second = {state_after(row)};
    if (entry.outcome == Outcome::unknown) at->second.push_back(state_after(row));
  }
}

bool Expectations::allows(const Key& key, const RowState& seen,
                          const std::set<std::string>& present) const {
  return std::ranges::any_of(allowed_.at(key), [&](const RowState& allowed) {
    if (allowed.has_value() != seen.has_value()) return false;
    if (!allowed) return true;
    return std::ranges::all_of(*allowed, [&](const auto& value) {
      return !present.contains(value.first) || seen->at(value.first) == value.second;
    });
  });
}

Expectations read_expectations(const std::filesystem::path& ledger) {
  Expectations expected;
  read_ledger(ledger, [&expected](const LedgerEntry& entry) { expected.add(entry); });
  return expected;
}

std::vector<ClusterFindings> check_ledger(const Clock& clock,
                                          const std::vector<LoadTarget>& targets,
                                          const Expectations& expected, Millis patience) {
  const MonoTime deadline = clock.mono() + patience;
  Keys all;
  for (const auto& row : expected.rows()) all.push_back(row.first);
  std::vector<ClusterFindings> findings;
  for (const LoadTarget& target : targets) {
    ClusterFindings found{target.cluster, all.size(), 0, 0, 0, 0, {}, {}};
    try {
      const auto link = any_server(target);
      Keys wrong = look(*link, expected, all, found);
      while (!wrong.empty() && clock.mono() < deadline) {
        clock.wait_for(kBetweenLooks, {});
        wrong = look(*link, expected, wrong, found);
      }
    } catch (const SqlFailure& e) {
      found.failure = e.what();
    }
    findings.push_back(std::move(found));
  }
  return findings;
}

std::string to_table(const std::vector<ClusterFindings>& findings) {
  std::ostringstream out;
  out << std::left << std::setw(12) << "CLUSTER" << std::right << std::setw(9) << "CHECKED"
      << std::setw(9) << "MISSING" << std::setw(11) << "DIFFERING" << std::setw(9) << "SURPLUS"
      << std::setw(7) << "TWICE"
      << "  VERDICT\n";
  for (const ClusterFindings& found : findings) {
    out << std::left << std::setw(12) << found.cluster << std::right << std::setw(9)
        << found.checked << std::setw(9) << found.missing << std::setw(11) << found.differing
        << std::setw(9) << found.surplus << std::setw(7) << found.repeated << "  "
        << (!found.failure.empty() ? "not read: " + found.failure
            : found.clean()        ? "complete"
                                   : "NOT COMPLETE")
        << "\n";
    for (const std::string& example : found.examples) out << "  " << example << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::load
