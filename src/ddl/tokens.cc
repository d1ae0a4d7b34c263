#include "ddl/tokens.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/error.h"

namespace bdrmesh::ddl {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
bool is_word_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Features that every TiDB since v6.5 executes; others depend on the server.
bool is_common_feature(std::string_view name) {
  static constexpr std::array kCommon = {std::string_view("auto_rand"),
                                         std::string_view("auto_id_cache"),
                                         std::string_view("auto_rand_base"),
                                         std::string_view("clustered_index"),
                                         std::string_view("force_inc"),
                                         std::string_view("placement"),
                                         std::string_view("ttl")};
  return std::find(kCommon.begin(), kCommon.end(), name) != kCommon.end();
}

char unescape(char c) {
  switch (c) {
    case '0':
      return '\0';
    case 'b':
      return '\b';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'Z':
      return '\x1a';
    default:
      return c;
  }
}

std::string between(char quote, std::string_view text) {
  std::string result(1, quote);
  for (const char c : text) {
    if (c == quote || (quote == '\'' && c == '\\')) result += c;
    result += c;
  }
  return result + quote;
}

std::string as_written(const Token& token) {
  if (token.kind == TokenKind::quoted_name) return between('`', token.text);
  if (token.kind == TokenKind::string) return between('\'', token.text);
  return token.text;
}

class Scanner {
 public:
  Scanner(std::string_view script, const ScanOptions& options)
      : script_(script), options_(options) {}

  std::vector<StatementTokens> run() {
    while (at_ < script_.size()) step();
    if (in_executed_) throw_syntax(script_, opened_at_, "a comment is not closed");
    finish_statement();
    return std::move(done_);
  }

 private:
  char look(std::size_t ahead = 0) const {
    return at_ + ahead < script_.size() ? script_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = look();
    if (c == '\0') throw_syntax(script_, at_, "a NUL byte");
    if (is_space(c)) {
      ++at_;
    } else if (c == '#' ||
               (c == '-' && look(1) == '-' && (at_ + 2 >= script_.size() || is_space(look(2))))) {
      line_comment();
    } else if (c == '/' && look(1) == '*') {
      block_comment();
    } else if (in_executed_ && c == '*' && look(1) == '/') {
      at_ += 2;
      in_executed_ = conditional_ = false;
      current_.end = at_;
    } else if (c == '\'' || c == '"' || c == '`') {
      quoted(c);
    } else if (is_word_char(c) || (c == '.' && is_digit(look(1)) && !joined_to_name())) {
      word_or_number();
    } else {
      symbol(c);
    }
  }

  /// Whether the text directly before is a name, so that a point after it qualifies.
  bool joined_to_name() const {
    return !current_.tokens.empty() && current_.tokens.back().end == at_ &&
           current_.tokens.back().is_name();
  }

  void line_comment() {
    const std::size_t begin = at_;
    while (at_ < script_.size() && script_[at_] != '\n') ++at_;
    keep_comment(begin, script_.substr(begin, at_ - begin));
  }

  void block_comment() {
    const std::size_t begin = at_;
    if (look(2) == '!') return enter_executed(begin, 3);
    if (look(2) == 'T' && look(3) == '!') return enter_executed(begin, 4);
    const std::size_t close = script_.find("*/", at_ + 2);
    if (close == std::string_view::npos) throw_syntax(script_, begin, "a comment is not closed");
    at_ = close + 2;
    keep_comment(begin, script_.substr(begin + 2, close - begin - 2));
  }

  void enter_executed(std::size_t begin, std::size_t mark) {
    if (in_executed_) throw_syntax(script_, begin, "an executed comment inside another");
    at_ += mark;
    if (mark == 3) {
      for (int digits = 0; digits < 6 && is_digit(look()); ++digits) ++at_;
    } else if (look() == '[') {
      const std::size_t close = script_.find(']', at_);
      if (close == std::string_view::npos)
        throw_syntax(script_, begin, "a feature list is not closed");
      conditional_ = !all_common(script_.substr(at_ + 1, close - at_ - 1));
      at_ = close + 1;
    }
    in_executed_ = true;
    opened_at_ = begin;
    if (!started_) current_.begin = begin;
    started_ = true;
  }

  static bool all_common(std::string_view features) {
    while (true) {
      const std::size_t comma = features.find(',');
      if (!is_common_feature(features.substr(0, comma))) return false;
      if (comma == std::string_view::npos) return true;
      features.remove_prefix(comma + 1);
    }
  }

