#include "lab/schema/insert_shape.h"

#include <optional>
#include <vector>

namespace bdrmesh::lab {

namespace {

constexpr std::uint64_t kRowsOfASelect = 100'000;

/// Where the column stands in `(a, b, c)`, the cursor on the parenthesis; passes the list.
std::optional<std::size_t> place_in_list(Cursor& cursor, const std::string& column) {
  std::optional<std::size_t> place;
  cursor.accept_symbol('(');
  for (std::size_t i = 0; !cursor.at_end() && !cursor.accept_symbol(')'); ++i) {
    if (to_lower(cursor.object_name().name) == column) place = i;
    cursor.accept_symbol(',');
    if (!cursor.peek().is_name() && !cursor.peek().is_symbol(')')) break;
  }
  return place;
}

bool asks_for_an_id(const std::vector<Token>& value) {
  if (value.size() != 1) return false;
  const Token& token = value.front();
  return token.is("default") || token.is("null") || token.is_symbol('?') ||
         (token.kind == TokenKind::number && token.value == "0");
}

/// The values of one `(...)`, the cursor on its parenthesis; passes it.
std::vector<std::vector<Token>> tuple(Cursor& cursor) {
  std::vector<std::vector<Token>> values(1);
  cursor.accept_symbol('(');
  for (int depth = 1; !cursor.at_end() && depth > 0;) {
    const Token& token = cursor.next();
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')') && --depth == 0) break;
    if (depth == 1 && token.is_symbol(',')) {
      values.emplace_back();
    } else {
      values.back().push_back(token);
    }
  }
  return values;
}

void read_tuples(Cursor& cursor, std::optional<std::size_t> place, InsertShape& shape) {
  shape.rows = 0;
  do {
    if (!cursor.peek().is_symbol('(')) break;
    const auto values = tuple(cursor);
    ++shape.rows;
    if (place && *place < values.size() && !asks_for_an_id(values[*place]))
      shape.names_value = true;
  } while (cursor.accept_symbol(','));
  if (shape.rows == 0) shape.rows = 1;
}

void read_assignments(Cursor& cursor, const std::string& column, InsertShape& shape) {
  while (!cursor.at_end() && !cursor.sees({"on", "duplicate"})) {
    if (cursor.peek().is_name() && to_lower(cursor.peek().name) == column &&
        cursor.peek(1).is_symbol('=')) {
      shape.names_value = !asks_for_an_id({cursor.peek(2)});
    }
    if (!cursor.skip_group()) cursor.next();
  }
}

}  // namespace

InsertShape insert_shape(const Statement& statement, const std::string& column,
                         std::size_t ordinal) {
  InsertShape shape;
  const std::string name = to_lower(column);
  Cursor cursor(statement.tokens);
  cursor.next();
  while (cursor.accept_any({"low_priority", "delayed", "high_priority", "ignore", "into"})) {
  }
  cursor.object_name();
  std::optional<std::size_t> place = ordinal;
  if (cursor.peek().is_symbol('(') && !cursor.peek(1).is("select")) {
    place = place_in_list(cursor, name);
  }
  if (cursor.accept("set")) {
    read_assignments(cursor, name, shape);
  } else if (cursor.accept_any({"values", "value"})) {
    read_tuples(cursor, place, shape);
  } else {
    shape.names_value = place.has_value();
    shape.rows = kRowsOfASelect;
  }
  return shape;
}

}  // namespace bdrmesh::lab
