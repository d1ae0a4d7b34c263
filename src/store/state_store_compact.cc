// Compacting: what old operations did is dropped, that they were and how they ended stays.
#include "store/state_store_impl.h"

namespace bdrmesh {
namespace {

using sqlite::Connection;

constexpr const char* kOld =
    "(SELECT id FROM operations WHERE ended_ms IS NOT NULL AND ended_ms < ?"
    " AND state IN ('succeeded', 'reverted', 'cancelled')"
    " AND id IN (SELECT operation FROM steps))";

std::int64_t remove_old(Connection& connection, const std::string& table, WallTime before) {
  connection.query("DELETE FROM " + table + " WHERE operation IN " + kOld)
      .bind(to_millis(before))
      .run();
  return connection.changed_rows();
}

// So that whoever looks at such an operation later does not take it for one that did nothing.
void tell_of_dropping(Connection& connection, WallTime before, WallTime now) {
  connection
      .query(std::string("INSERT INTO events (at_ms, severity, operation, subject, text)"
                         " SELECT ?, 'info', id, '', 'its steps, calls and events were dropped by"
                         " state compact' FROM operations WHERE id IN ") +
             kOld)
      .bind(to_millis(now))
      .bind(to_millis(before))
      .run();
}

}  // namespace

DroppedDetails StateStore::compact(WallTime before, WallTime now) {
  DroppedDetails dropped;
  impl_->write([&](Connection& connection) {
    dropped.events = remove_old(connection, "events", before);
    connection.query("DELETE FROM events WHERE operation = '' AND at_ms < ?")
        .bind(to_millis(before))
        .run();
    dropped.events += connection.changed_rows();
    dropped.calls = remove_old(connection, "calls", before);
    remove_old(connection, "facts", before);
    tell_of_dropping(connection, before, now);
    dropped.operations = connection.changed_rows();
    remove_old(connection, "steps", before);
  });
  impl_->give_space_back();
  return dropped;
}

}  // namespace bdrmesh
