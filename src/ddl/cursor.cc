#include "ddl/cursor.h"

namespace bdrmesh::ddl {

bool Cursor::take(std::initializer_list<std::string_view> words) {
  std::size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!sees(word, ahead++)) return false;
  }
  at_ += words.size();
  return true;
}

bool Cursor::take(char symbol) {
  if (!sees(symbol)) return false;
  ++at_;
  return true;
}

bool Cursor::take_any(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (take(word)) return true;
  }
  return false;
}

std::optional<std::string> Cursor::name() {
  if (peek() == nullptr || !peek()->is_name()) return std::nullopt;
  return tokens_[at_++].text;
}

bool Cursor::skip_parentheses() {
  if (!sees('(')) return false;
  int depth = 0;
  for (std::size_t i = at_; i < tokens_.size(); ++i) {
    if (tokens_[i].is('(')) ++depth;
    if (tokens_[i].is(')') && --depth == 0) {
      at_ = i + 1;
      return true;
    }
  }
  return false;
}

std::span<const Token> Cursor::parenthesised() {
  const std::size_t from = at_;
  if (!skip_parentheses()) return {};
  return tokens_.subspan(from + 1, at_ - from - 2);
}

void Cursor::skip_to_comma() {
  while (!at_end() && !sees(',')) {
    if (!skip_parentheses()) skip();
  }
}

}  // namespace bdrmesh::ddl
