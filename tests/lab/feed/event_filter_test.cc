#include "lab/feed/event_filter.h"

#include <gtest/gtest.h>

#include "lab/feed/api_error.h"
#include "lab/feed/row_expression.h"
#include "lab/feed/sink_options.h"

namespace bdrmesh::lab {
namespace {

Value num(int n) { return {Value::Kind::number, std::to_string(n)}; }
Value text(std::string t) { return {Value::Kind::bytes, std::move(t)}; }

RowChange change(RowKind kind, Row before, Row after) {
  TableMap table;
  table.schema = "app";
  table.name = "t";
  table.columns = {{ColumnType::integer, 0, false, "id"}, {ColumnType::varchar, 0, false, "v"}};
  return {
      std::make_shared<const TableMap>(table), kind, {std::move(before), std::move(after)}, 1, 2};
}

DdlJob job(const std::string& type, const std::string& query) {
  DdlJob out;
  out.db = "app";
  out.table = "t";
  out.type = type;
  out.query = query;
  return out;
}

TEST(EventFilters, LeaveOutKindsOfRows) {
  const EventFilters filters(R"([{"matcher":["app.t"],"ignore_event":["delete"]}])", false);
  EXPECT_TRUE(filters.ignores(change(RowKind::remove, {num(1), text("a")}, {})));
  EXPECT_FALSE(filters.ignores(change(RowKind::insert, {}, {num(1), text("a")})));
  EXPECT_FALSE(EventFilters(R"([{"matcher":["x.t"],"ignore_event":["all dml"]}])", false)
                   .ignores(change(RowKind::insert, {}, {num(1), text("a")})));
}

TEST(EventFilters, LeaveOutDdlByKindAndByText) {
  const EventFilters filters(
      R"([{"matcher":["app.*"],"ignore_event":["drop table"],"ignore_sql":["^alter.*add column z"]}])",
      false);
  EXPECT_TRUE(filters.ignores(job("drop table", "DROP TABLE t")));
  EXPECT_TRUE(filters.ignores(job("add column", "ALTER TABLE t ADD COLUMN z INT")));
  EXPECT_FALSE(filters.ignores(job("add column", "ALTER TABLE t ADD COLUMN y INT")));
}

TEST(EventFilters, RefuseUnknownKinds) {
  try {
    const EventFilters filters(R"([{"matcher":["app.t"],"ignore_event":["nonsense"]}])", false);
    FAIL() << "accepted";
  } catch (const ApiError& e) {
    EXPECT_EQ(e.status, 500);
    EXPECT_EQ(e.message(), "[CDC:ErrInvalidIgnoreEventType]invalid ignore event type: 'nonsense'");
  }
}

TEST(EventFilters, RefusePatternsThatAreNone) {
  EXPECT_THROW(EventFilters(R"([{"matcher":["app.t"],"ignore_sql":["("]}])", false), ApiError);
}

TEST(RowExpression, ComparesValuesAsTheirTypesAre) {
  const RowChange row = change(RowKind::insert, {}, {num(10), text("ab")});
  const auto holds = [&](const std::string& expression) {
    return RowExpression(expression).holds(*row.table, row.image.after);
  };
  EXPECT_TRUE(holds("id > 9"));
  EXPECT_FALSE(holds("id > 9 AND v = 'x'"));
  EXPECT_TRUE(holds("(id <> 10 OR v >= 'ab') AND NOT id IN (1, 2)"));
  EXPECT_TRUE(holds("v IS NOT NULL"));
  EXPECT_FALSE(holds("missing = 1"));
  EXPECT_FALSE(holds(""));
  EXPECT_THROW(RowExpression("id >"), ApiError);
}

TEST(SinkOptions, TakeTheUriBeforeTheConfig) {
  const SinkUri uri =
      parse_sink_uri("mysql://a:b@h:1/?worker-count=3&read-timeout=1m30s&safe-mode=true");
  const SinkOptions options = sink_options(
      uri, R"({"worker_count":9,"max_txn_row":7,"enable_batch_dml":false})", false, "");
  EXPECT_EQ(options.worker_count, 3U);
  EXPECT_EQ(options.max_txn_row, 7U);
  EXPECT_FALSE(options.batch_dml);
  EXPECT_TRUE(options.safe_mode);
  EXPECT_EQ(options.read_timeout, Millis{90000});
  EXPECT_THROW(sink_options(parse_sink_uri("mysql://h/?read-timeout=soon"), "", false, ""),
               ApiError);
  EXPECT_THROW(sink_options(parse_sink_uri("mysql://h/?safe-mode=maybe"), "", false, ""), ApiError);
}

}  // namespace
}  // namespace bdrmesh::lab
