#include "ddl/column.h"

#include <algorithm>
#include <array>
#include <vector>

namespace bdrmesh::ddl {

namespace {

bool is_integer_type(std::string_view word) {
  static constexpr std::array kTypes = {
      std::string_view("TINYINT"), std::string_view("SMALLINT"), std::string_view("MEDIUMINT"),
      std::string_view("INT"),     std::string_view("INTEGER"),  std::string_view("BIGINT"),
      std::string_view("INT1"),    std::string_view("INT2"),     std::string_view("INT3"),
      std::string_view("INT4"),    std::string_view("INT8"),     std::string_view("YEAR")};
  return std::any_of(kTypes.begin(), kTypes.end(),
                     [&](std::string_view type) { return same_name(type, word); });
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// Moves behind the type and returns it in one spelling. The display width says nothing unless
/// ZEROFILL is there.
std::string read_type(Cursor& cursor) {
  if (cursor.peek() == nullptr || cursor.peek()->kind != TokenKind::word) return {};
  const std::size_t from = cursor.position();
  const bool integer = is_integer_type(cursor.peek()->text);
  std::string head = lower(cursor.peek()->text);
  if (head == "integer") head = "int";
  cursor.skip();
  while (cursor.take_any({"PRECISION", "VARYING", "VARCHAR", "CHARACTER", "CHAR", "VARBINARY"})) {
    if (cursor.sees("SET")) {  // `… CHARACTER SET x` belongs to the attributes below
      cursor.back_to(cursor.position() - 1);
      break;
    }
    head += " " + lower(cursor.since(from).back().text);
  }
  const std::size_t width_from = cursor.position();
  cursor.skip_parentheses();
  const std::string width = render(cursor.since(width_from));

  const std::size_t attributes_from = cursor.position();
  bool zerofill = false;
  while (true) {
    if (cursor.sees("ZEROFILL")) zerofill = true;
    if (cursor.take_any({"UNSIGNED", "SIGNED", "ZEROFILL", "BINARY", "ASCII", "UNICODE", "BYTE"}))
      continue;
    if (cursor.take({"CHARACTER", "SET"}) || cursor.take({"CHAR", "SET"}) ||
        cursor.take("CHARSET")) {
      cursor.take('=');
      cursor.skip();
      continue;
    }
    break;
  }
  const std::string attributes = lower(render(cursor.since(attributes_from)));
  std::string result = head;
  if (!width.empty() && (!integer || zerofill)) result += width;
  return attributes.empty() ? result : result + " " + attributes;
}

/// Moves behind the value of DEFAULT or ON UPDATE. @return whether it is a literal; `ok` whether it
/// was understood.
bool read_value(Cursor& cursor, bool& ok) {
  ok = true;
  if (cursor.sees('(')) {
    ok = cursor.skip_parentheses();
    return false;
  }
  if (cursor.sees('+') || cursor.sees('-')) cursor.skip();
  const Token* token = cursor.peek();
  if (token == nullptr || token->is(',')) {
    ok = false;
    return false;
  }
  if (token->kind == TokenKind::number || token->kind == TokenKind::string) {
    const TokenKind kind = token->kind;
    cursor.skip();
    while (kind == TokenKind::string && cursor.sees_string()) cursor.skip();
    return true;
  }
  if (cursor.take({"NEXT", "VALUE", "FOR"})) {
    cursor.name();
    if (cursor.take('.')) cursor.name();
    return false;
  }
  if (cursor.take_any({"NULL", "TRUE", "FALSE"})) return true;
  ok = token->kind == TokenKind::word;
  cursor.skip();
  if (cursor.sees_string()) {  // x'00', b'1', _utf8mb4'x'
    cursor.skip();
    return true;
  }
  cursor.skip_parentheses();
  return false;
}

bool read_generated(Cursor& cursor, ColumnDefinition& column) {
  if (cursor.take("GENERATED") && !cursor.take("ALWAYS")) return false;
  if (!cursor.take("AS") || !cursor.skip_parentheses()) return false;
  ++column.generated;
  if (cursor.take("STORED")) column.stored = true;
  cursor.take("VIRTUAL");
  return true;
}

bool read_check(Cursor& cursor, ColumnDefinition& column) {
  if (!cursor.skip_parentheses()) return false;
  ++column.checks;
  if (!cursor.take({"NOT", "ENFORCED"})) cursor.take("ENFORCED");
  return true;
}

bool read_references(Cursor& cursor, ColumnDefinition& column) {
  ++column.references;
  cursor.name();
  if (cursor.take('.')) cursor.name();
  cursor.skip_parentheses();
  if (cursor.take("MATCH")) cursor.skip();
  while (cursor.take({"ON", "DELETE"}) || cursor.take({"ON", "UPDATE"})) {
    if (cursor.take({"SET", "NULL"}) || cursor.take({"SET", "DEFAULT"}) ||
        cursor.take({"NO", "ACTION"})) {
      continue;
    }
    if (!cursor.take_any({"CASCADE", "RESTRICT"})) return false;
  }
  return true;
}

/// Reads one of the options that the rules of TiDB only count as "others". @return false: none of
/// them is here.
bool read_other(Cursor& cursor, ColumnDefinition& column) {
  bool ok = true;
  if (cursor.take({"ON", "UPDATE"})) {
    read_value(cursor, ok);
  } else if (cursor.take_any({"AUTO_INCREMENT", "AUTO_RANDOM"})) {
    column.automatic = true;
    cursor.skip_parentheses();
  } else if (cursor.take_any({"COLLATE", "COLUMN_FORMAT", "STORAGE", "SECONDARY_ENGINE_ATTRIBUTE",
                              "ENGINE_ATTRIBUTE"})) {
    cursor.take('=');
    cursor.skip();
  } else {
    return false;
  }
  ++column.others;
  return ok;
}

bool read_key(Cursor& cursor, ColumnDefinition& column) {
  if (cursor.take("UNIQUE")) {
    cursor.take("KEY");
    cursor.take_any({"GLOBAL", "LOCAL"});
    ++column.uniques;
    return true;
  }
  if (!cursor.take({"PRIMARY", "KEY"}) && !cursor.take("KEY")) return false;
  ++column.keys;
  cursor.take_any({"CLUSTERED", "NONCLUSTERED", "GLOBAL", "LOCAL"});
  return true;
}

bool read_option(Cursor& cursor, ColumnDefinition& column) {
  bool ok = true;
  if (cursor.take({"NOT", "NULL"})) {
    ++column.not_null;
  } else if (cursor.take("NULL")) {
    ++column.null;
  } else if (cursor.take("DEFAULT")) {
    ++column.defaults;
    if (!read_value(cursor, ok)) column.constant_default = false;
  } else if (cursor.take("COMMENT")) {
    ++column.comments;
    if (!cursor.sees_string()) return false;
    cursor.skip();
  } else if (cursor.sees("AS") || cursor.sees("GENERATED")) {
    ok = read_generated(cursor, column);
  } else if (cursor.sees("CONSTRAINT") && (cursor.sees("CHECK", 1) || cursor.sees("CHECK", 2))) {
    cursor.skip();
    if (!cursor.sees("CHECK")) cursor.skip();
    cursor.skip();
    ok = read_check(cursor, column);
  } else if (cursor.take("CHECK")) {
    ok = read_check(cursor, column);
  } else if (cursor.take("REFERENCES")) {
    ok = read_references(cursor, column);
  } else {
    ok = read_key(cursor, column) || read_other(cursor, column);
  }
  return ok;
}

std::vector<Token> without_comment(std::span<const Token> tokens) {
  std::vector<Token> result;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool comment =
        tokens[i].is("COMMENT") && i + 1 < tokens.size() && tokens[i + 1].kind == TokenKind::string;
    if (comment) {
      ++i;
    } else {
      result.push_back(tokens[i]);
    }
  }
  return result;
}

std::string joined(const std::string& type, const std::string& rest) {
  return rest.empty() ? type : type + " " + rest;
}

}  // namespace

ColumnDefinition read_column(Cursor& cursor) {
  ColumnDefinition column;
  const std::size_t whole = cursor.position();
  column.name = cursor.name().value_or("");
  column.type = column.name.empty() ? "" : read_type(cursor);
  const std::size_t options = cursor.position();
  if (!column.type.empty()) {
    column.understood = true;
    while (column.understood && !cursor.at_end() && !cursor.sees(',')) {
      if (cursor.take("FIRST")) continue;
      if (cursor.take("AFTER")) {
        column.understood = cursor.name().has_value();
        continue;
      }
      column.understood = read_option(cursor, column);
    }
  }
  const auto rest = cursor.since(options);
  column.text = joined(column.type, render(rest));
  column.text_without_comment = joined(column.type, render(without_comment(rest)));
  for (const Token& token : cursor.since(whole)) column.conditional |= token.conditional;
  return column;
}

}  // namespace bdrmesh::ddl
