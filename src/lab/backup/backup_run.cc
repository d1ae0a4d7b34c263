#include "lab/backup/backup_run.h"

#include <algorithm>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{600'000};
constexpr Millis kPoll{5};
constexpr std::size_t kBytesPerStep = 256U << 10U;
constexpr double kAll = 100;

std::string full_name(const std::string& schema, const std::string& name) {
  return quote_name(schema) + "." + quote_name(name);
}

}  // namespace

BackupPace::BackupPace(ClusterState& cluster, BackupQueue& queue, std::uint64_t task,
                       std::function<void()> give_up)
    : cluster_(cluster),
      queue_(queue),
      task_(task),
      give_up_(std::move(give_up)),
      began_(cluster.clock.mono()) {}

void BackupPace::wait_until(MonoTime time) {
  for (give_up_(); cluster_.clock.mono() < time; give_up_()) cluster_.clock.wait_for(kPoll, {});
}

void BackupPace::advance(std::uint64_t bytes, double percent) {
  moved_ += bytes;
  queue_.update(task_, [&](BackupTask& task) { task.progress = std::min(percent, kAll); });
  MonoTime ready = began_;
  if (rate_ > 0) ready += Millis(moved_ * 1000 / rate_);
  const Millis least = cluster_.faults.backup_duration();
  const auto share = static_cast<double>(least.count()) * percent / kAll;
  wait_until(std::max(ready, began_ + Millis(static_cast<std::int64_t>(share))));
  const bool restores = queue_.task(task_).restores;
  if (const auto failure = cluster_.faults.takes_backup_failure(restores, percent)) {
    throw Error(ErrorKind::precondition, "LAB_STORAGE", *failure);
  }
}

void BackupRun::write(BackupWriter& writer, std::vector<Source>& sources) {
  pace_.advance(0, 0);
  const auto count = static_cast<double>(sources.size());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto done = static_cast<double>(i);
    write_table(writer, sources[i], kAll * done / count, kAll * (done + 1) / count);
  }
  pace_.advance(0, kAll);
}

void BackupRun::write_table(BackupWriter& writer, Source& source, double from, double to) {
  BackedUpTable& table = source.table;
  if (table.kind != "table") return;
  SqlSession session = open_past_session(cluster_);
  const PastLayout layout = describe_table(session, kPastSchema, source.past->hidden);
  const auto rows = session.query("SELECT " + layout.tuple_expression() + " FROM " +
                                      full_name(kPastSchema, source.past->hidden),
                                  kPatience);
  table.columns = layout.column_list();
  table.file = writer.begin_table();
  RowsChecksum checksum;
  std::size_t step = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string tuple = rows[i][0].value_or("");
    writer.write(tuple);
    checksum.add(tuple);
    step += tuple.size();
    if (step < kBytesPerStep) continue;
    pace_.advance(step,
                  from + (to - from) * static_cast<double>(i) / static_cast<double>(rows.size()));
    step = 0;
  }
  table.bytes = writer.end_table();
  table.rows = rows.size();
  table.checksum = checksum.value();
  pace_.advance(step, to);
}

void BackupRun::fill(const std::filesystem::path& directory,
                     const std::vector<BackedUpTable>& tables, bool check) {
  std::uint64_t all_bytes = 0;
  for (const BackedUpTable& table : tables) all_bytes += table.bytes;
  pace_.advance(0, 0);
  for (const BackedUpTable& table : tables) {
    if (table.kind == "table") fill_table(directory, table, check, all_bytes);
  }
  pace_.advance(0, kAll);
}

void BackupRun::fill_table(const std::filesystem::path& directory, const BackedUpTable& table,
                           bool check, std::uint64_t all_bytes) {
  SqlSession session = open_past_session(cluster_);
  History::Filling filling;
  filling.table = {table.schema, table.name};
  filling.definition = TableKeeper::definition_of(session, filling.table);
  filling.began = binlog_end(session, kPatience);
  const auto note = [&] {
    filling.ended = binlog_end(session, kPatience);
    const CommitInFlight commit(cluster_.ledger);
    filling.ts = commit.ts();
    history_.note_filled(filling);
  };
  try {
    load(session, directory, table, check, all_bytes);
  } catch (...) {
    note();  // what is there is there
    throw;
  }
  note();
}

void BackupRun::load(SqlSession& session, const std::filesystem::path& directory,
                     const BackedUpTable& table, bool check, std::uint64_t all_bytes) {
  const std::string head =
      "INSERT INTO " + full_name(table.schema, table.name) + " (" + table.columns + ") VALUES ";
  std::string sql;
  std::uint64_t rows = 0;
  RowsChecksum checksum;
  const auto send = [&] {
    if (sql.empty()) return;
    session.query(sql, kPatience);
    filled_ += sql.size();
    const auto share = static_cast<double>(filled_) / static_cast<double>(all_bytes + 1);
    pace_.advance(sql.size(), kAll * std::min(share, 1.0));
    sql.clear();
  };
  read_backup_rows(directory, table.file, [&](std::string&& tuple) {
    checksum.add(tuple);
    ++rows;
    sql += (sql.empty() ? head : ",") + tuple;
    if (sql.size() >= kBytesPerStep) send();
  });
  send();
  if (check && (rows != table.rows || checksum.value() != table.checksum)) {
    throw Error(ErrorKind::precondition, "LAB_STORAGE",
                "failed to validate checksum: [BR:Restore:ErrRestoreChecksumMismatch]restore "
                "checksum mismatch");
  }
}

}  // namespace bdrmesh::lab
