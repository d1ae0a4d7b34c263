#include "lab/parse/product_backup.h"

#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

namespace {

bool names_tables(Cursor& cursor) {
  do {
    const ObjectName name = cursor.object_name();
    if (name.schema.empty() || name.name.empty() || to_lower(name.schema) == "bdrmesh")
      return false;
  } while (cursor.accept_symbol(','));
  return true;
}

bool is_number(Cursor& cursor) {
  if (cursor.peek().kind != TokenKind::number) return false;
  cursor.next();
  return true;
}

}  // namespace

bool is_product_backup(const Statement& statement) {
  Cursor cursor(statement.tokens);
  const bool restores = cursor.accept({"restore", "table"});
  if (!restores && !cursor.accept({"backup", "table"})) return false;
  if (!names_tables(cursor) || !cursor.accept(restores ? "from" : "to")) return false;
  if (cursor.next().kind != TokenKind::text) return false;
  if (cursor.accept("rate_limit")) {
    const bool limit = cursor.accept_symbol('=') && is_number(cursor) && cursor.accept("mb") &&
                       cursor.accept_symbol('/') && cursor.accept("second");
    if (!limit) return false;
  }
  if (restores) return cursor.at_end();
  return cursor.accept("snapshot") && cursor.accept_symbol('=') && is_number(cursor) &&
         cursor.at_end();
}

}  // namespace bdrmesh::lab
