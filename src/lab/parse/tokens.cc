#include "lab/parse/tokens.h"

#include <algorithm>
#include <cctype>

namespace bdrmesh::lab {

namespace {

bool is_word_char(char c) {
  const auto u = static_cast<unsigned char>(c);
  return std::isalnum(u) != 0 || c == '_' || c == '$' || u >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

class Lexer {
 public:
  explicit Lexer(std::string_view sql) : sql_(sql) {}

  Tokens run() {
    while (at_ < sql_.size()) step();
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = peek();
    if (is_blank(c)) {
      ++at_;
    } else if (c == '#' ||
               (c == '-' && peek(1) == '-' && (at_ + 2 >= sql_.size() || is_blank(peek(2))))) {
      at_ = std::min(sql_.find('\n', at_), sql_.size());
    } else if (c == '/' && peek(1) == '*') {
      comment();
    } else if (c == '*' && peek(1) == '/' && open_comments_ > 0) {
      --open_comments_;
      at_ += 2;
    } else if (c == '\'' || c == '"') {
      quoted(c, TokenKind::text);
    } else if (c == '`') {
      quoted(c, TokenKind::quoted);
    } else if (c == '@') {
      variable();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)) && !follows_name())) {
      number();
    } else if (is_word_char(c)) {
      word();
    } else {
      add(TokenKind::symbol, at_, at_ + 1, std::string(1, c));
    }
  }

  /// After a name a point separates it from the next: `a.1b` is no number.
  bool follows_name() const {
    return !tokens_.list.empty() && tokens_.list.back().is_name() && tokens_.list.back().end == at_;
  }

  void add(TokenKind kind, std::size_t begin, std::size_t end, std::string value,
           std::string name = {}) {
    tokens_.list.push_back(
        {kind, std::move(value), std::move(name), begin, end, open_comments_ > 0});
    at_ = end;
  }

  void comment() {
    const std::size_t close = sql_.find("*/", at_ + 2);
    const std::size_t end = close == std::string_view::npos ? sql_.size() : close + 2;
    const char mark = peek(2);
    if (mark == 'M' && peek(3) == '!') {
      tokens_.foreign_comment = true;
      at_ = end;
    } else if (mark == '!') {
      enter_versioned(end);
    } else if (mark == 'T' && peek(3) == '!') {
      enter_feature(end);
    } else if (mark == '+') {
      add(TokenKind::hint, at_, end, std::string(sql_.substr(at_, end - at_)));
    } else {
      at_ = end;
    }
  }

  void enter_versioned(std::size_t end) {
    std::size_t at = at_ + 3;
    int version = 0;
    for (int i = 0; i < 6 && at < sql_.size() && is_digit(sql_[at]); ++i, ++at) {
      version = version * 10 + (sql_[at] - '0');
    }
    if (version > 80011) {
      at_ = end;  // for a newer server
    } else {
      at_ = at;
      ++open_comments_;
    }
  }

  void enter_feature(std::size_t end) {
    std::size_t at = at_ + 4;
    if (at < sql_.size() && sql_[at] == '[') {
      const std::size_t close = sql_.find(']', at);
      const std::string_view feature =
          close == std::string_view::npos ? "" : sql_.substr(at + 1, close - at - 1);
      static constexpr std::string_view kKnown[] = {
          "auto_rand",  "auto_id_cache", "auto_rand_base", "clustered_index", "force_inc",
          "placement",  "ttl",           "global_index",   "pre_split",       "affinity",
          "foreign key"};
      if (std::find(std::begin(kKnown), std::end(kKnown), feature) == std::end(kKnown)) {
        at_ = end;
        return;
      }
      at = close + 1;
    }
    at_ = at;
    ++open_comments_;
  }

