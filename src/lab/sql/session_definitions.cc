// What the objects of a schema are, as TiDB tells it: SHOW CREATE, and keeping what only TiDB knows
// of a table.
#include "lab/schema/create_text.h"
#include "lab/schema/insert_shape.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

DefaultHandle default_handle(const std::string& setting) {
  if (setting == "OFF") return DefaultHandle::nonclustered;
  return setting == "INT_ONLY" ? DefaultHandle::integers_only : DefaultHandle::clustered;
}

/// The cells of the only row.
std::vector<std::string> first_row(const RowsReply& reply) {
  std::vector<std::string> cells;
  PacketReader row(reply.rows.front());
  for (std::size_t i = 0; i < reply.columns.size(); ++i) {
    const auto cell = row.cell();
    cells.emplace_back(cell ? std::string(*cell) : "");
  }
  return cells;
}

}  // namespace

/// Called when the engine has done it.
void Session::note_definition(const Statement& statement, const DdlStatement& ddl) {
  shared_.book.note(statement, ddl, schema_,
                    default_handle(setting("tidb_enable_clustered_index")));
  if (ddl.creates && ddl.object_kind == ObjectKind::table && !ddl.objects.empty()) {
    const ObjectName table = qualified(ddl.objects.front());
    if (shared_.book.of(table).nonclustered) shared_.tables.set_nonclustered(table);
  }
}

void Session::provide_auto_random(const Statement& statement) {
  if (statement.verb != Verb::insert && statement.verb != Verb::replace) return;
  const std::vector<ObjectName> names = named_tables(statement);
  if (names.empty()) return;
  const ObjectName table = qualified(names.front());
  const auto random = shared_.book.auto_random_of(table);
  if (!random) return;
  const InsertShape shape = insert_shape(statement, random->column, random->ordinal);
  if (shape.names_value && setting("allow_auto_random_explicit_insert") != "ON") {
    throw Refused(8216, "HY000",
                  "Invalid auto random: Explicit insertion on auto_random column is disabled. Try "
                  "to set @@allow_auto_random_explicit_insert = true.");
  }
  const std::uint64_t start_ts = txn_.start_ts == 0 ? statement_ts_ : txn_.start_ts;
  const std::uint64_t first = shared_.book.take_ids(table, start_ts, shape.rows);
  engine_ok("SET SESSION insert_id=" + std::to_string(first));
}

Answer Session::show_create(const Statement& statement) {
  Cursor cursor(statement.tokens, 2);
  const std::string kind = cursor.next().value;
  if (kind == "table" || kind == "view" || kind == "sequence") {
    const ObjectName table = qualified(cursor.object_name());
    if (auto past = show_create_in_the_past(statement, table)) return *past;
    return show_create_relation(statement, table);
  }
  Answer answer = pass_through(std::string(statement.text));
  const auto* reply = std::get_if<RowsReply>(&answer);
  const bool is_schema = kind == "database" || kind == "schema";
  if (!is_schema || reply == nullptr || reply->rows.empty()) return answer;
  std::vector<std::string> cells = first_row(*reply);
  cells[1] = tidb_create_schema(cells[1], shared_.book.placement_of_schema(cells[0]));
  return TextResult{{{"Database"}, {"Create Database"}}, {{cells[0], cells[1]}}};
}

Answer Session::show_create_relation(const Statement& statement, const ObjectName& table) {
  Answer answer = pass_through(std::string(statement.text));
  const auto* reply = std::get_if<RowsReply>(&answer);
  if (reply == nullptr || reply->rows.empty()) return answer;
  std::vector<std::string> cells = first_row(*reply);
  if (reply->columns.size() == 4) {
    std::vector<std::string> columns;
    for (const auto& row :
         shared_.as_admin("SELECT column_name FROM information_schema.columns WHERE table_schema=" +
                          quote_text(table.schema) + " AND table_name=" + quote_text(table.name) +
                          " ORDER BY ordinal_position")) {
      columns.push_back(row.front().value_or(""));
    }
    return TextResult{
        {{"View"}, {"Create View"}, {"character_set_client"}, {"collation_connection"}},
        {{cells[0], tidb_create_view(cells[1], columns), cells[2], cells[3]}}};
  }
  if (cells[1].rfind("CREATE SEQUENCE", 0) == 0) {
    return TextResult{{{"Sequence"}, {"Create Sequence"}}, {{cells[0], cells[1]}}};
  }
  if (cells[1].find(" SEQUENCE=1") != std::string::npos) {
    const std::string sql =
        "SHOW CREATE SEQUENCE " + quote_name(table.schema) + "." + quote_name(table.name);
    return show_create_relation(classify(std::move(split_statements(sql).front())), table);
  }
  return TextResult{{{"Table"}, {"Create Table"}},
                    {{cells[0], tidb_create_table(cells[1], shared_.book.of(table))}}};
}

}  // namespace bdrmesh::lab
