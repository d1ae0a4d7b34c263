// Column definitions of ADD, MODIFY and CHANGE COLUMN.
#include <set>

#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

namespace {

bool is_integer_type(const std::string& word) {
  static const std::set<std::string> kTypes = {"tinyint", "smallint", "mediumint",
                                               "int",     "integer",  "bigint"};
  return kTypes.count(word) > 0;
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

}  // namespace

ColumnSpec parse_column(const std::vector<Token>& tokens) {
  Cursor cursor(tokens);
  ColumnSpec column;
  column.name = cursor.next().name;
  column.type = parse_type(cursor);
  const auto option = [&](ColumnOption kind) { column.options.push_back(kind); };
  while (!cursor.at_end()) {
    if (cursor.accept({"not", "null"})) {
      option(ColumnOption::not_null);
    } else if (cursor.accept("null")) {
      option(ColumnOption::null);
    } else if (cursor.accept("default")) {
      skip_default(cursor);
      option(ColumnOption::default_value);
    } else if (cursor.accept({"on", "update"})) {
      cursor.next();
      cursor.skip_group();
      option(ColumnOption::on_update);
    } else if (cursor.accept("comment")) {
      cursor.next();
      option(ColumnOption::comment);
    } else if (cursor.accept("collate")) {
      cursor.next();
      option(ColumnOption::collate);
    } else if (cursor.accept("auto_increment")) {
      option(ColumnOption::auto_increment);
    } else if (cursor.accept("auto_random")) {
      cursor.skip_group();
      option(ColumnOption::auto_random);
    } else if (cursor.accept({"primary", "key"}) || cursor.accept("primary") ||
               cursor.accept("key")) {
      option(ColumnOption::primary_key);
    } else if (cursor.accept("unique")) {
      cursor.accept("key");
      option(ColumnOption::unique);
    } else if (cursor.accept({"generated", "always", "as"}) || cursor.accept("as")) {
      cursor.skip_group();
      cursor.accept_any({"virtual", "stored"});
      option(ColumnOption::generated);
    } else if (cursor.accept("check")) {
      cursor.skip_group();
      option(ColumnOption::check);
    } else if (cursor.accept("references")) {
      cursor.object_name();
      cursor.skip_group();
      option(ColumnOption::references);
    } else if (cursor.accept("first")) {
    } else if (cursor.accept("after")) {
      cursor.next();
    } else {
      cursor.next();  // constraint names, STORAGE and the like
    }
  }
  return column;
}

}  // namespace bdrmesh::lab
