#include "lab/schema/column_text.h"

#include <algorithm>
#include <set>

namespace bdrmesh::lab {

namespace {

struct Column {
  std::string name;  ///< quoted
  std::string type;
  std::string charset;
  std::string collation;
  std::string generated;  ///< with VIRTUAL or STORED
  std::string default_value;
  std::string on_update;
  std::string comment;
  std::string check;
  bool not_null = false;
  bool null_word = false;
  bool auto_increment = false;
};

class Reader {
 public:
  explicit Reader(const std::string& line)
      : line_(line), tokens_(tokenize(line).list), cursor_(tokens_) {}

  Column read() {
    column_.name = slice(0, 1);
    cursor_.next();
    read_type();
    while (!cursor_.at_end()) read_option();
    return std::move(column_);
  }

 private:
  std::string slice(std::size_t from, std::size_t to) const {
    if (from >= to || from >= tokens_.size()) return "";
    return line_.substr(tokens_[from].begin, tokens_[to - 1].end - tokens_[from].begin);
  }

  void read_type() {
    const std::size_t begin = cursor_.position();
    const std::string word = cursor_.next().value;
    const std::size_t behind_word = cursor_.position();
    cursor_.skip_group();
    const std::string group = slice(behind_word, cursor_.position());
    const std::size_t behind_group = cursor_.position();
    const bool is_unsigned = cursor_.accept("unsigned");
    const bool zerofill = cursor_.accept("zerofill");
    static const std::set<std::string, std::less<>> integers = {"tinyint", "smallint", "mediumint",
                                                                "int", "bigint"};
    const bool drops_width =
        integers.count(word) > 0 && !zerofill && !(word == "tinyint" && group == "(1)");
    column_.type = drops_width ? slice(begin, behind_word) : slice(begin, behind_group);
    if (is_unsigned) column_.type += " unsigned";
    if (zerofill) column_.type += " zerofill";
  }

  void read_option() {
    if (cursor_.accept({"character", "set"})) {
      column_.charset = tidb_charset_name(cursor_.next().value);
    } else if (cursor_.accept("collate")) {
      column_.collation = tidb_charset_name(cursor_.next().value);
    } else if (cursor_.accept({"not", "null"})) {
      column_.not_null = true;
    } else if (cursor_.accept("null")) {
      column_.null_word = true;
    } else if (cursor_.accept("auto_increment")) {
      column_.auto_increment = true;
    } else if (cursor_.accept({"generated", "always", "as"})) {
      const std::size_t begin = cursor_.position();
      cursor_.skip_group();
      column_.generated = tidb_expression(slice(begin, cursor_.position()));
      column_.generated += cursor_.accept("stored") ? " STORED" : " VIRTUAL";
      cursor_.accept("virtual");
    } else if (cursor_.accept("default")) {
      read_default();
    } else if (cursor_.accept({"on", "update"})) {
      column_.on_update = current_timestamp();
    } else if (cursor_.accept("comment")) {
      const std::size_t at = cursor_.position();
      cursor_.next();
      column_.comment = slice(at, cursor_.position());
    } else if (cursor_.accept("check")) {
      const std::size_t begin = cursor_.position();
      cursor_.skip_group();
      column_.check = slice(begin, cursor_.position());
    } else {
      cursor_.next();
    }
  }

  /// `current_timestamp(3)`, and passes it.
  std::string current_timestamp() {
    cursor_.next();
    const std::size_t begin = cursor_.position();
    cursor_.skip_group();
    const std::string group = slice(begin, cursor_.position());
    return "CURRENT_TIMESTAMP" + (group == "()" ? std::string() : group);
  }

  void read_default() {
    const std::size_t begin = cursor_.position();
    const Token& first = cursor_.peek();
    if (first.is("null")) {
      cursor_.next();
      column_.default_value = "NULL";
    } else if (first.is("current_timestamp")) {
      column_.default_value = current_timestamp();
    } else if (first.kind == TokenKind::text) {
      cursor_.next();
      column_.default_value = slice(begin, cursor_.position());
    } else if (first.kind == TokenKind::number || first.is_symbol('-')) {
      cursor_.accept_symbol('-');
      cursor_.next();
      column_.default_value = "'" + slice(begin, cursor_.position()) + "'";
    } else {
      read_default_expression(begin);
    }
  }

  void read_default_expression(std::size_t begin) {
    static const std::set<std::string, std::less<>> options = {"comment", "check", "on"};
    while (!cursor_.at_end() && options.count(cursor_.peek().value) == 0) {
      if (!cursor_.skip_group()) cursor_.next();
    }
    std::string text = tidb_expression(slice(begin, cursor_.position()));
    if (text == "curdate()") text = "CURRENT_DATE";
    column_.default_value = text.front() == '(' ? text : "(" + text + ")";
  }