  void quoted(char quote, TokenKind kind) {
    std::string value;
    std::size_t at = at_ + 1;
    for (; at < sql_.size(); ++at) {
      const char c = sql_[at];
      if (c == quote) {
        if (at + 1 < sql_.size() && sql_[at + 1] == quote) {
          value += quote;
          ++at;
          continue;
        }
        break;
      }
      if (c == '\\' && kind == TokenKind::text && at + 1 < sql_.size()) {
        value += unescape(sql_[++at]);
        continue;
      }
      value += c;
    }
    const std::size_t end = std::min(at + 1, sql_.size());
    std::string name = value;
    add(kind, at_, end, std::move(value), std::move(name));
  }

  static std::string unescape(char c) {
    switch (c) {
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case 'r':
        return "\r";
      case '0':
        return std::string(1, '\0');
      case 'b':
        return "\b";
      case 'Z':
        return "\x1a";
      case '%':
      case '_':
        return std::string("\\") + c;
      default:
        return std::string(1, c);
    }
  }

  void variable() {
    std::size_t at = at_ + 1;
    if (at < sql_.size() && sql_[at] == '@') ++at;
    std::string value(sql_.substr(at_, at - at_));
    while (at < sql_.size()) {
      const char c = sql_[at];
      if (c == '`') {
        const std::size_t close = std::min(sql_.find('`', at + 1), sql_.size());
        value += sql_.substr(at + 1, close - at - 1);
        at = std::min(close + 1, sql_.size());
      } else if (is_word_char(c) || c == '.') {
        value += c;
        ++at;
      } else {
        break;
      }
    }
    add(TokenKind::variable, at_, at, to_lower(value));
  }

  void number() {
    std::size_t at = at_;
    if (sql_[at] == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      at += 2;
      while (at < sql_.size() && std::isxdigit(static_cast<unsigned char>(sql_[at])) != 0) ++at;
    } else {
      bool all_digits = true;
      while (at < sql_.size() && (is_word_char(sql_[at]) || sql_[at] == '.')) {
        const char c = sql_[at];
        const bool exponent = (c == 'e' || c == 'E') && at + 1 < sql_.size() &&
                              (sql_[at + 1] == '-' || sql_[at + 1] == '+');
        if (!is_digit(c) && c != '.' && c != 'e' && c != 'E') all_digits = false;
        at += exponent ? 2 : 1;
      }
      if (!all_digits) {
        // A name may begin with digits.
        const std::string name(sql_.substr(at_, at - at_));
        add(TokenKind::word, at_, at, to_lower(name), name);
        return;
      }
    }
    add(TokenKind::number, at_, at, std::string(sql_.substr(at_, at - at_)));
  }

  void word() {
    const char first = peek();
    // x'00', b'01', n'text'
    if ((first == 'x' || first == 'X' || first == 'b' || first == 'B' || first == 'n' ||
         first == 'N') &&
        peek(1) == '\'') {
      const std::size_t begin = at_;
      ++at_;
      quoted('\'', TokenKind::text);
      tokens_.list.back().begin = begin;
      return;
    }
    std::size_t at = at_;
    while (at < sql_.size() && is_word_char(sql_[at])) ++at;
    const std::string name(sql_.substr(at_, at - at_));
    add(TokenKind::word, at_, at, to_lower(name), name);
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  int open_comments_ = 0;
  Tokens tokens_;
};

}  // namespace

std::string to_lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Tokens tokenize(std::string_view sql) { return Lexer(sql).run(); }

std::vector<StatementText> split_statements(std::string_view sql) {
  std::vector<StatementText> all;
  StatementText current;
  std::size_t begin = 0;
  const auto finish = [&](std::size_t end) {
    current.text = sql.substr(begin, end - begin);
    for (Token& token : current.tokens) {
      token.begin -= begin;
      token.end -= begin;
    }
    if (!current.tokens.empty()) all.push_back(std::move(current));
    current = {};
  };
  for (Token& token : tokenize(sql).list) {
    if (token.is_symbol(';')) {
      finish(token.begin);
      begin = token.end;
    } else {
      current.tokens.push_back(std::move(token));
    }
  }
  finish(sql.size());
  return all;
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\0') {
      out += "\\0";
      continue;
    }
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string quote_name(std::string_view name) {
  std::string out = "`";
  for (const char c : name) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

}  // namespace bdrmesh::lab
