#include "lab/feed/row_expression.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>
#include <vector>

#include "lab/feed/api_error.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

/// Three values: true, false, unknown.
using Truth = std::optional<bool>;

struct Operand {
  bool is_column = false;
  std::string text;  ///< name of the column, or the literal
  bool is_number = false;
  bool is_null = false;
};

struct Shown {
  std::string text;
  bool is_number = false;
};

std::optional<Shown> value_of(const Operand& operand, const TableMap& table, const Row& row) {
  if (!operand.is_column) {
    if (operand.is_null) return std::nullopt;
    return Shown{operand.text, operand.is_number};
  }
  for (std::size_t i = 0; i < table.columns.size() && i < row.size(); ++i) {
    if (to_lower(table.columns[i].name) != to_lower(operand.text)) continue;
    if (row[i].kind == Value::Kind::null) return std::nullopt;
    return Shown{row[i].text, row[i].kind == Value::Kind::number};
  }
  return std::nullopt;
}

int compare(const Shown& left, const Shown& right) {
  if (!left.is_number && !right.is_number) return left.text.compare(right.text);
  const long double a = std::strtold(left.text.c_str(), nullptr);
  const long double b = std::strtold(right.text.c_str(), nullptr);
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace

struct RowExpression::Node {
  std::function<Truth(const TableMap&, const Row&)> ask;
};

namespace {

using Ask = std::function<Truth(const TableMap&, const Row&)>;

class ExpressionParser {
 public:
  explicit ExpressionParser(const std::string& text) : text_(text), tokens_(tokenize(text).list) {}

  Ask run() {
    Ask whole = either();
    if (at_ != tokens_.size()) fail();
    return whole;
  }

 private:
  [[noreturn]] void fail() const {
    throw ApiError(400, "CDC:ErrExpressionParseFailed",
                   "invalid filter expressions. There is a syntax error in: '" + text_ + "'");
  }
  bool accept(std::string_view word) {
    if (at_ >= tokens_.size() || !tokens_[at_].is(word)) return false;
    ++at_;
    return true;
  }
  bool accept_symbol(char c) {
    if (at_ >= tokens_.size() || !tokens_[at_].is_symbol(c)) return false;
    ++at_;
    return true;
  }

  Ask either() {
    Ask left = both();
    while (accept("or")) {
      left = [a = std::move(left), b = both()](const TableMap& table, const Row& row) -> Truth {
        const Truth first = a(table, row);
        const Truth second = b(table, row);
        if (first == true || second == true) return true;
        return first && second ? Truth(false) : std::nullopt;
      };
    }
    return left;
  }

  Ask both() {
    Ask left = negated();
    while (accept("and")) {
      left = [a = std::move(left), b = negated()](const TableMap& table, const Row& row) -> Truth {
        const Truth first = a(table, row);
        const Truth second = b(table, row);
        if (first == false || second == false) return false;
        return first && second ? Truth(true) : std::nullopt;
      };
    }
    return left;
  }

  Ask negated() {
    if (!accept("not") && !accept_bang()) return condition();
    return [a = negated()](const TableMap& table, const Row& row) -> Truth {
      const Truth truth = a(table, row);
      return truth ? Truth(!*truth) : std::nullopt;
    };
  }
  bool accept_bang() {
    const bool is_unequal = at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_symbol('=');
    return !is_unequal && accept_symbol('!');
  }

  Ask condition() {
    if (accept_symbol('(')) {
      Ask inner = either();
      if (!accept_symbol(')')) fail();
      return inner;
    }
    const Operand left = operand();
    if (accept("is")) return is_null(left);
    const bool inverted = accept("not");
    if (accept("in")) return in_list(left, inverted);
    if (inverted) fail();
    return comparison(left);
  }

  Ask is_null(const Operand& left) {
    const bool inverted = accept("not");
    if (!accept("null")) fail();
    return [left, inverted](const TableMap& table, const Row& row) -> Truth {
      return value_of(left, table, row).has_value() == inverted;
    };
  }

  Ask in_list(const Operand& left, bool inverted) {
    if (!accept_symbol('(')) fail();
    std::vector<Operand> list;
    do list.push_back(operand());
    while (accept_symbol(','));
    if (!accept_symbol(')')) fail();
    return [left, list, inverted](const TableMap& table, const Row& row) -> Truth {
      const auto value = value_of(left, table, row);
      if (!value) return std::nullopt;
      const bool found = std::any_of(list.begin(), list.end(), [&](const Operand& one) {
        const auto other = value_of(one, table, row);
        return other && compare(*value, *other) == 0;
      });
      return found != inverted;
    };
  }

  Ask comparison(const Operand& left) {
    std::string sign;
    while (at_ < tokens_.size() && tokens_[at_].kind == TokenKind::symbol &&
           std::string_view("<>=!").find(tokens_[at_].value) != std::string_view::npos) {
      sign += tokens_[at_++].value;
    }
    static const std::vector<std::string> known = {"=", "<>", "!=", "<", "<=", ">", ">="};
    if (std::find(known.begin(), known.end(), sign) == known.end()) fail();
    return [left, sign, right = operand()](const TableMap& table, const Row& row) -> Truth {
      const auto a = value_of(left, table, row);
      const auto b = value_of(right, table, row);
      if (!a || !b) return std::nullopt;
      const int order = compare(*a, *b);
      if (sign == "=") return order == 0;
      if (sign == "<>" || sign == "!=") return order != 0;
      if (sign[0] == '<') return order < 0 || (sign.size() == 2 && order == 0);
      return order > 0 || (sign.size() == 2 && order == 0);
    };
  }

  Operand operand() {
    const bool negative = accept_symbol('-');
    if (at_ >= tokens_.size()) fail();
    const Token& token = tokens_[at_++];
    Operand out;
    if (token.kind == TokenKind::number) {
      out.is_number = true;
      out.text = (negative ? "-" : "") + token.value;
    } else if (negative) {
      fail();
    } else if (token.kind == TokenKind::text) {
      out.text = token.value;
    } else if (token.is("null")) {
      out.is_null = true;
    } else if (token.is("true") || token.is("false")) {
      out.is_number = true;
      out.text = token.is("true") ? "1" : "0";
    } else if (token.is_name()) {
      out.is_column = true;
      out.text = token.name;
    } else {
      fail();
    }
    return out;
  }

  const std::string& text_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace

RowExpression::RowExpression(const std::string& text) {
  if (text.empty()) return;
  root_ = std::make_unique<const Node>(Node{ExpressionParser(text).run()});
}

RowExpression::~RowExpression() = default;

bool RowExpression::holds(const TableMap& table, const Row& row) const {
  return root_ && root_->ask(table, row).value_or(false);
}

}  // namespace bdrmesh::lab
