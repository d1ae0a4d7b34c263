// Walks over the tokens of one statement.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

/// A possibly qualified name, as written; `schema` is empty when it was left out.
struct ObjectName {
  std::string schema;
  std::string name;
  bool operator==(const ObjectName&) const = default;
};

class Cursor {
 public:
  explicit Cursor(const std::vector<Token>& tokens, std::size_t at = 0)
      : tokens_(tokens), at_(at) {}

  bool at_end() const { return at_ >= tokens_.size(); }
  std::size_t position() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  /// The present token, or an empty symbol at the end.
  const Token& peek(std::size_t ahead = 0) const;
  const Token& next();

  /// The coming tokens are these words.
  bool sees(std::initializer_list<std::string_view> words) const;
  /// Passes these words if they come next.
  bool accept(std::initializer_list<std::string_view> words);
  bool accept(std::string_view word) { return accept({word}); }
  bool accept_any(std::initializer_list<std::string_view> words);
  bool accept_symbol(char c);
  /// Passes a group in parentheses that begins here.
  bool skip_group();
  /// `a`, `a.b`; empty when no name comes.
  ObjectName object_name();
  /// True when one of the remaining tokens outside of parentheses is this word.
  bool later_word(std::string_view word) const;

 private:
  const std::vector<Token>& tokens_;
  std::size_t at_;
};

}  // namespace bdrmesh::lab
