// Cuts SQL into statements and tokens as TiDB's scanner does: quotes, escapes, comments, and
// comments that are executed. Knows no grammar. Pure; thread-safe as values are.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh::ddl {

enum class TokenKind { word, quoted_name, string, number, symbol, comment };

struct Token {
  TokenKind kind = TokenKind::symbol;
  std::string text;          ///< decoded: without quotes and escapes; a comment without its marks
  std::size_t begin = 0;     ///< offset in the script
  std::size_t end = 0;       ///< behind the last byte
  bool conditional = false;  ///< inside a comment that only some servers execute

  /// Whether this is the unquoted word `upper` in any case.
  bool is(std::string_view upper) const;
  bool is(char symbol) const { return kind == TokenKind::symbol && text[0] == symbol; }
  bool is_name() const { return kind == TokenKind::word || kind == TokenKind::quoted_name; }
};

struct StatementTokens {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<Token> tokens;
};

struct ScanOptions {
  bool ansi_quotes = false;           ///< "x" is a name, as under sql_mode ANSI_QUOTES
  bool no_backslash_escapes = false;  ///< as under the sql_mode of that name
  bool keep_comments = false;         ///< plain comments become tokens too
};

/// Splits `script` at `;` outside of quotes and comments; statements without tokens are left out.
/// `/*! */`, `/*T! */` and `/*T![feature] */` are entered; a feature that not every TiDB since v6.5
/// has marks its tokens conditional (tidb-sql §4.3).
/// @throws Error invalid `DDL_SYNTAX` with position and excerpt: open quotes, comments or
/// parentheses, a `;` inside a
///         comment that is executed, NUL bytes.
std::vector<StatementTokens> split_statements(std::string_view script, const ScanOptions& options);

/// The tokens as text in one fixed way: single blanks, back-quoted names, comments left out. Equal
/// for texts that differ in quoting and spacing only.
std::string render(std::span<const Token> tokens);

/// ASCII only, as TiDB's keywords are.
std::string to_upper(std::string_view text);
bool same_name(std::string_view left, std::string_view right);

/// @throws Error invalid `DDL_SYNTAX`: `what`, line, column, and the text just before `offset`.
[[noreturn]] void throw_syntax(std::string_view script, std::size_t offset,
                               const std::string& what);

}  // namespace bdrmesh::ddl
