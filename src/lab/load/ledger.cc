#include "lab/load/ledger.h"

#include "base/json.h"

namespace bdrmesh::lab::load {
namespace {

Json to_json(const LedgerEntry& entry) {
  Json rows = Json::array();
  for (const RowWrite& row : entry.rows) {
    Json line{{"op", to_string(row.op)}, {"table", row.table}, {"id", row.id}};
    if (row.op != RowOp::remove) line["values"] = row.values;
    if (row.shared) line["shared"] = true;
    rows.push_back(std::move(line));
  }
  return Json{{"at", to_rfc3339(entry.at)},
              {"at_ms", to_millis(entry.at)},
              {"cluster", entry.cluster},
              {"server", entry.server},
              {"outcome", to_string(entry.outcome)},
              {"start_ts", entry.start_ts},
              {"commit_ts", entry.commit_ts},
              {"code", entry.code},
              {"rows", std::move(rows)}};
}

LedgerEntry from_json(const Json& line) {
  LedgerEntry entry;
  entry.at = from_millis(get_required<std::int64_t>(line, "at_ms"));
  entry.cluster = get_required<std::string>(line, "cluster");
  entry.server = get_or<std::string>(line, "server", "");
  entry.outcome = outcome_from(get_required<std::string>(line, "outcome"));
  entry.start_ts = get_or<std::uint64_t>(line, "start_ts", 0);
  entry.commit_ts = get_or<std::uint64_t>(line, "commit_ts", 0);
  entry.code = get_or<int>(line, "code", 0);
  for (const Json& row : get_or<Json>(line, "rows", Json::array())) {
    entry.rows.push_back({row_op_from(get_required<std::string>(row, "op")),
                          get_required<std::string>(row, "table"),
                          get_required<std::int64_t>(row, "id"),
                          get_or<std::map<std::string, std::string>>(row, "values", {}),
                          get_or<bool>(row, "shared", false)});
  }
  return entry;
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::committed:
      return "committed";
    case Outcome::refused:
      return "refused";
    case Outcome::unknown:
      return "unknown";
  }
  return "unknown";
}

Outcome outcome_from(std::string_view text) {
  for (const Outcome outcome : {Outcome::committed, Outcome::refused, Outcome::unknown}) {
    if (to_string(outcome) == text) return outcome;
  }
  throw Error(ErrorKind::invalid, "BAD_LEDGER", "no outcome: '" + std::string(text) + "'");
}

LedgerFile::LedgerFile(const std::filesystem::path& path) : out_(path, std::ios::app) {
  if (!out_) {
    throw Error(ErrorKind::precondition, "LEDGER_UNWRITABLE", "cannot write " + path.string());
  }
}

void LedgerFile::append(const LedgerEntry& entry) {
  const std::string line = to_json(entry).dump() + "\n";
  const std::scoped_lock lock(mutex_);
  out_ << line << std::flush;
}

void read_ledger(const std::filesystem::path& path,
                 const std::function<void(const LedgerEntry&)>& each) {
  std::ifstream in(path);
  if (!in) throw Error(ErrorKind::invalid, "BAD_LEDGER", "cannot read " + path.string());
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    // A writer that was killed leaves a line without end: what it tells was never acknowledged.
    if (in.eof()) break;
    try {
      each(from_json(parse_json(line, "ledger")));
    } catch (const Error& e) {
      throw Error(ErrorKind::invalid, "BAD_LEDGER",
                  path.string() + ":" + std::to_string(number) + ": " + e.message());
    }
  }
}

}  // namespace bdrmesh::lab::load
