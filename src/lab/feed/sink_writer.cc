#include "lab/feed/sink_writer.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kClassicPatience{134000};
constexpr Millis kNewPatience{17000};
constexpr Millis kLockRetry{10};
constexpr std::size_t kLongestShape = 1024;
constexpr std::size_t kLongestScript = 4 << 20;

constexpr int kDuplicateEntry = 1062;

bool is_missing_table(int number) { return number == 1146 || number == 1049; }
/// What TiDB solves by itself inside a COMMIT, or tells as a write conflict.
bool is_lock_trouble(int number) { return number == 1213 || number == 1205 || number == 9007; }

std::string shortened(const std::string& shape) { return shape.substr(0, kLongestShape); }

std::string classic_text(const std::string& shape, const std::string& code,
                         const std::string& cause) {
  const std::string text =
      code == "CDC:ErrMySQLDuplicateEntry" ? "MySQL duplicate entry error" : "MySQL txn error";
  return "Failed query info: " + shortened(shape) + "; : [" + code + "]" + text + ": " + cause;
}

}  // namespace

Millis read_timeout(const SinkOptions& options, const FeedTimes& times) {
  return options.read_timeout.value_or(times.sink_read_timeout);
}

SinkWriter::SinkWriter(WriterHome& home, std::size_t number, const WriterPlan& plan)
    : home_(home),
      number_(number),
      plan_(plan),
      session_(plan.sink, plan.write_source, read_timeout(plan.options, plan.times)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SinkWriter::~SinkWriter() {
  thread_.request_stop();
  join();
}

void SinkWriter::join() {
  if (thread_.joinable()) thread_.join();
}

void SinkWriter::run(const std::stop_token& stop) {
  while (auto units = home_.take(number_, plan_.options.max_txn_row, stop)) {
    std::vector<KeyedChange> batch;
    const std::uint64_t last_unit = units->back().number;
    for (QueuedUnit& unit : *units) {
      std::move(unit.rows.begin(), unit.rows.end(), std::back_inserter(batch));
    }
    if (!write(batch, stop)) return;
    std::uint64_t newest = 0;
    for (const KeyedChange& keyed : batch) newest = std::max(newest, keyed.change.commit_ts);
    home_.finish(number_, last_unit, batch.size(), newest);
  }
}

/// Goes on trying while the sink's patience lasts; the feed's state is normal meanwhile.
/// @return false when it was given up.
bool SinkWriter::write(std::vector<KeyedChange>& batch, const std::stop_token& stop) {
  if (!plan_.faults->hold_back(stop)) return false;
  const MonoTime began = plan_.clock.mono();
  Millis wait = plan_.times.sink_retry_first;
  while (plan_.faults->pass(stop)) {
    try {
      if (home_.replaces_now()) {
        for (KeyedChange& keyed : batch) keyed.replace = true;
      }
      try_batch(batch);
      return true;
    } catch (const Error& e) {
      session_.close();
      if (stop.stop_requested()) return false;
      const int number = server_error_of(e);
      if (is_lock_trouble(number)) {
        plan_.clock.wait_for(kLockRetry, stop);
        continue;
      }
      const bool tried_replace = !batch.empty() && batch.front().replace;
      if (number == kDuplicateEntry && !plan_.classic && !tried_replace) {
        home_.replace_for_a_while();
        continue;
      }
      if ((number == kDuplicateEntry && plan_.classic) ||
          plan_.clock.mono() - began >= patience(number)) {
        give_up(batch, e);
        return false;
      }
    }
    plan_.clock.wait_for(wait, stop);
    wait = std::min(wait * 2, plan_.times.sink_retry_longest);
  }
  return false;
}

Millis SinkWriter::patience(int server_error) const {
  if (plan_.classic) return plan_.times.sink_patience.value_or(kClassicPatience);
  const Millis usual = plan_.times.sink_patience.value_or(kNewPatience);
  return is_missing_table(server_error) ? std::min(usual, plan_.times.missing_table_patience)
                                        : usual;
}

void SinkWriter::try_batch(const std::vector<KeyedChange>& batch) {
  failing_ = {};
  failing_.shape = "BEGIN";
  session_.open();
  RowSqlOptions options;
  options.batch = plan_.options.batch_dml;
  options.updates_per_statement = plan_.options.max_multi_update_row;
  const std::vector<RowStatement> statements = row_statements(batch, options);
  // A pessimistic transaction that is broken off must not find its COMMIT in the same packet.
  if (plan_.options.multi_statements && !plan_.options.pessimistic) {
    run_as_scripts(statements);
  } else {
    run_in_steps(statements);
  }
}

void SinkWriter::run_in_steps(const std::vector<RowStatement>& statements) {
  session_.run("BEGIN");
  for (const RowStatement& statement : statements) {
    failing_ = statement;
    session_.run(statement.sql);
  }
  failing_.shape = "COMMIT; ";
  session_.run("COMMIT");
}

/// The whole transaction in one packet, or in several when it is large.
void SinkWriter::run_as_scripts(const std::vector<RowStatement>& statements) {
  std::vector<std::string> script{"BEGIN"};
  std::size_t size = 0;
  std::size_t first = 0;  // index of the statement that script[offset] is
  std::size_t offset = 1;
  const auto send = [&] {
    std::size_t done = 0;
    try {
      session_.run_all(script, done);
    } catch (const Error&) {
      if (done >= offset && first + done - offset < statements.size()) {
        failing_ = statements[first + done - offset];
      } else if (done >= offset) {
        failing_ = {"", "COMMIT; ", 0, 0};
      }
      throw;
    }
    script.clear();
    offset = 0;
    size = 0;
  };
  for (std::size_t i = 0; i < statements.size(); ++i) {
    if (size + statements[i].sql.size() > kLongestScript && script.size() > offset) {
      send();
      first = i;
    }
    size += statements[i].sql.size();
    script.push_back(statements[i].sql);
  }
  script.emplace_back("COMMIT");
  send();
}

void SinkWriter::give_up(const std::vector<KeyedChange>& batch, const Error& error) {
  if (plan_.classic) {
    give_up_classic(error);
  } else {
    give_up_new(batch, error);
  }
}

void SinkWriter::give_up_classic(const Error& error) {
  if (server_error_of(error) == kDuplicateEntry) {
    // TiDB tells a duplicate when an optimistic transaction commits (measured.md A9).
    const std::string shape = plan_.options.pessimistic ? failing_.shape : "COMMIT; ";
    const std::string code = "CDC:ErrMySQLDuplicateEntry";
    home_.fail(FeedFailure(FeedFailure::Kind::duplicate_entry, code,
                           classic_text(shape, code, go_text_of(error))));
    return;
  }
  const std::string text = classic_text(failing_.shape, "CDC:ErrMySQLTxnError", go_text_of(error));
  home_.fail(FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrReachMaxTry",
                         "[CDC:ErrReachMaxTry]reach maximum try: 8, error: " + text + ": " + text));
}

