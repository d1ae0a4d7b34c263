// Column definitions of ADD, MODIFY and CHANGE COLUMN.
#include <optional>
#include <set>

#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

namespace {

bool is_integer_type(const std::string& word) {
  static const std::set<std::string> types = {"tinyint", "smallint", "mediumint",
                                              "int",     "integer",  "bigint"};
  return types.count(word) > 0;
}

/// Reads the type: a word, perhaps (n[,m]), perhaps UNSIGNED, ZEROFILL, CHARACTER SET x (no options
/// in TiDB's eyes).
std::string parse_type(Cursor& cursor) {
  std::string type = cursor.next().value;
  if (type == "double") cursor.accept("precision");
  if (type == "national") type = cursor.next().value;
  if (type == "integer") type = "int";
  if (type == "bool" || type == "boolean") type = "tinyint(1)";
  if (cursor.peek().is_symbol('(')) {
    std::string group;
    const std::size_t begin = cursor.position();
    cursor.skip_group();
    const std::size_t end = cursor.position();
    cursor.move_to(begin);
    while (cursor.position() < end) {
      const Token& token = cursor.next();
      group += token.kind == TokenKind::text ? quote_text(token.value) : token.value;
    }
    if (!is_integer_type(type)) type += group;
  }
  while (true) {
    if (cursor.accept("unsigned")) {
      type += " unsigned";
    } else if (cursor.accept("zerofill")) {
      type += " zerofill";
    } else if (cursor.accept("signed") || cursor.accept("binary")) {
    } else if (cursor.accept({"character", "set"}) || cursor.accept("charset")) {
      cursor.accept_symbol('=');
      cursor.next();
    } else {
      return type;
    }
  }
}

void skip_default(Cursor& cursor) {
  if (cursor.skip_group()) return;
  cursor.accept_symbol('-');
  cursor.accept_symbol('+');
  cursor.next();
  cursor.skip_group();  // current_timestamp(3)
}

/// The option that begins here; std::nullopt for words that are none in TiDB's eyes.
std::optional<ColumnOption> parse_option(Cursor& cursor) {
  if (cursor.accept({"not", "null"})) return ColumnOption::not_null;
  if (cursor.accept("null")) return ColumnOption::null;
  if (cursor.accept("default")) {
    skip_default(cursor);
    return ColumnOption::default_value;
  }
  if (cursor.accept({"on", "update"})) {
    cursor.next();
    cursor.skip_group();
    return ColumnOption::on_update;
  }
  if (cursor.accept("comment")) {
    cursor.next();
    return ColumnOption::comment;
  }
  if (cursor.accept("collate")) {
    cursor.next();
    return ColumnOption::collate;
  }
  if (cursor.accept("auto_increment")) return ColumnOption::auto_increment;
  if (cursor.accept("auto_random")) {
    cursor.skip_group();
    return ColumnOption::auto_random;
  }
  if (cursor.accept({"primary", "key"}) || cursor.accept_any({"primary", "key"})) {
    return ColumnOption::primary_key;
  }
  if (cursor.accept("unique")) {
    cursor.accept("key");
    return ColumnOption::unique;
  }
  if (cursor.accept({"generated", "always", "as"}) || cursor.accept("as")) {
    cursor.skip_group();
    cursor.accept_any({"virtual", "stored"});
    return ColumnOption::generated;
  }
  if (cursor.accept("check")) {
    cursor.skip_group();
    return ColumnOption::check;
  }
  if (cursor.accept("references")) {
    cursor.object_name();
    cursor.skip_group();
    return ColumnOption::references;
  }
  // FIRST, AFTER column, names of constraints, STORAGE and the like.
  cursor.accept("after");
  cursor.next();
  return std::nullopt;
}

}  // namespace

ColumnSpec parse_column(const std::vector<Token>& tokens) {
  Cursor cursor(tokens);
  ColumnSpec column;
  column.name = cursor.next().name;
  column.type = parse_type(cursor);
  while (!cursor.at_end()) {
    if (const auto option = parse_option(cursor)) column.options.push_back(*option);
  }
  return column;
}

}  // namespace bdrmesh::lab
