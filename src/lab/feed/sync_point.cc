#include "lab/feed/sync_point.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr int kLogicalBits = 18;
constexpr int kUnknownVariable = 1193;
constexpr const char* kServerId = "default";  // the server option cluster-id

constexpr std::array<const char*, 3> kMakeTable = {
    "CREATE DATABASE IF NOT EXISTS tidb_cdc", "USE tidb_cdc",
    "CREATE TABLE IF NOT EXISTS syncpoint_v1 (ticdc_cluster_id varchar (255), "
    "changefeed varchar(255), primary_ts varchar(18), secondary_ts varchar(18), "
    "created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP, INDEX (created_at), "
    "PRIMARY KEY (changefeed, primary_ts))"};

}  // namespace

std::uint64_t next_sync_point(std::uint64_t ts, std::uint64_t begin, Millis interval,
                              const Version& ticdc) {
  const std::uint64_t step = static_cast<std::uint64_t>(interval.count());
  const std::uint64_t first = ticdc >= Version{8, 2, 0} ? 0 : begin >> kLogicalBits;
  const std::uint64_t now = std::max(ts >> kLogicalBits, first);
  return (first + ((now - first) / step + 1) * step) << kLogicalBits;
}

SyncPoints::SyncPoints(const WriterPlan& plan, std::string changefeed, Millis retention)
    : plan_(plan),
      changefeed_(std::move(changefeed)),
      retention_(retention),
      session_(plan.sink, plan.write_source, read_timeout(plan.options, plan.times)) {}

void SyncPoints::write(std::uint64_t primary_ts) {
  make_table();
  try {
    write_row(primary_ts);
  } catch (const Error& e) {
    session_.close();
    fail("failed to write syncpoint table;", e);
  }
}

void SyncPoints::make_table() {
  if (has_table_) return;
  try {
    session_.open();
    for (const char* statement : kMakeTable) session_.run(statement);
    has_table_ = true;
  } catch (const Error& e) {
    session_.close();
    fail("failed to create syncpoint table;", e);
  }
}

/// The variable is set before the row commits, so it may be one point ahead of the table.
void SyncPoints::write_row(std::uint64_t primary_ts) {
  session_.open();
  session_.run("BEGIN");
  const auto rows = session_.run("SELECT @@tidb_current_ts");
  const std::string secondary = rows.empty() ? "0" : rows[0][0].value_or("0");
  session_.run(
      "INSERT IGNORE INTO tidb_cdc.syncpoint_v1 (ticdc_cluster_id, changefeed, primary_ts, "
      "secondary_ts) VALUES (" +
      quote_text(kServerId) + ", " + quote_text(changefeed_) + ", '" + std::to_string(primary_ts) +
      "', '" + secondary + "')");
  try {
    session_.run("SET GLOBAL tidb_external_ts = " + secondary);
  } catch (const SqlError& e) {
    if (e.number != kUnknownVariable) throw;
  }
  const bool cleans = !cleaned_ || plan_.clock.mono() - *cleaned_ >= retention_;
  if (cleans) {
    session_.run(
        "DELETE IGNORE FROM tidb_cdc.syncpoint_v1 WHERE ticdc_cluster_id = " +
        quote_text(kServerId) + " AND changefeed = " + quote_text(changefeed_) +
        " AND created_at < (NOW() - INTERVAL " +
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(retention_).count()) +
        " SECOND)");
  }
  session_.run("COMMIT");
  if (cleans) cleaned_ = plan_.clock.mono();
}

void SyncPoints::fail(const std::string& what, const Error& error) const {
  const std::string code = plan_.classic ? "CDC:ErrMySQLTxnError" : "CDC:ErrChangefeedRetryable";
  throw FeedFailure(FeedFailure::Kind::retryable, code,
                    "[CDC:ErrMySQLTxnError]MySQL txn error: " + what + ": " + go_text_of(error));
}

}  // namespace bdrmesh::lab