/// The message carries the values in clear text (measured.md §3 (4)).
void SinkWriter::give_up_new(const std::vector<KeyedChange>& batch, const Error& error) {
  const std::string shape = shortened(failing_.shape);
  std::string stamps;
  if (!batch.empty()) {
    const RowChange& row = batch[std::min(failing_.first, batch.size() - 1)].change;
    stamps = "{" + std::to_string(row.start_ts) + " " + std::to_string(row.commit_ts) + "}";
  }
  const std::string info = "Failed query info: sqls: " + shape + ";, values: [[" +
                           shown_values(batch, failing_, " ") +
                           "]], rowCount: " + std::to_string(failing_.rows) +
                           ", approximateSize: " + std::to_string(failing_.sql.size()) +
                           ", startTs: [" + stamps + "]; : ";
  const std::string cause =
      "[CDC:ErrMySQLTxnError]MySQL txn error: Failed to execute DMLs, query info:" + shape +
      ", args:(" + shown_values(batch, failing_, ", ") + "); : " + go_text_of(error);
  std::string message =
      "[CDC:ErrReachMaxTry]reach maximum try: 8, error: " + info + cause + ": " + info + cause;
  if (is_missing_table(server_error_of(error))) message = info + cause;  // measured.md §3 (8)
  home_.fail(FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrChangefeedRetryable", message));
}

}  // namespace bdrmesh::lab
