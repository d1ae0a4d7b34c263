// SET: TiDB's variables are the lab's, autocommit concerns both, the rest is the engine's.
#include <algorithm>

#include "lab/server/variables.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

std::vector<std::vector<Token>> split_assignments(const std::vector<Token>& tokens) {
  std::vector<std::vector<Token>> parts(1);
  int depth = 0;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].is_symbol('(')) ++depth;
    if (tokens[i].is_symbol(')')) --depth;
    if (depth == 0 && tokens[i].is_symbol(',')) {
      parts.emplace_back();
    } else {
      parts.back().push_back(tokens[i]);
    }
  }
  return parts;
}

struct Target {
  std::string name;  ///< empty: none of our business
  bool is_global = false;
  std::size_t value_at = 0;  ///< index of the first token of the value
};

/// `GLOBAL x = `, `@@global.x := `, `@@x = `, `SESSION x = `, `x = `.
Target parse_target(const std::vector<Token>& part) {
  Target target;
  Cursor cursor(part);
  bool qualified = false;
  if (cursor.accept("global")) {
    target.is_global = true;
    qualified = true;
  } else if (cursor.accept_any({"session", "local"})) {
    qualified = true;
  }
  const Token& token = cursor.peek();
  if (token.kind == TokenKind::variable && token.value.rfind("@@", 0) == 0 && !qualified) {
    std::string name = token.value.substr(2);
    for (const std::string_view scope : {"global.", "session.", "local."}) {
      if (name.rfind(scope, 0) != 0) continue;
      target.is_global = scope == "global.";
      name.erase(0, scope.size());
    }
    target.name = name;
  } else if (token.is_name()) {
    target.name = to_lower(token.name);
  } else {
    return {};
  }
  cursor.next();
  cursor.accept_symbol(':');
  if (!cursor.accept_symbol('=')) return {};
  target.value_at = cursor.position();
  return target;
}

std::string slice(std::string_view text, const std::vector<Token>& part, std::size_t from) {
  if (from >= part.size()) return "";
  return std::string(text.substr(part[from].begin, part.back().end - part[from].begin));
}

bool is_noop_global(const std::string& name) {
  return name == "read_only" || name == "super_read_only";
}

bool is_isolation(const std::string& name) {
  return name == "transaction_isolation" || name == "tx_isolation";
}

}  // namespace

Answer Session::set(Statement& statement) {
  std::string for_others;
  for (const auto& part : split_assignments(statement.tokens)) {
    if (part.empty()) continue;
    if (const auto left = assign(part, statement.text))
      for_others += (for_others.empty() ? "" : ", ") + *left;
  }
  if (!for_others.empty()) engine_ok("SET " + for_others);
  return OkReply{};
}

/// @return what the engine must be told; std::nullopt when the lab has done it.
std::optional<std::string> Session::assign(const std::vector<Token>& part, std::string_view text) {
  const Target target = parse_target(part);
  const std::string whole = slice(text, part, 0);
  if (target.name.empty()) return whole;
  const Token& first = target.value_at < part.size() ? part[target.value_at] : part.front();
  const bool simple = target.value_at + 1 == part.size();
  bool is_text = simple && first.kind == TokenKind::text;
  const bool is_default = simple && first.is("default");
  const auto value = [&]() -> std::string {
    if (simple &&
        (first.is_name() || first.kind == TokenKind::text || first.kind == TokenKind::number)) {
      return first.is_name() ? first.name : first.value;
    }
    const std::string expression = slice(text, part, target.value_at);
    if (part.size() == target.value_at + 2 && first.is_symbol('-')) return expression;
    return evaluate(expression, is_text);
  };
  if (find_variable(target.name, cluster_.profile.tidb) != nullptr) {
    assign_tidb(target.name, target.is_global, is_default ? "" : value(), is_text, is_default);
    return std::nullopt;
  }
  if (target.name.rfind("tidb_", 0) == 0) {
    throw Refused(1193, "HY000", "Unknown system variable '" + target.name + "'");
  }
  if (target.name == "autocommit" && !target.is_global) {
    const std::string wanted = to_lower(value());
    assign_autocommit(wanted == "1" || wanted == "on" || wanted == "true");
    return std::nullopt;
  }
  if (is_isolation(target.name) && simple) {
    const std::string level = value();
    if (level == "SERIALIZABLE" || level == "READ-UNCOMMITTED") {
      throw Refused(
          8048, "HY000",
          "The isolation level '" + level +
              "' is not supported. Set tidb_skip_isolation_level_check=1 to skip this error");
    }
  }
  if (target.is_global) {
    if (is_noop_global(target.name)) {
      throw Refused(1235, "42000",
                    "function READ ONLY has only noop implementation in tidb now, use "
                    "tidb_enable_noop_functions to "
                    "enable these functions");
    }
    if (!may("Super_priv", "SYSTEM_VARIABLES_ADMIN")) {
      throw Refused(1227, "42000",
                    "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN "
                    "privilege(s) for "
                    "this operation");
    }
    // The engine asks for its own rights; TiDB's have just been looked at.
    shared_.as_admin("SET " + whole);
    return std::nullopt;
  }
  // MySQL 8's and TiDB's names of what the engine calls otherwise, or lacks.
  if (is_isolation(target.name)) return "SESSION tx_isolation=" + quote_text(value());
  if (target.name == "max_execution_time") settings_[target.name] = value();
  if (target.name == "max_execution_time" || target.name == "sql_require_primary_key" ||
      target.name == "innodb_strict_mode" || target.name == "sql_mode_oracle") {
    return std::nullopt;
  }
  return whole;
}