  const std::string& line_;
  std::vector<Token> tokens_;
  Cursor cursor_;
  Column column_;
};

bool has_charset(const std::string& type) {
  for (const char* word :
       {"char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set"}) {
    const std::string name(word);
    if (type.rfind(name, 0) == 0 && (type.size() == name.size() || type[name.size()] == '(')) {
      return true;
    }
  }
  return false;
}

std::string charset_text(const Column& column, const TableCharset& table,
                         const TableFeatures& features) {
  if (!has_charset(column.type)) return "";
  const auto foreign =
      features.foreign_collations.find(to_lower(tokenize(column.name).list.front().name));
  if (foreign != features.foreign_collations.end()) return " COLLATE " + foreign->second;
  const std::string charset = column.charset.empty() ? table.charset : column.charset;
  std::string collation = column.collation;
  if (collation.empty()) collation = column.charset.empty() ? table.collation : charset + "_bin";
  const bool other = charset != table.charset;
  std::string out = other ? " CHARACTER SET " + charset : "";
  if (other || !is_default_collation(charset, collation)) out += " COLLATE " + collation;
  return out;
}

/// JSON is a checked LONGTEXT in the engine.
void restore_json(Column& column) {
  if (column.check != "(json_valid(" + column.name + "))") return;
  column.type = "json";
  column.charset.clear();
  column.collation.clear();
  column.check.clear();
}

std::string replace_not_equal(std::string text) {
  for (std::size_t at = text.find(" <> "); at != std::string::npos; at = text.find(" <> ", at)) {
    text.replace(at, 4, " != ");
  }
  return text;
}

std::string auto_random_text(const AutoRandom& random) {
  std::string bits = std::to_string(random.shard_bits);
  if (random.range_bits != 64) bits += ", " + std::to_string(random.range_bits);
  return " /*T![auto_rand] AUTO_RANDOM(" + bits + ") */";
}

bool is_auto_random(const Column& column, const TableFeatures& features) {
  return features.auto_random &&
         to_lower(column.name) == to_lower(quote_name(features.auto_random->column));
}

}  // namespace

std::string tidb_charset_name(std::string name) {
  if (name.rfind("utf8mb3", 0) == 0) name.erase(4, 3);
  return name;
}

std::string tidb_expression(const std::string& text) {
  std::string out;
  std::size_t copied = 0;
  const std::vector<Token> tokens = tokenize(text).list;
  std::vector<bool> calls;  // whether each open parenthesis belongs to a function
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    out += text.substr(copied, token.begin - copied);
    copied = token.end;
    std::string shown = text.substr(token.begin, token.end - token.begin);
    if (token.kind == TokenKind::text) shown = "_utf8mb4" + shown;
    if (token.is("current_timestamp")) shown = "now";
    if (token.is_symbol('(')) {
      calls.push_back(i > 0 && tokens[i - 1].kind == TokenKind::word && !tokens[i - 1].is("in"));
    }
    if (token.is_symbol(')') && !calls.empty()) calls.pop_back();
    const bool tight = i + 1 < tokens.size() && tokens[i + 1].begin == token.end;
    if (token.is_symbol(',') && tight && !calls.empty() && calls.back()) shown += ' ';
    out += shown;
  }
  return replace_not_equal(out + text.substr(copied));
}

bool is_default_collation(const std::string& charset, const std::string& collation) {
  return collation == charset + "_bin" || collation == charset;
}

std::string tidb_column(const std::string& line, const TableCharset& table,
                        const TableFeatures& features, std::vector<std::string>& checks) {
  Column column = Reader(line).read();
  restore_json(column);
  std::string out = column.name + " " + column.type + charset_text(column, table, features);
  if (!column.generated.empty()) out += " GENERATED ALWAYS AS " + column.generated;
  if (column.not_null) out += " NOT NULL";
  const bool is_null = column.default_value == "NULL";
  if (column.null_word && is_null && column.type.rfind("timestamp", 0) == 0) out += " NULL";
  const bool random = is_auto_random(column, features);
  if (column.auto_increment && !random) out += " AUTO_INCREMENT";
  const bool implicit_null = column.default_value.empty() && !column.not_null;
  if (!column.default_value.empty() && !random) out += " DEFAULT " + column.default_value;
  if (implicit_null && column.generated.empty() && !random) out += " DEFAULT NULL";
  if (!column.on_update.empty()) out += " ON UPDATE " + column.on_update;
  if (random) out += auto_random_text(*features.auto_random);
  if (!column.comment.empty()) out += " COMMENT " + column.comment;
  if (!column.check.empty()) checks.push_back(column.check);
  return out;
}

}  // namespace bdrmesh::lab
