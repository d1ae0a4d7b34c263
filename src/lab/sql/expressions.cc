// What stands inside a query and only TiDB understands: variables, functions, tables. Everything
// else stays byte for byte.
#include <set>

#include "lab/server/server_config.h"
#include "lab/server/tidb_text.h"
#include "lab/server/variables.h"
#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {

/// The token at `i` .. `last` is a whole item of a select list, so that its name must survive the
/// rewriting.
bool is_select_item(const std::vector<Token>& tokens, std::size_t first, std::size_t last) {
  const bool begins =
      first > 0 && (tokens[first - 1].is("select") || tokens[first - 1].is_symbol(','));
  const bool ends = last + 1 >= tokens.size() || tokens[last + 1].is_symbol(',') ||
                    tokens[last + 1].is("from") || tokens[last + 1].is("limit");
  if (!begins || !ends) return false;
  int depth = 0;
  bool in_list = false;
  for (std::size_t i = 0; i < first; ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is("select")) in_list = true;
    if (depth == 0 && (tokens[i].is("from") || tokens[i].is("where"))) in_list = false;
  }
  return depth == 0 && in_list;
}

bool follows_table_word(const std::vector<Token>& tokens, std::size_t i) {
  if (i == 0) return false;
  const Token& before = tokens[i - 1];
  return before.is("from") || before.is("join") || before.is("table") || before.is_symbol(',') ||
         before.is_symbol('(');
}

/// Recorded: tests/data/tidb/tidb-version-*.txt.
std::string release_text(const ClusterState& cluster) {
  const bool old = cluster.profile.tidb < Version{7, 0, 0};
  return "Release Version: " + cluster.release_version +
         "\nEdition: Community\nGit Commit Hash: lab\nGit Branch: " +
         (cluster.profile.tidb < Version{8, 0, 0} ? "heads/refs/tags/" + cluster.release_version
                                                  : std::string("HEAD")) +
         "\nUTC Build Time: 2025-08-14 00:00:00\nGoVersion: none\nRace Enabled: false\n" +
         (old ? "TiKV Min Version: 6.2.0-alpha\n" : "") + "Check Table Before Drop: false" +
         "\nStore: tikv";
}

}  // namespace

std::optional<std::string> Session::variable_text(const std::string& variable) {
  if (variable.rfind("@@", 0) != 0) return std::nullopt;
  std::string name = variable.substr(2);
  bool global_scope = false;
  for (const std::string_view scope : {"global.", "session.", "local."}) {
    if (name.rfind(scope, 0) != 0) continue;
    global_scope = scope == "global.";
    name.erase(0, scope.size());
  }
  if (name == "tidb_current_ts") return std::to_string(txn_.active ? txn_.start_ts : 0);
  if (name == "tidb_last_txn_info") return quote_text(last_txn_info_);
  if (name == "tidb_last_ddl_info") return quote_text(last_ddl_info_);
  if (name == "tidb_config") {
    return quote_text(tidb_config(cluster_, server_));
  }
  if (name == "autocommit" && !global_scope) return std::string(autocommit_ ? "1" : "0");
  if (name == "transaction_isolation" || name == "tx_isolation") return std::nullopt;
  if (name == "super_read_only") return std::string("0");
  const VariableRule* rule = find_variable(name, cluster_.profile.tidb);
  if (rule == nullptr) {
    if (name.rfind("tidb_", 0) == 0)
      throw Refused(1193, "HY000", "Unknown system variable '" + name + "'");
    return std::nullopt;
  }
  if (global_scope && rule->scope == VariableScope::session_only) {
    throw Refused(1238, "HY000", "Variable '" + name + "' is a SESSION variable");
  }
  const std::string shown = shown_by_select(*rule, global_scope ? global(name) : setting(name));
  const bool is_number = rule->type == VariableType::flag || rule->type == VariableType::integer;
  return is_number ? shown : quote_text(shown);
}

/// @param length  how many tokens the call takes, its name included.
std::optional<std::string> Session::function_text(const Cursor& cursor, std::size_t& length) {
  const std::string& name = cursor.peek().value;
  const bool no_arguments = cursor.peek(1).is_symbol('(') && cursor.peek(2).is_symbol(')');
  if (no_arguments) {
    length = 3;
    if (name == "tidb_current_tso") return std::to_string(txn_.active ? txn_.start_ts : 0);
    if (name == "tidb_version") return quote_text(release_text(cluster_));
    if (name == "connection_id") return std::to_string(id_);
    if (name == "version") return quote_text(cluster_.server_version);
    return std::nullopt;
  }
  return std::nullopt;
}