std::string Session::evaluate(const std::string& expression, bool& is_text) {
  std::vector<StatementText> texts = split_statements("SELECT " + expression);
  if (texts.empty()) return "";
  const std::string sql = "SELECT " + expression;
  texts = split_statements(sql);
  const Statement statement = classify(std::move(texts.front()));
  const Reply reply = backend_.query(rewrite(statement));
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, nullptr);
  const auto& rows = std::get<RowsReply>(reply);
  is_text = false;
  if (rows.rows.empty()) return "";
  const auto cell = PacketReader(rows.rows.front()).cell();
  return cell ? std::string(*cell) : "";
}

void Session::assign_tidb(const std::string& name, bool is_global, const std::string& value,
                          bool is_text, bool is_default) {
  const VariableRule& rule = *find_variable(name);
  if (rule.scope == VariableScope::read_only) {
    throw Refused(1238, "HY000", "Variable '" + name + "' is a read only variable");
  }
  if (is_global && rule.scope == VariableScope::session_only) {
    throw Refused(
        1228, "HY000",
        "Variable '" + name + "' is a SESSION variable and can't be used with SET GLOBAL");
  }
  if (!is_global && rule.scope == VariableScope::global_only) {
    throw Refused(1229, "HY000",
                  "Variable '" + name + "' is a GLOBAL variable and should be set with SET GLOBAL");
  }
  if (is_global && !may("Super_priv", "SYSTEM_VARIABLES_ADMIN")) {
    throw Refused(1227, "42000",
                  "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN "
                  "privilege(s) for this "
                  "operation");
  }
  if (name == "tidb_snapshot") {
    const bool is_null = !is_text && to_lower(value) == "null";
    return assign_snapshot(is_default || is_null ? "" : value);
  }
  if (name == "tidb_read_staleness") {
    settings_[name] = accept_value(name, rule, value.empty() ? "0" : value, false).value;
    return;
  }
  const AcceptedValue accepted =
      is_default ? AcceptedValue{rule.initial, false} : accept_value(name, rule, value, is_text);
  if (accepted.clamped)
    warn("Warning", 1292, "Truncated incorrect " + name + " value: '" + value + "'");
  if (is_global) {
    set_global(name, accepted.value);
  } else {
    settings_[name] = accepted.value;
  }
}

void Session::set_global(const std::string& name, const std::string& value) {
  GlobalVariables& variables = cluster_.variables;
  if (name == "tidb_restricted_read_only" && value == "ON")
    variables.set(server_, "tidb_super_read_only", "ON");
  if (name == "tidb_super_read_only" && value == "OFF" && global_on("tidb_restricted_read_only")) {
    throw Refused(1105, "HY000",
                  "can't turn off tidb_super_read_only when tidb_restricted_read_only is on");
  }
  if (name == "tidb_external_ts") {
    const bool is_number =
        !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    if (is_number && (value.size() > 19 || std::stoull(value) > cluster_.oracle.next())) {
      throw Refused(1105, "HY000",
                    "[pd]the external timestamp should not be larger than global ts");
    }
    // It only ever grows.
    const auto present = variables.stored(name).value_or("0");
    if (value.empty() || value.find_first_not_of("0123456789") != std::string::npos ||
        value.size() > 19 || std::stoull(value) <= std::stoull(present)) {
      throw Refused(1105, "HY000",
                    "[pd]the external timestamp should be larger than current external timestamp");
    }
  }
  variables.set(server_, name, value);
}

void Session::assign_autocommit(bool on) {
  if (on && !autocommit_) commit(true);
  autocommit_ = on;
  engine_ok(on ? "SET autocommit=1" : "SET autocommit=0");
}

}  // namespace bdrmesh::lab
