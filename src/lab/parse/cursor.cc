#include "lab/parse/cursor.h"

namespace bdrmesh::lab {

const Token& Cursor::peek(std::size_t ahead) const {
  static const Token end;
  return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : end;
}

const Token& Cursor::next() {
  const Token& token = peek();
  if (!at_end()) ++at_;
  return token;
}

bool Cursor::sees(std::initializer_list<std::string_view> words) const {
  std::size_t ahead = 0;
  for (const std::string_view word : words) {
    if (!peek(ahead++).is(word)) return false;
  }
  return true;
}

bool Cursor::accept(std::initializer_list<std::string_view> words) {
  if (!sees(words)) return false;
  at_ += words.size();
  return true;
}

bool Cursor::accept_any(std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (accept({word})) return true;
  }
  return false;
}

bool Cursor::accept_symbol(char c) {
  if (!peek().is_symbol(c)) return false;
  ++at_;
  return true;
}

bool Cursor::skip_group() {
  if (!peek().is_symbol('(')) return false;
  int depth = 0;
  while (!at_end()) {
    const Token& token = next();
    if (token.is_symbol('(')) ++depth;
    if (token.is_symbol(')') && --depth == 0) return true;
  }
  return true;
}

ObjectName Cursor::object_name() {
  ObjectName result;
  if (!peek().is_name()) return result;
  result.name = next().name;
  if (peek().is_symbol('.') && peek(1).is_name()) {
    ++at_;
    result.schema = std::move(result.name);
    result.name = next().name;
  }
  return result;
}

bool Cursor::later_word(std::string_view word) const {
  int depth = 0;
  for (std::size_t i = at_; i < tokens_.size(); ++i) {
    if (tokens_[i].is_symbol('(')) ++depth;
    if (tokens_[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens_[i].is(word)) return true;
  }
  return false;
}

}  // namespace bdrmesh::lab