/// Goes over a statement and replaces what the engine does not know.
class Session::Rewriter {
 public:
  Rewriter(Session& session, const Statement& statement)
      : session_(session), statement_(statement), tokens_(statement.tokens) {}

  std::string run() {
    for (std::size_t i = 0; i < tokens_.size();) i = step(i);
    return out_ + std::string(statement_.text.substr(copied_));
  }

 private:
  /// @return where to go on.
  std::size_t step(std::size_t i) {
    const Token& token = tokens_[i];
    if (token.kind == TokenKind::variable) {
      if (const auto text = session_.variable_text(token.value)) replace(i, i, *text, true);
      return i + 1;
    }
    if (i == 0 && token.is("table")) {
      replace(0, 0, "SELECT * FROM", false);
      return 1;
    }
    if (token.is("tidb_parse_tso") && Cursor(tokens_, i + 1).peek().is_symbol('(')) {
      return parse_tso(i);
    }
    std::size_t length = 0;
    if (token.kind == TokenKind::word) {
      if (const auto text = session_.function_text(Cursor(tokens_, i), length)) {
        replace(i, i + length - 1, *text, true);
        return i + length;
      }
    }
    return token.is_name() && follows_table_word(tokens_, i) ? table(i) : i + 1;
  }

  /// The argument stays what it is; the engine computes the time.
  std::size_t parse_tso(std::size_t i) {
    Cursor inside(tokens_, i + 1);
    inside.skip_group();
    const std::size_t close = inside.position() - 1;
    const std::string argument(
        statement_.text.substr(tokens_[i + 1].begin, tokens_[close].end - tokens_[i + 1].begin));
    replace(i, close, "CAST(FROM_UNIXTIME((" + argument + " >> 18)/1000) AS DATETIME(6))", true);
    return close + 1;
  }

  std::size_t table(std::size_t i) {
    const bool dotted =
        i + 2 < tokens_.size() && tokens_[i + 1].is_symbol('.') && tokens_[i + 2].is_name();
    const std::string schema = to_lower(dotted ? tokens_[i].name : session_.schema_);
    const std::size_t last = dotted ? i + 2 : i;
    if (const Cursor sample(tokens_, last + 1);
        sample.sees({"tablesample", "regions"}) && sample.peek(2).is_symbol('(')) {
      return sampled(i, last);
    }
    const auto rows = session_.virtual_table(schema, to_lower(tokens_[last].name));
    if (!rows) return i + 1;
    const std::string alias = has_alias(last + 1) ? "" : " AS " + quote_name(tokens_[last].name);
    replace(i, last, *rows + alias, false);
    return last + 1;
  }

  /// A row per region; the lab's tables have one.
  std::size_t sampled(std::size_t first, std::size_t last) {
    const std::string name(
        statement_.text.substr(tokens_[first].begin, tokens_[last].end - tokens_[first].begin));
    const std::string alias = has_alias(last + 5) ? "" : " AS " + quote_name(tokens_[last].name);
    replace(first, last + 4, "(SELECT * FROM " + name + " LIMIT 1)" + alias, false);
    return last + 5;
  }

  bool has_alias(std::size_t after) const {
    static const std::set<std::string, std::less<>> clauses = {
        "where", "order",  "limit", "group", "join",  "left",  "inner",  "on",
        "union", "having", "for",   "right", "cross", "using", "natural"};
    const Token& token = Cursor(tokens_, after).peek();
    return token.is("as") || (token.is_name() &&
                              (token.kind == TokenKind::quoted || clauses.count(token.value) == 0));
  }

  void replace(std::size_t first, std::size_t last, const std::string& by, bool keep_name) {
    out_ += statement_.text.substr(copied_, tokens_[first].begin - copied_);
    out_ += by;
    if (keep_name && is_select_item(tokens_, first, last)) {
      const std::string name(
          statement_.text.substr(tokens_[first].begin, tokens_[last].end - tokens_[first].begin));
      out_ += " AS " + quote_name(name);
    }
    copied_ = tokens_[last].end;
  }

  Session& session_;
  const Statement& statement_;
  const std::vector<Token>& tokens_;
  std::string out_;
  std::size_t copied_ = 0;
};

std::string Session::rewrite(const Statement& statement) {
  return Rewriter(*this, statement).run();
}

}  // namespace bdrmesh::lab
