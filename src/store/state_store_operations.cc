// Operations, their steps, facts and locks.
#include <utility>

#include "base/error.h"
#include "store/lock_rows.h"
#include "store/state_store_impl.h"

namespace bdrmesh {
namespace {

using rows::bool_number;
using rows::millis_or_null;
using rows::time_or_null;
using sqlite::Connection;
using sqlite::Query;

constexpr std::string_view kOperationColumns =
    "SELECT id, kind, title, state, plan, requested_by, idempotency_key, cancel_requested,"
    " line_crossed, line_evidence, pause_started_ms, pause_ended_ms, created_ms, ended_ms,"
    " error_code, error_text, error_remedy, undo_cause, deadline_ms FROM operations ";

constexpr std::string_view kHeaderColumns =
    "SELECT id, kind, title, state, 'null', requested_by, idempotency_key, cancel_requested,"
    " line_crossed, line_evidence, pause_started_ms, pause_ended_ms, created_ms, ended_ms,"
    " error_code, error_text, error_remedy, undo_cause, deadline_ms FROM operations ";

std::string select_operations(std::string_view rest) {
  return std::string(kOperationColumns) + std::string(rest);
}

OperationRecord operation_from(const Query& row) {
  OperationRecord record;
  record.id = row.text(0);
  record.kind = row.text(1);
  record.title = row.text(2);
  record.state = operation_state_from(row.text(3));
  record.plan = parse_json(row.text(4), "plan of operation " + record.id);
  record.requested_by = row.text(5);
  record.idempotency_key = row.text(6);
  record.cancel_requested = row.flag(7);
  record.line_crossed = row.flag(8);
  record.line_evidence = row.text(9);
  record.pause_started = time_or_null(row.number_or_null(10));
  record.pause_ended = time_or_null(row.number_or_null(11));
  record.created = from_millis(row.number(12));
  record.ended = time_or_null(row.number_or_null(13));
  record.error_code = row.text(14);
  record.error_text = row.text(15);
  record.error_remedy = row.text(16);
  const std::string cause = row.text(17);
  if (!cause.empty()) record.undo_cause = parse_json(cause, "undo cause of operation " + record.id);
  record.deadline = time_or_null(row.number_or_null(18));
  return record;
}

std::vector<OperationRecord> read_operations(Query& query) {
  std::vector<OperationRecord> records;
  while (query.next()) records.push_back(operation_from(query));
  return records;
}

void write_step(Connection& connection, const StepRecord& step, std::int64_t position) {
  connection
      .query(
          "INSERT INTO steps (operation, step, position, name, state, started_ms, ended_ms, note)"
          " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (operation, step) DO UPDATE SET name = excluded.name,"
          " state = excluded.state, started_ms = excluded.started_ms,"
          " ended_ms = excluded.ended_ms, note = excluded.note")
      .bind(step.operation)
      .bind(step.step)
      .bind(position)
      .bind(step.name)
      .bind(to_string(step.state))
      .bind(millis_or_null(step.started))
      .bind(millis_or_null(step.ended))
      .bind(step.note)
      .run();
}

void write_fact(Connection& connection, const FactRecord& fact) {
  connection
      .query(
          "INSERT INTO facts (operation, name, scope, durable, set_by, value)"
          " VALUES (?, ?, ?, ?, ?, ?)"
          " ON CONFLICT (operation, name, scope) DO UPDATE SET durable = excluded.durable,"
          " set_by = excluded.set_by, value = excluded.value")
      .bind(fact.operation)
      .bind(fact.name)
      .bind(fact.scope)
      .bind(bool_number(fact.durable))
      .bind(fact.set_by)
      .bind(rows::json_text(fact.value))
      .run();
}

// The plan, the key and the wish to cancel are not the runner's to change; a crossed line stays
// crossed.
void update_header(Connection& connection, const OperationRecord& header) {
  connection
      .query(
          "UPDATE operations SET state = ?, line_crossed = MAX(line_crossed, ?), line_evidence = ?,"
          " pause_started_ms = ?, pause_ended_ms = ?, ended_ms = ?, error_code = ?,"
          " error_text = ?, error_remedy = ?, undo_cause = ? WHERE id = ?")
      .bind(to_string(header.state))
      .bind(bool_number(header.line_crossed))
      .bind(header.line_evidence)
      .bind(millis_or_null(header.pause_started))
      .bind(millis_or_null(header.pause_ended))
      .bind(millis_or_null(header.ended))
      .bind(header.error_code)
      .bind(header.error_text)
      .bind(header.error_remedy)
      .bind(header.undo_cause.is_null() ? std::string() : rows::json_text(header.undo_cause))
      .bind(header.id)
      .run();
  if (is_final(header.state)) {
    rows::release_locks(connection, header.id, header.ended.value_or(header.created));
  }
}

std::optional<std::string> id_of_key(Connection& connection, const std::string& key) {
  if (key.empty()) return std::nullopt;
  auto query = connection.query(
      "SELECT id FROM operations WHERE idempotency_key = ?"
      " AND idempotency_key <> ''");
  if (!query.bind(key).next()) return std::nullopt;
  return query.text(0);
}

void insert_operation(Connection& connection, const OperationRecord& operation) {
  connection
      .query(
          "INSERT INTO operations (id, kind, title, state, plan, requested_by, idempotency_key,"
          " cancel_requested, line_crossed, line_evidence, created_ms, error_code, error_text,"
          " error_remedy, deadline_ms) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '', ?, '', '', '', ?)")
      .bind(operation.id)
      .bind(operation.kind)
      .bind(operation.title)
      .bind(to_string(operation.state))
      .bind(rows::json_text(operation.plan))
      .bind(operation.requested_by)
      .bind(operation.idempotency_key)
      .bind(to_millis(operation.created))
      .bind(millis_or_null(operation.deadline))
      .run();
}

void write_call(Connection& connection, const CallRecord& call) {
  connection
      .query(
          "INSERT INTO calls (operation, step, during, at_ms, target, what, took_ms, answer,"
          " left_out) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(call.operation)
      .bind(call.step)
      .bind(call.during)
      .bind(to_millis(call.at))
      .bind(call.target)
      .bind(call.what)
      .bind(std::int64_t{call.took.count()})
      .bind(call.answer)
      .bind(call.left_out)
      .run();
}

std::vector<StepRecord> read_steps(Connection& connection, const std::string& operation) {
  auto query = connection.query(
      "SELECT step, name, state, started_ms, ended_ms, note FROM steps WHERE operation = ?"
      " ORDER BY position, step");
  query.bind(operation);
  std::vector<StepRecord> records;
  while (query.next()) {
    records.push_back({operation, query.text(0), query.text(1), step_state_from(query.text(2)),
                       time_or_null(query.number_or_null(3)), time_or_null(query.number_or_null(4)),
                       query.text(5)});
  }
  return records;
}

std::vector<FactRecord> read_facts(Connection& connection, const std::string& operation) {
  auto query = connection.query(
      "SELECT name, scope, durable, set_by, value FROM facts WHERE operation = ?"
      " ORDER BY name, scope");
  query.bind(operation);
  std::vector<FactRecord> records;
  while (query.next()) {
    records.push_back({operation, query.text(0), query.text(1), query.flag(2), query.text(3),
                       parse_json(query.text(4), "fact " + query.text(0))});
  }
  return records;
}

std::optional<OperationRecord> read_operation(Connection& connection, const std::string& id) {
  auto query = connection.query(select_operations("WHERE id = ?"));
  if (!query.bind(id).next()) return std::nullopt;
  return operation_from(query);
}

[[noreturn]] void throw_unknown(const std::string& id) {
  throw Error(ErrorKind::invalid, "UNKNOWN_OPERATION", "there is no operation " + id,
              "type: bdrmesh op list");
}

}  // namespace

std::string StateStore::add_operation(const OperationRecord& operation,
                                      const std::vector<std::string>& locks,
                                      const std::vector<StepRecord>& steps,
                                      WhenLocked when_locked) {
  std::string id = operation.id;
  impl_->write([&](Connection& connection) {
    if (const auto earlier = id_of_key(connection, operation.idempotency_key)) {
      id = *earlier;
      return;
    }
    insert_operation(connection, operation);
    if (when_locked == WhenLocked::wait) {
      rows::take_or_await_locks(connection, operation, locks);
    } else {
      rows::take_locks(connection, operation, locks);
    }
    std::int64_t position = 0;
    for (const auto& step : steps) write_step(connection, step, position++);
  });
  return id;
}

void StateStore::write_tick(const TickWrite& tick) {
  impl_->write(
      [&](Connection& connection) {
        for (const auto& step : tick.forget_facts_of) {
          connection.query("DELETE FROM facts WHERE operation = ? AND set_by = ?")
              .bind(tick.operation)
              .bind(step)
              .run();
        }
        // A step that add_operation did not store comes last.
        for (const auto& step : tick.steps) write_step(connection, step, 1'000'000);
        for (const auto& fact : tick.facts) write_fact(connection, fact);
        for (const auto& call : tick.calls) write_call(connection, call);
        for (const auto& event : tick.events) rows::insert_event(connection, event);
        if (tick.header) update_header(connection, *tick.header);
      },
      tick.events);
}

OperationRecord StateStore::operation(const std::string& id) const {
  if (auto found = find_operation(id)) return *std::move(found);
  throw_unknown(id);
}

std::optional<OperationRecord> StateStore::find_operation(const std::string& id) const {
  const auto connection = impl_->reader();
  return read_operation(*connection, id);
}

WholeOperation StateStore::whole_operation(const std::string& id) const {
  const auto connection = impl_->reader();
  const sqlite::Snapshot moment(*connection);
  std::optional<OperationRecord> record = read_operation(*connection, id);
  if (!record) throw_unknown(id);
  return {*std::move(record), read_steps(*connection, id), read_facts(*connection, id),
          rows::events_of(*connection, id)};
}

std::vector<OperationRecord> StateStore::operations(int newest) const {
  const auto connection = impl_->reader();
  auto query = connection->query(select_operations("ORDER BY number DESC LIMIT ?"));
  query.bind(std::int64_t{newest});
  return read_operations(query);
}

std::vector<OperationRecord> StateStore::operation_headers(int newest) const {
  const auto connection = impl_->reader();
  auto query = connection->query(std::string(kHeaderColumns) + "ORDER BY number DESC LIMIT ?");
  query.bind(std::int64_t{newest});
  return read_operations(query);
}

std::vector<OperationRecord> StateStore::unfinished_operations() const {
  const auto connection = impl_->reader();
  auto query = connection->query(select_operations(
      "WHERE state IN ('queued', 'running', 'compensating', 'blocked') ORDER BY number"));
  return read_operations(query);
}

std::vector<StepRecord> StateStore::steps(const std::string& operation) const {
  const auto connection = impl_->reader();
  return read_steps(*connection, operation);
}

std::vector<FactRecord> StateStore::facts(const std::string& operation) const {
  const auto connection = impl_->reader();
  return read_facts(*connection, operation);
}

std::vector<LockRecord> StateStore::locks() const {
  const auto connection = impl_->reader();
  auto query = connection->query("SELECT name, operation, since_ms FROM locks ORDER BY name");
  std::vector<LockRecord> records;
  while (query.next()) {
    records.push_back({query.text(0), query.text(1), from_millis(query.number(2))});
  }
  return records;
}

std::vector<LockWait> StateStore::lock_waits(const std::string& operation) const {
  const auto connection = impl_->reader();
  return rows::waits_of(*connection, operation);
}

std::vector<std::string> StateStore::waiting_operations() const {
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT id FROM operations WHERE id IN (SELECT operation FROM lock_waits) ORDER BY number");
  std::vector<std::string> ids;
  while (query.next()) ids.push_back(query.text(0));
  return ids;
}

std::vector<CallRecord> StateStore::calls(const std::string& operation) const {
  const auto connection = impl_->reader();
  auto query = connection->query(
      "SELECT step, during, at_ms, target, what, took_ms, answer, left_out FROM calls"
      " WHERE operation = ? ORDER BY at_ms, number");
  query.bind(operation);
  std::vector<CallRecord> records;
  while (query.next()) {
    records.push_back({operation, query.text(0), query.text(1), from_millis(query.number(2)),
                       query.text(3), query.text(4), Millis{query.number(5)}, query.text(6),
                       query.number(7)});
  }
  return records;
}

void StateStore::request_cancel(const std::string& operation) {
  impl_->write([&](Connection& connection) {
    connection.query("UPDATE operations SET cancel_requested = 1 WHERE id = ?")
        .bind(operation)
        .run();
    if (connection.changed_rows() == 0) {
      throw Error(ErrorKind::invalid, "UNKNOWN_OPERATION", "there is no operation " + operation,
                  "type: bdrmesh op list");
    }
  });
}

}  // namespace bdrmesh
