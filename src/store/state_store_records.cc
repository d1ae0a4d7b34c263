// Events, incarnations of links, documents.
#include <algorithm>

#include "store/state_store_impl.h"

namespace bdrmesh {
namespace rows {

void insert_event(sqlite::Connection& connection, const EventRecord& event) {
  connection
      .query(
          "INSERT INTO events (at_ms, severity, operation, subject, text) VALUES (?, ?, ?, ?, ?)")
      .bind(to_millis(event.at))
      .bind(event.severity)
      .bind(event.operation)
      .bind(event.subject)
      .bind(event.text)
      .run();
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::int64_t bool_number(bool value) { return value ? 1 : 0; }

std::optional<std::int64_t> millis_or_null(const std::optional<WallTime>& time) {
  if (!time) return std::nullopt;
  return to_millis(*time);
}

std::optional<WallTime> time_or_null(const std::optional<std::int64_t>& millis) {
  if (!millis) return std::nullopt;
  return from_millis(*millis);
}

}  // namespace rows

namespace {

using sqlite::Connection;
using sqlite::Query;

constexpr const char* kEventColumns =
    "SELECT number, at_ms, severity, operation, subject, text FROM events ";

std::vector<EventRecord> read_events(Query& query) {
  std::vector<EventRecord> events;
  while (query.next()) {
    events.push_back({query.number(0), from_millis(query.number(1)), query.text(2), query.text(3),
                      query.text(4), query.text(5)});
  }
  return events;
}

// TSOs stay below 2^63 for millennia; SQLite's integers are signed.
std::int64_t stored(std::uint64_t tso) { return static_cast<std::int64_t>(tso); }
std::uint64_t tso_from(std::int64_t number) { return static_cast<std::uint64_t>(number); }

DocumentRecord document_from(const Query& row) {
  return {row.text(0), row.text(1), from_millis(row.number(2)),
          parse_json(row.text(3), "document " + row.text(0) + " " + row.text(1))};
}

}  // namespace

void StateStore::add_event(const EventRecord& event) {
  impl_->write([&](Connection& connection) { rows::insert_event(connection, event); }, {event});
}

std::vector<EventRecord> StateStore::events(std::int64_t after_number, int limit) const {
  const auto connection = impl_->reader();
  auto query =
      connection->query(std::string(kEventColumns) + "WHERE number > ? ORDER BY number LIMIT ?");
  query.bind(after_number).bind(std::int64_t{limit});
  return read_events(query);
}

std::vector<EventRecord> StateStore::newest_events(int limit) const {
  const auto connection = impl_->reader();
  auto query = connection->query(std::string(kEventColumns) + "ORDER BY number DESC LIMIT ?");
  query.bind(std::int64_t{limit});
  return read_events(query);
}

std::vector<EventRecord> StateStore::operation_events(const std::string& operation) const {
  const auto connection = impl_->reader();
  return rows::events_of(*connection, operation);
}

std::vector<EventRecord> rows::events_of(Connection& connection, const std::string& operation) {
  auto query = connection.query(std::string(kEventColumns) +
                                "WHERE operation = ? AND operation <> '' ORDER BY number");
  query.bind(operation);
  return read_events(query);
}

void StateStore::put_incarnation(const IncarnationRecord& incarnation) {
  impl_->write([&](Connection& connection) {
    connection
        .query(
            "INSERT OR REPLACE INTO incarnations (group_name, from_name, to_name, number,"
            " changefeed, start_tso, proven_tso, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(incarnation.group)
        .bind(incarnation.from)
        .bind(incarnation.to)
        .bind(std::int64_t{incarnation.number})
        .bind(incarnation.changefeed)
        .bind(stored(incarnation.start_tso))
        .bind(stored(incarnation.proven_tso))
        .bind(incarnation.state)
        .run();
  });
}

std::vector<IncarnationRecord> StateStore::incarnations(const std::string& group) const {
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT from_name, to_name, number, changefeed, start_tso, proven_tso, state"
      " FROM incarnations WHERE group_name = ? ORDER BY from_name, to_name, number");
  query.bind(group);
  std::vector<IncarnationRecord> records;
  while (query.next()) {
    records.push_back({group, query.text(0), query.text(1), static_cast<int>(query.number(2)),
                       query.text(3), tso_from(query.number(4)), tso_from(query.number(5)),
                       query.text(6)});
  }
  return records;
}

void StateStore::put_document(const DocumentRecord& document) {
  impl_->write([&](Connection& connection) {
    connection
        .query("INSERT OR REPLACE INTO documents (kind, key, at_ms, body) VALUES (?, ?, ?, ?)")
        .bind(document.kind)
        .bind(document.key)
        .bind(to_millis(document.at))
        .bind(rows::json_text(document.body))
        .run();
  });
}

std::optional<DocumentRecord> StateStore::document(const std::string& kind,
                                                   const std::string& key) const {
  const auto connection = impl_->reader();
  auto query =
      connection->query("SELECT kind, key, at_ms, body FROM documents WHERE kind = ? AND key = ?");
  if (!query.bind(kind).bind(key).next()) return std::nullopt;
  return document_from(query);
}

std::vector<DocumentRecord> StateStore::documents(const std::string& kind) const {
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT kind, key, at_ms, body FROM documents WHERE kind = ? ORDER BY at_ms, key");
  query.bind(kind);
  std::vector<DocumentRecord> records;
  while (query.next()) records.push_back(document_from(query));
  return records;
}

void StateStore::forget_documents(const std::string& kind, WallTime before, int newest) {
  impl_->write([&](Connection& connection) {
    connection
        .query(
            "DELETE FROM documents WHERE kind = ? AND (at_ms < ? OR key NOT IN (SELECT key FROM"
            " documents WHERE kind = ? ORDER BY at_ms DESC, key LIMIT ?))")
        .bind(kind)
        .bind(to_millis(before))
        .bind(kind)
        .bind(std::int64_t{newest})
        .run();
  });
}

std::optional<std::string> StateStore::operation_of_key(const std::string& idempotency_key) const {
  if (idempotency_key.empty()) return std::nullopt;
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT id FROM operations WHERE idempotency_key = ? AND idempotency_key <> ''");
  if (!query.bind(idempotency_key).next()) return std::nullopt;
  return query.text(0);
}

}  // namespace bdrmesh
