// Walks over the tokens of one statement. Used by the parsers of this folder; never throws, never
// leaves the range.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ddl/tokens.h"

namespace bdrmesh::ddl {

class Cursor {
 public:
  explicit Cursor(std::span<const Token> tokens) : tokens_(tokens) {}

  bool at_end() const { return at_ >= tokens_.size(); }
  std::size_t position() const { return at_; }
  void back_to(std::size_t position) { at_ = position; }
  void skip() { at_ += at_end() ? 0 : 1; }
  void skip_all() { at_ = tokens_.size(); }
  const Token* peek(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? &tokens_[at_ + ahead] : nullptr;
  }
  std::span<const Token> since(std::size_t from) const { return tokens_.subspan(from, at_ - from); }

  bool sees(std::string_view word, std::size_t ahead = 0) const {
    return peek(ahead) != nullptr && peek(ahead)->is(word);
  }
  bool sees(char symbol, std::size_t ahead = 0) const {
    return peek(ahead) != nullptr && peek(ahead)->is(symbol);
  }
  bool sees_string() const { return peek() != nullptr && peek()->kind == TokenKind::string; }

  /// Takes the words if all of them follow; else stays.
  bool take(std::initializer_list<std::string_view> words);
  bool take(std::string_view word) { return take({word}); }
  bool take(char symbol);
  /// Takes the first of the words that follows.
  bool take_any(std::initializer_list<std::string_view> words);

  /// A name, quoted or not.
  std::optional<std::string> name();
  /// Moves behind the `)` that belongs to the `(` here. @return false when there is none.
  bool skip_parentheses();
  /// The tokens between the parentheses here, moving behind them; empty when there are none.
  std::span<const Token> parenthesised();
  /// Moves to the next comma outside of parentheses, or to the end.
  void skip_to_comma();

 private:
  std::span<const Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace bdrmesh::ddl
