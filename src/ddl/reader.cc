#include "ddl/reader.h"

#include <algorithm>
#include <array>

namespace bdrmesh::ddl {

Parsed Reader::run() {
  read();
  if (parsed_.clauses.empty()) unknown();
  const bool ddl = parsed_.clauses.front().kind != Kind::not_ddl;
  if (ddl && !cursor_.at_end() && parsed_.clauses.back().kind != Kind::unknown) unknown();
  if (ddl && !parsed_.tables.empty()) read_references();
  if (ddl &&
      std::any_of(tokens_.begin(), tokens_.end(), [](const Token& t) { return t.conditional; })) {
    unknown("a part of it stands in a comment that only some servers execute");
  }
  return std::move(parsed_);
}

void Reader::unknown(const std::string& reason) {
  Clause clause = clause_of(Kind::unknown);
  const Token* here = cursor_.peek();
  clause.reason = !reason.empty()   ? reason
                  : here == nullptr ? "the statement ends too early"
                                    : "\"" + here->text.substr(0, 32) + "\" is not known here";
  parsed_.clauses.push_back(std::move(clause));
}

Clause& Reader::add(Kind kind) {
  parsed_.clauses.push_back(clause_of(kind));
  return parsed_.clauses.back();
}

void Reader::refuse(Kind kind, std::string reason) {
  Clause& clause = add(kind);
  clause.refused = true;
  clause.reason = std::move(reason);
}

void Reader::not_ddl(std::string reason) {
  cursor_.skip_all();
  add(Kind::not_ddl).reason = std::move(reason);
}

std::optional<Mention> Reader::table_name(const std::string& schema) {
  const std::size_t from = cursor_.position();
  auto first = identifier();
  if (!first) return std::nullopt;
  Mention mention{{schema, *first}, cursor_.since(from).front().begin, 0};
  if (cursor_.take('.')) {
    auto second = identifier();
    if (!second) return std::nullopt;
    mention.name = {*first, *second};
  }
  mention.end = cursor_.since(from).back().end;
  return mention;
}

bool Reader::take_table() {
  auto mention = table_name(schema_);
  if (!mention) return false;
  parsed_.tables.push_back(std::move(*mention));
  return true;
}

bool Reader::take_table_list() {
  do {
    if (!take_table()) return false;
  } while (cursor_.take(','));
  return true;
}

void Reader::read_references() {
  const std::string schema = parsed_.tables.front().name.schema;
  for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
    if (!tokens_[i].is("REFERENCES")) continue;
    cursor_.back_to(i + 1);
    if (auto mention = table_name(schema)) parsed_.references.push_back(std::move(*mention));
  }
}

void Reader::read() {
  if (cursor_.take("CREATE")) return create();
  if (cursor_.take("ALTER")) return alter();
  if (cursor_.take("DROP")) return drop();
  if (cursor_.take("TRUNCATE")) return truncate();
  if (cursor_.take("RENAME")) return rename();
  if (cursor_.take("RECOVER")) return recover();
  if (cursor_.take("FLASHBACK")) return flashback();
  if (cursor_.sees("LOCK") && (cursor_.sees("TABLES", 1) || cursor_.sees("TABLE", 1))) {
    cursor_.skip_all();
    return refuse(Kind::lock_table, "a table lock belongs to one session on one cluster");
  }
  if (cursor_.sees("UNLOCK")) {
    cursor_.skip_all();
    return refuse(Kind::unlock_table, "a table lock belongs to one session on one cluster");
  }
  if (cursor_.sees("ADMIN") && cursor_.sees("REPAIR", 1)) {
    cursor_.skip_all();
    return refuse(Kind::repair_table,
                  "it repairs the catalogue of one cluster; run it there by hand");
  }
  other();
}

void Reader::other() {
  static constexpr std::array kWords = {
      std::string_view("SELECT"),   std::string_view("INSERT"),    std::string_view("UPDATE"),
      std::string_view("DELETE"),   std::string_view("REPLACE"),   std::string_view("WITH"),
      std::string_view("TABLE"),    std::string_view("VALUES"),    std::string_view("SET"),
      std::string_view("SHOW"),     std::string_view("USE"),       std::string_view("EXPLAIN"),
      std::string_view("DESC"),     std::string_view("DESCRIBE"),  std::string_view("TRACE"),
      std::string_view("BEGIN"),    std::string_view("START"),     std::string_view("COMMIT"),
      std::string_view("ROLLBACK"), std::string_view("SAVEPOINT"), std::string_view("RELEASE"),
      std::string_view("ANALYZE"),  std::string_view("SPLIT"),     std::string_view("ADMIN"),
      std::string_view("GRANT"),    std::string_view("REVOKE"),    std::string_view("FLUSH"),
      std::string_view("KILL"),     std::string_view("LOAD"),      std::string_view("IMPORT"),
      std::string_view("BACKUP"),   std::string_view("RESTORE"),   std::string_view("BATCH"),
      std::string_view("PREPARE"),  std::string_view("EXECUTE"),   std::string_view("DEALLOCATE"),
      std::string_view("DO"),       std::string_view("CALL"),      std::string_view("REFRESH"),
      std::string_view("QUERY"),    std::string_view("CALIBRATE"), std::string_view("PLAN"),
      std::string_view("CANCEL"),   std::string_view("BINLOG"),    std::string_view("HELP"),
      std::string_view("SHUTDOWN"), std::string_view("RESTART")};
  const Token* first = cursor_.peek();
  const bool known =
      first != nullptr &&
      (first->is('(') || std::any_of(kWords.begin(), kWords.end(),
                                     [&](std::string_view word) { return first->is(word); }));
  if (!known) return unknown();
  not_ddl("it makes no DDL job; nothing of it is coordinated");
}

void Reader::account() {
  not_ddl("accounts, roles and grants are never replicated: run it on each cluster");
}

Parsed parse_statement(const StatementTokens& statement, const std::string& default_schema,
                       Version tidb) {
  return Reader(statement, default_schema, tidb).run();
}

}  // namespace bdrmesh::ddl
