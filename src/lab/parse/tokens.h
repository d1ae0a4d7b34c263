// SQL text cut into tokens that know their place in it. Never fails: what is no token becomes a
// symbol. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh::lab {

enum class TokenKind {
  word,    ///< keyword or name
  quoted,  ///< `name`
  text,    ///< 'x' or "x"
  number,
  variable,  ///< @@global.x, @@x, @x
  symbol,    ///< one character
  hint,      ///< an optimizer hint, or an executable comment for MariaDB only
};

struct Token {
  TokenKind kind = TokenKind::symbol;
  std::string value;  ///< words and variables in lower case; names and strings without quotes
  std::string name;   ///< as written, without quotes: for words and quoted names
  std::size_t begin = 0;
  std::size_t end = 0;
  bool in_comment = false;  ///< inside /*! */ or /*T! */

  bool is(std::string_view word) const { return kind == TokenKind::word && value == word; }
  bool is_symbol(char c) const {
    return kind == TokenKind::symbol && value.size() == 1 && value[0] == c;
  }
  bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted; }
};

struct Tokens {
  std::vector<Token> list;
  bool foreign_comment = false;  ///< holds /*M! */, which TiDB does not read
};

/// Comments vanish, apart from what stands in those that TiDB executes.
Tokens tokenize(std::string_view sql);

/// One statement of a text.
struct StatementText {
  std::string_view text;      ///< without the semicolon
  std::vector<Token> tokens;  ///< places relative to `text`
};

/// Cuts at semicolons; statements without tokens are left out.
std::vector<StatementText> split_statements(std::string_view sql);

/// 'text' with everything escaped that must be.
std::string quote_text(std::string_view text);
/// `name` with its back-quotes doubled.
std::string quote_name(std::string_view name);
std::string to_lower(std::string_view text);

}  // namespace bdrmesh::lab
