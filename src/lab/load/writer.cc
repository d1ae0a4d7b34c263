#include "lab/load/writer.h"

#include <algorithm>

#include "base/json.h"

namespace bdrmesh::lab::load {
namespace {

constexpr Millis kFirstPatience{20};
constexpr Millis kLongestPatience{50};
constexpr std::chrono::seconds kReadTimeout{5};
constexpr int kUnknownColumn = 1054;
constexpr int kDuplicateKey = 1062;

/// Errors of COMMIT after which the transaction surely is not in the database (tidb-sql §8):
/// read-only 1836, conflicts 9007 8002 8005 8022, changed schema 8028, deadlock and lock wait.
bool surely_refused(int code) {
  static constexpr std::array kCodes{1836, 9007, 8002, 8005, 8022, 8028, 1213, 1205};
  return std::ranges::find(kCodes, code) != kCodes.end();
}

std::uint64_t number_or_zero(const std::optional<std::string>& text) {
  return text && !text->empty() ? std::stoull(*text) : 0;
}

}  // namespace

void WriterCounts::committed(MonoTime now, bool placed) {
  const std::scoped_lock lock(mutex_);
  if (last_commit_ != MonoTime{}) {
    const auto silence = std::chrono::duration_cast<Millis>(now - last_commit_);
    values_.longest_silence = std::max(values_.longest_silence, silence);
  }
  last_commit_ = now;
  ++values_.committed;
  if (!placed) ++values_.unplaced;
}

void WriterCounts::refused(int code) {
  const std::scoped_lock lock(mutex_);
  ++values_.refused[code];
}

void WriterCounts::unknown() {
  const std::scoped_lock lock(mutex_);
  ++values_.unknown;
}

void WriterCounts::connection_lost() {
  const std::scoped_lock lock(mutex_);
  ++values_.connections_lost;
}

WriterCounts::Values WriterCounts::values() const {
  const std::scoped_lock lock(mutex_);
  return values_;
}

Writer::Writer(const Clock& clock, const LoadTarget& target, const WriterOptions& options,
               LedgerFile& ledger, WriterCounts& counts)
    : clock_(clock),
      target_(target),
      options_(options),
      ledger_(ledger),
      counts_(counts),
      source_(target.cluster, KeyRange::of(target.source_id, options.run_start, options.number),
              options.seed, options.hot),
      columns_(defined_columns()),
      links_(target.servers.size()),
      turn_(static_cast<std::size_t>(options.number)),
      random_(options.seed) {
  if (options_.ddl_safe) columns_["orders"].erase("note");
}

void Writer::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const MonoTime next = clock_.mono() + options_.pause;
    write_until_settled(as_written(source_.next(clock_.now())), stop);
    clock_.wait_until(next, stop);
  }
}

void Writer::write_until_settled(const std::vector<RowWrite>& rows, const std::stop_token& stop) {
  std::vector<RowWrite> now = rows;
  Millis patience = kFirstPatience;
  while (true) {
    const std::size_t server = turn_++ % links_.size();
    const Attempt tried = attempt(server, now, stop);
    note_down(server, tried, now);
    if (tried.outcome == Outcome::committed) return source_.committed(now);
    // A key that exists although we were told "refused" would be a wrong answer: the check tells.
    if (tried.outcome == Outcome::unknown || tried.code == kDuplicateKey) return source_.lost(now);
    now = as_written(rows);  // a column may have gone meanwhile
    if (!clock_.wait_for(patience, stop)) return source_.lost(now);
    patience = std::min(patience * 2, kLongestPatience);
  }
}

std::vector<RowWrite> Writer::as_written(const std::vector<RowWrite>& rows) const {
  std::vector<RowWrite> out = rows;
  for (RowWrite& row : out) {
    const auto& present = columns_.at(row.table);
    std::erase_if(row.values, [&](const auto& value) { return !present.contains(value.first); });
  }
  return out;
}

