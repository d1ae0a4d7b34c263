#include "lab/history/table_refs.h"

#include <algorithm>
#include <set>

namespace bdrmesh::lab {

namespace {

bool is_word_of(const Token& token, const std::set<std::string, std::less<>>& words) {
  return token.kind == TokenKind::word && words.count(token.value) > 0;
}

/// Words that cannot be an alias.
bool ends_table(const Token& token) {
  static const std::set<std::string, std::less<>> words = {
      "where",  "group", "having", "order",  "limit", "union",       "intersect",
      "except", "for",   "window", "into",   "on",    "using",       "join",
      "left",   "right", "inner",  "cross",  "outer", "natural",     "straight_join",
      "use",    "force", "ignore", "select", "set",   "tablesample", "partition",
      "offset", "lock",  "fetch",  "as",     "values"};
  return is_word_of(token, words);
}

bool ends_from(const Token& token) {
  static const std::set<std::string, std::less<>> words = {
      "where",  "group", "having", "order", "limit",  "union", "intersect",
      "except", "for",   "window", "into",  "select", "set"};
  return is_word_of(token, words);
}

class RefFinder {
 public:
  explicit RefFinder(const std::vector<Token>& tokens) : tokens_(tokens), cursor_(tokens) {}

  std::vector<TableRef> run() {
    collect_common_tables();
    stack_.push_back({true, false, cursor_.peek().is("table")});
    if (stack_.back().expects) cursor_.next();
    while (!cursor_.at_end()) step();
    return std::move(refs_);
  }

 private:
  struct Context {
    bool reads = false;    ///< a query, or a list of joined tables
    bool in_from = false;  ///< commas and JOINs bring tables
    bool expects = false;  ///< a table comes next
  };

  void collect_common_tables() {
    for (std::size_t i = 1; i + 1 < tokens_.size(); ++i) {
      if (!tokens_[i].is_name()) continue;
      const Token& before = tokens_[i - 1];
      if (!before.is("with") && !before.is("recursive") && !before.is_symbol(',')) continue;
      Cursor after(tokens_, i + 1);
      after.skip_group();
      if (after.accept("as") && after.peek().is_symbol('('))
        common_.insert(to_lower(tokens_[i].name));
    }
  }

  void step() {
    const Token& token = cursor_.peek();
    Context& now = stack_.back();
    if (token.is_symbol('(')) return open();
    if (token.is_symbol(')')) {
      if (stack_.size() > 1) stack_.pop_back();
      cursor_.next();
      return;
    }
    if (!now.reads) {
      cursor_.next();
      return;
    }
    if (now.expects && token.is_name() && !token.is("lateral")) {
      now.expects = false;
      now.in_from = true;
      return table();
    }
    if (token.is("from")) {
      now.in_from = now.expects = true;
    } else if (now.in_from &&
               (token.is("join") || token.is("straight_join") || token.is_symbol(','))) {
      now.expects = true;
    } else if (ends_from(token)) {
      now.in_from = now.expects = false;
    }
    cursor_.next();
  }

  void open() {
    cursor_.next();
    const Token& inside = cursor_.peek();
    const bool query = inside.is("select") || inside.is("with") || inside.is("table");
    const bool tables = stack_.back().expects && !query;
    stack_.back().expects = false;
    stack_.push_back({query || tables, tables, tables || inside.is("table")});
    if (inside.is("table")) cursor_.next();
  }

  void table() {
    TableRef ref;
    ref.first = cursor_.position();
    if (cursor_.peek(1).is_symbol('(')) {  // a table function
      cursor_.next();
      return;
    }
    ref.name = cursor_.object_name();
    ref.last = cursor_.position() - 1;
    if (cursor_.accept("partition")) cursor_.skip_group();
    alias(ref);
    if (cursor_.sees({"as", "of", "timestamp"})) as_of(ref);
    if (!ref.has_alias) alias(ref);
    if (ref.name.schema.empty() && common_.count(to_lower(ref.name.name)) > 0) return;
    if (ref.name.schema.empty() && to_lower(ref.name.name) == "dual") return;
    refs_.push_back(std::move(ref));
  }

  void alias(TableRef& ref) {
    if (cursor_.peek().is("as") && !cursor_.peek(1).is("of")) {
      cursor_.next();
      cursor_.next();
      ref.has_alias = true;
    } else if (cursor_.peek().is_name() && !ends_table(cursor_.peek())) {
      cursor_.next();
      ref.has_alias = true;
    }
  }

  void as_of(TableRef& ref) {
    TableRef::AsOf clause;
    clause.first = cursor_.position();
    cursor_.move_to(clause.first + 3);
    clause.expression = cursor_.position();
    while (!cursor_.at_end()) {
      const Token& token = cursor_.peek();
      if (token.is_symbol(',') || token.is_symbol(')') || ends_table(token)) break;
      if (!cursor_.skip_group()) cursor_.next();
    }
    clause.end = cursor_.position();
    ref.as_of = clause;
  }

  const std::vector<Token>& tokens_;
  Cursor cursor_;
  std::vector<Context> stack_;
  std::set<std::string> common_;
  std::vector<TableRef> refs_;
};

}  // namespace

std::vector<TableRef> table_refs(const std::vector<Token>& tokens) {
  return RefFinder(tokens).run();
}

bool is_column_of(const std::vector<Token>& tokens, std::size_t i, const ObjectName& table) {
  if (i + 4 >= tokens.size() || !tokens[i].is_name() || !tokens[i + 1].is_symbol('.') ||
      !tokens[i + 2].is_name() || !tokens[i + 3].is_symbol('.')) {
    return false;
  }
  return to_lower(tokens[i].name) == to_lower(table.schema) &&
         to_lower(tokens[i + 2].name) == to_lower(table.name);
}

}  // namespace bdrmesh::lab
