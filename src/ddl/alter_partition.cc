#include <algorithm>

#include "ddl/clause.h"

namespace bdrmesh::ddl {

namespace {

Clause read_one_partition(Cursor& cursor) {
  if (!cursor.name()) return unknown(cursor);
  if (cursor.take("ATTRIBUTES")) {
    cursor.skip_to_comma();
    return clause_of(Kind::partition_attributes);
  }
  if (cursor.take({"PLACEMENT", "POLICY"})) {
    cursor.skip_to_comma();
    return clause_of(Kind::partition_placement);
  }
  return unknown(cursor);
}

Clause read_exchange(Cursor& cursor, TableMentions& mentions) {
  if (!cursor.name() || !cursor.take({"WITH", "TABLE"})) return unknown(cursor);
  mentions.exchanged_with.push_back(cursor.position());
  if (!cursor.name() || (cursor.take('.') && !cursor.name())) return unknown(cursor);
  cursor.take_any({"WITH", "WITHOUT"});
  cursor.take("VALIDATION");
  return clause_of(Kind::exchange_partition);
}

/// Takes the rest of the statement: partition work stands alone or last in an ALTER TABLE.
Clause rest_as(Cursor& cursor, Kind kind) {
  cursor.skip_all();
  return clause_of(kind);
}

}  // namespace

Clause read_add_partition(Cursor& cursor) {
  const bool idempotent = cursor.take({"IF", "NOT", "EXISTS"});
  const bool counted = cursor.sees("PARTITIONS");
  const std::size_t from = cursor.position();
  cursor.skip_all();
  const auto rest = cursor.since(from);
  const bool valued =
      std::any_of(rest.begin(), rest.end(), [](const Token& t) { return t.is("VALUES"); });
  Clause clause = counted || !valued
                      ? paused(Kind::add_hash_partition, "adding HASH or KEY partitions moves rows")
                      : clause_of(Kind::add_partition);
  clause.idempotent = idempotent;
  return clause;
}

std::optional<Clause> read_partitioning(Cursor& cursor, TableMentions& mentions) {
  if (cursor.take({"TRUNCATE", "PARTITION"})) return rest_as(cursor, Kind::truncate_partition);
  if (cursor.take({"REORGANIZE", "PARTITION"})) return rest_as(cursor, Kind::reorganize_partition);
  if (cursor.take({"COALESCE", "PARTITION"})) return rest_as(cursor, Kind::add_hash_partition);
  if (cursor.take({"EXCHANGE", "PARTITION"})) return read_exchange(cursor, mentions);
  if (cursor.take({"LAST", "PARTITION", "LESS", "THAN"}))
    return rest_as(cursor, Kind::add_partition);
  if (cursor.take({"FIRST", "PARTITION", "LESS", "THAN"}))
    return rest_as(cursor, Kind::drop_partition);
  if (cursor.take({"PARTITION", "BY"})) return rest_as(cursor, Kind::partition_by);
  if (cursor.take({"REMOVE", "PARTITIONING"})) return clause_of(Kind::remove_partitioning);
  if (cursor.take("PARTITION")) return read_one_partition(cursor);
  if (cursor.take({"ANALYZE", "PARTITION"})) {
    cursor.skip_all();
    return clause_of(Kind::not_ddl);
  }
  return std::nullopt;
}

}  // namespace bdrmesh::ddl