SqlLink& Writer::link_to(std::size_t server) {
  auto& link = links_[server];
  if (!link) {
    link = std::make_unique<SqlLink>(target_.servers[server], target_.user, target_.password,
                                     kReadTimeout);
  }
  return *link;
}

void Writer::read_columns(SqlLink& link) {
  Columns fresh;
  const SqlResult result = link.run(
      "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'app'");
  const Columns known = defined_columns();
  for (const SqlRow& row : result.rows) {
    const auto table = known.find(row.at(0).value_or(""));
    const std::string column = row.at(1).value_or("");
    if (table == known.end() || !table->second.contains(column)) continue;
    fresh[table->first].insert(column);
  }
  for (const auto& [table, columns] : known) fresh[table];
  if (options_.ddl_safe) fresh["orders"].erase("note");
  columns_ = std::move(fresh);
}

void Writer::perhaps_linger(const std::stop_token& stop) {
  if (std::uniform_real_distribution<double>(0, 1)(random_) >= options_.long_share) return;
  clock_.wait_for(Millis{std::uniform_int_distribution<int>(500, 5'000)(random_)}, stop);
}

Writer::Attempt Writer::attempt(std::size_t server, const std::vector<RowWrite>& rows,
                                const std::stop_token& stop) {
  Attempt tried;
  SqlLink* link = nullptr;
  try {
    link = &link_to(server);
    link->run("BEGIN");
    tried.start_ts = number_or_zero(link->value("SELECT @@tidb_current_ts"));
    for (const RowWrite& row : rows) link->run(statement_for(row, columns_.at(row.table)));
    perhaps_linger(stop);
    return commit(*link, tried);
  } catch (const SqlFailure& e) {
    // COMMIT was not sent: whatever happened, the transaction is gone or will be rolled back.
    tried.code = e.code();
    tried.link_is_dead = link == nullptr || e.connection_lost();
  }
  try {
    if (!tried.link_is_dead) {
      // A refused statement leaves TiDB's session inside the transaction (measured, 1836).
      link->run("ROLLBACK");
      if (tried.code == kUnknownColumn) read_columns(*link);
    }
  } catch (const SqlFailure&) {
    tried.link_is_dead = true;
  }
  if (tried.link_is_dead) links_[server].reset();
  return tried;
}

Writer::Attempt Writer::commit(SqlLink& link, Attempt so_far) {
  try {
    link.run("COMMIT");
    so_far.outcome = Outcome::committed;
  } catch (const SqlFailure& e) {
    if (surely_refused(e.code())) throw;
    so_far.outcome = Outcome::unknown;
    so_far.code = e.code();
    so_far.link_is_dead = true;
    for (auto& own : links_) {
      if (own.get() == &link) own.reset();
    }
    return so_far;
  }
  try {
    const std::string info = link.value("SELECT @@tidb_last_txn_info").value_or("{}");
    const Json seen = Json::parse(info, nullptr, false);
    if (seen.is_object() && get_or<std::uint64_t>(seen, "start_ts", 0) == so_far.start_ts) {
      so_far.commit_ts = get_or<std::uint64_t>(seen, "commit_ts", 0);
    }
  } catch (const std::runtime_error&) {
    // Acknowledged all the same; only its position stays unknown. The next use finds a dead link.
  }
  return so_far;
}

void Writer::note_down(std::size_t server, const Attempt& tried,
                       const std::vector<RowWrite>& rows) {
  switch (tried.outcome) {
    case Outcome::committed:
      counts_.committed(clock_.mono(), tried.commit_ts != 0);
      break;
    case Outcome::refused:
      counts_.refused(tried.code);
      break;
    case Outcome::unknown:
      counts_.unknown();
      break;
  }
  if (tried.link_is_dead) counts_.connection_lost();
  ledger_.append({clock_.now(), target_.cluster, target_.servers[server], tried.outcome,
                  tried.start_ts, tried.commit_ts, tried.code, rows});
}

}  // namespace bdrmesh::lab::load