  void quoted(char quote) {
    const std::size_t begin = at_++;
    const bool escapes =
        quote != '`' && !options_.no_backslash_escapes && !(quote == '"' && options_.ansi_quotes);
    std::string value;
    while (true) {
      if (at_ >= script_.size()) {
        throw_syntax(script_, begin, std::string("the quote ") + quote + " is not closed");
      }
      const char c = script_[at_++];
      if (c == quote) {
        if (look() != quote) break;
        ++at_;
        value += quote;
      } else if (c == '\\' && escapes && at_ < script_.size()) {
        value += unescape(script_[at_++]);
      } else {
        value += c;
      }
    }
    const bool name = quote == '`' || (quote == '"' && options_.ansi_quotes);
    add(name ? TokenKind::quoted_name : TokenKind::string, begin, std::move(value));
  }

  void word_or_number() {
    const std::size_t begin = at_;
    const bool after_point = !current_.tokens.empty() && current_.tokens.back().is('.') &&
                             current_.tokens.back().end == begin;
    if (after_point || !take_number()) {
      at_ = begin;
      if (look() == '.') return symbol('.');
      while (at_ < script_.size() && is_word_char(script_[at_])) ++at_;
      add(TokenKind::word, begin, std::string(script_.substr(begin, at_ - begin)));
    } else {
      add(TokenKind::number, begin, std::string(script_.substr(begin, at_ - begin)));
    }
  }

  /// Moves over `12`, `1.5`, `.5`, `1e-3`, `0xff`, `0b01`; false when the text is a name such as
  /// `2020_log`.
  bool take_number() {
    if (look() == '0' && (look(1) == 'x' || look(1) == 'b')) {
      while (is_word_char(look())) ++at_;
      return true;
    }
    if (!is_digit(look()) && look() != '.') return false;
    while (is_digit(look())) ++at_;
    if (look() == '.' && (is_digit(look(1)) || !is_word_char(look(1)))) {
      ++at_;
      while (is_digit(look())) ++at_;
    }
    if ((look() == 'e' || look() == 'E')) {
      const std::size_t sign = look(1) == '+' || look(1) == '-' ? 1 : 0;
      if (is_digit(look(1 + sign))) {
        at_ += 1 + sign;
        while (is_digit(look())) ++at_;
      }
    }
    return !is_word_char(look());
  }

  void symbol(char c) {
    if (c == ';') {
      if (in_executed_) throw_syntax(script_, at_, "a ; inside a comment that is executed");
      ++at_;
      finish_statement();
      return;
    }
    if (c == '(') open_.push_back(at_);
    if (c == ')') {
      if (open_.empty()) throw_syntax(script_, at_, "a ) without its (");
      open_.pop_back();
    }
    const std::size_t begin = at_++;
    add(TokenKind::symbol, begin, std::string(1, c));
  }

  void add(TokenKind kind, std::size_t begin, std::string text) {
    if (!started_) current_.begin = begin;
    started_ = true;
    current_.tokens.push_back({kind, std::move(text), begin, at_, conditional_});
    current_.end = at_;
  }

  void keep_comment(std::size_t begin, std::string_view text) {
    if (options_.keep_comments && started_) add(TokenKind::comment, begin, std::string(text));
  }

  void finish_statement() {
    if (!open_.empty()) throw_syntax(script_, open_.back(), "a ( is not closed");
    if (!current_.tokens.empty()) done_.push_back(std::move(current_));
    current_ = {};
    started_ = false;
  }

  std::string_view script_;
  ScanOptions options_;
  std::size_t at_ = 0;
  bool started_ = false;
  bool in_executed_ = false;
  bool conditional_ = false;
  std::size_t opened_at_ = 0;
  std::vector<std::size_t> open_;
  StatementTokens current_;
  std::vector<StatementTokens> done_;
};

}  // namespace

bool Token::is(std::string_view word) const {
  return kind == TokenKind::word && same_name(text, word);
}

std::vector<StatementTokens> split_statements(std::string_view script, const ScanOptions& options) {
  return Scanner(script, options).run();
}

std::string render(std::span<const Token> tokens) {
  std::string result;
  const Token* last = nullptr;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::comment) continue;
    const bool closes = token.is(')') || token.is(',') || token.is('.');
    const bool calls = token.is('(') && last != nullptr && last->is_name();
    if (last != nullptr && !closes && !calls && !last->is('(') && !last->is('.')) result += ' ';
    result += as_written(token);
    last = &token;
  }
  return result;
}

std::string to_upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), upper);
  return result;
}

bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return upper(a) == upper(b); });
}

void throw_syntax(std::string_view script, std::size_t offset, const std::string& what) {
  const std::string_view before = script.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  // The text *before* the fault: what follows an open quote may be a password.
  std::string excerpt(before.size() > 24 ? before.substr(before.size() - 24) : before);
  for (char& c : excerpt) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  throw Error(ErrorKind::invalid, "DDL_SYNTAX",
              what + " at line " + std::to_string(line) + ", column " +
                  std::to_string(offset - start + 1) + ", after \"" + excerpt + "\"");
}

}  // namespace bdrmesh::ddl
