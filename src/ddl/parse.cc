#include <algorithm>
#include <array>

#include "ddl/parsed.h"

namespace bdrmesh::ddl {

namespace {

class Reader {
 public:
  Reader(const StatementTokens& statement, const std::string& default_schema, Version tidb)
      : tokens_(statement.tokens), cursor_(tokens_), schema_(default_schema), tidb_(tidb) {}

  Parsed run() {
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

 private:
  void unknown(const std::string& reason = {}) {
    Clause clause = clause_of(Kind::unknown);
    const Token* here = cursor_.peek();
    clause.reason = !reason.empty()   ? reason
                    : here == nullptr ? "the statement ends too early"
                                      : "\"" + here->text.substr(0, 32) + "\" is not known here";
    parsed_.clauses.push_back(std::move(clause));
  }

  Clause& add(Kind kind) {
    parsed_.clauses.push_back(clause_of(kind));
    return parsed_.clauses.back();
  }

  void refuse(Kind kind, std::string reason) {
    Clause& clause = add(kind);
    clause.refused = true;
    clause.reason = std::move(reason);
  }

  void not_ddl(std::string reason) {
    cursor_.skip_all();
    add(Kind::not_ddl).reason = std::move(reason);
  }

  std::optional<Mention> table_name(const std::string& schema) {
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

  std::optional<std::string> identifier() { return cursor_.name(); }

  bool take_table() {
    auto mention = table_name(schema_);
    if (!mention) return false;
    parsed_.tables.push_back(std::move(*mention));
    return true;
  }

  bool take_table_list() {
    do {
      if (!take_table()) return false;
    } while (cursor_.take(','));
    return true;
  }

  void read_references() {
    const std::string schema = parsed_.tables.front().name.schema;
    for (std::size_t i = 0; i + 1 < tokens_.size(); ++i) {
      if (!tokens_[i].is("REFERENCES")) continue;
      cursor_.back_to(i + 1);
      if (auto mention = table_name(schema)) parsed_.references.push_back(std::move(*mention));
    }
  }

  bool if_exists() { return cursor_.take({"IF", "EXISTS"}); }
  bool if_not_exists() { return cursor_.take({"IF", "NOT", "EXISTS"}); }

  void read() {
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

  /// Statements that TiDB knows and that make no DDL job (tidb-sql §1.4, end of the class list).
  void other() {
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

  void account() {
    not_ddl("accounts, roles and grants are never replicated: run it on each cluster");
  }

  void create() {
    const bool replaces = cursor_.take({"OR", "REPLACE"});
    if (view_ahead()) return create_view(replaces);
    if (replaces) return unknown();
    if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) return create_schema();
    if (cursor_.take("TABLE")) return create_table(false);
    if (cursor_.take({"GLOBAL", "TEMPORARY", "TABLE"})) return create_table(true);
    if (cursor_.take({"TEMPORARY", "TABLE"}))
      return not_ddl("a temporary table lives in one session");
    if (cursor_.take("SEQUENCE")) return sequence(Kind::create_sequence, if_not_exists());
    if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::create_placement_policy);
    if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::create_resource_group);
    if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
    if (binding_ahead()) return not_ddl("bindings are local to each cluster");
    create_index();
  }

  bool binding_ahead() {
    const std::size_t ahead = cursor_.sees("GLOBAL") || cursor_.sees("SESSION") ? 1 : 0;
    return cursor_.sees("BINDING", ahead);
  }

  void create_schema() {
    const bool idempotent = if_not_exists();
    const auto name = identifier();
    if (!name) return unknown();
    parsed_.schemas.push_back(*name);
    if (!schema_options()) return unknown();
    add(Kind::create_schema).idempotent = idempotent;
  }

  /// The options behind the name of a database; remembers the last kind in `schema_kind_`.
  bool schema_options() {
    while (!cursor_.at_end()) {
      const std::size_t from = cursor_.position();
      const auto option = read_table_option(cursor_);
      if (!option) return false;
      if (option->name == "CHARSET" || option->name == "COLLATE") {
        schema_kind_ = Kind::modify_schema_charset;
      } else if (option->name == "PLACEMENT POLICY") {
        schema_kind_ = Kind::modify_schema_placement;
      } else {
        cursor_.back_to(from);
        return false;
      }
    }
    return true;
  }

  void create_table(bool temporary) {
    const bool idempotent = if_not_exists();
    if (!take_table()) return unknown();
    const bool bracketed = cursor_.sees('(') && cursor_.sees("LIKE", 1);
    if (bracketed) cursor_.skip();
    Clause clause = clause_of(Kind::create_table);
    clause.idempotent = idempotent;
    if (cursor_.take("LIKE")) {
      auto source = table_name(schema_);
      if (!source || (bracketed && !cursor_.take(')'))) return unknown();
      parsed_.references.push_back(std::move(*source));
      clause.needs_table_check = true;
      clause.reason = "the table it copies must have a usable key";
    } else {
      TableDefinition definition;
      const std::size_t from = cursor_.position();
      read_table_body(cursor_, definition);
      if (!definition.understood) {
        if (cursor_.at_end()) cursor_.back_to(from);
        return unknown(definition.not_understood.empty()
                           ? "the columns are missing"
                           : "not known: " + definition.not_understood.substr(0, 60));
      }
      judge_created(definition, clause);
      parsed_.definition = std::move(definition);
    }
    if (temporary) {
      clause.class_ = DdlClass::non_replicable;
      clause.refused = false;
      clause.reason = "rows of a temporary table never leave their server";
    }
    parsed_.clauses.push_back(std::move(clause));
  }

  static void judge_created(const TableDefinition& definition, Clause& clause) {
    const bool references =
        std::any_of(definition.constraints.begin(), definition.constraints.end(),
                    [](const ConstraintDefinition& c) { return c.is_foreign_key; }) ||
        std::any_of(definition.columns.begin(), definition.columns.end(),
                    [](const ColumnDefinition& c) { return c.references > 0; });
    if (references) {
      clause.class_ = DdlClass::non_replicable;
      clause.reason =
          "TiCDC writes without foreign key checks: a new foreign key needs the data at rest";
    }
    if (!definition.has_usable_key()) {
      clause.refused = true;
      clause.reason =
          "the table has no primary key and no unique key over NOT NULL columns: TiCDC would leave "
          "its rows out";
    }
  }

  bool view_ahead() {
    for (std::size_t ahead = 0; ahead < 24; ++ahead) {
      const Token* token = cursor_.peek(ahead);
      if (token == nullptr || token->is('(')) return false;
      if (token->is("VIEW")) return true;
      if (ahead == 0 && !token->is("ALGORITHM") && !token->is("DEFINER") && !token->is("SQL"))
        return false;
    }
    return false;
  }

  void create_view(bool replaces) {
    while (!cursor_.at_end() && !cursor_.sees("VIEW")) cursor_.skip();
    cursor_.skip();
    auto mention = table_name(schema_);
    if (!mention) return unknown();
    parsed_.tables.push_back(std::move(*mention));
    cursor_.skip_parentheses();
    if (!cursor_.take("AS")) return unknown();
    cursor_.skip_all();
    add(Kind::create_view).idempotent = replaces;
  }

  void create_index() {
    Clause clause = clause_of(Kind::add_index);
    if (cursor_.take("UNIQUE")) {
      clause = clause_of(Kind::add_unique_index);
      clause.reason = "rows that are unique on each cluster may collide between them";
    } else if (cursor_.take_any({"FULLTEXT", "SPATIAL", "VECTOR", "COLUMNAR"})) {
      clause = clause_of(Kind::add_special_index);
    }
    if (!cursor_.take("INDEX")) return unknown();
    clause.idempotent = if_not_exists();
    if (!identifier()) return unknown();
    if (cursor_.take_any({"USING", "TYPE"})) cursor_.skip();
    if (!cursor_.take("ON") || !take_table()) return unknown();
    if (!cursor_.skip_parentheses()) return unknown();
    cursor_.skip_all();
    parsed_.clauses.push_back(std::move(clause));
  }

  void sequence(Kind kind, bool idempotent) {
    const bool listed = kind == Kind::drop_sequence ? take_table_list() : take_table();
    if (!listed) return unknown();
    cursor_.skip_all();
    Clause& clause = add(kind);
    clause.idempotent = idempotent;
    clause.reason = "sequences are never replicated; give each cluster a range of its own";
  }

  void unmanaged(Kind kind) {
    const bool idempotent = if_not_exists() || if_exists() || facts_of(kind).repeatable;
    if (!identifier()) return unknown();
    cursor_.skip_all();
    add(kind).idempotent = idempotent;
  }

  void alter() {
    if (cursor_.take("TABLE")) return alter_table();
    if (cursor_.sees("IGNORE") && cursor_.sees("TABLE", 1)) {
      cursor_.skip();
      cursor_.skip();
      return alter_table();
    }
    if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) return alter_schema();
    if (cursor_.take("SEQUENCE")) return sequence(Kind::alter_sequence, if_exists());
    if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::alter_placement_policy);
    if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::alter_resource_group);
    if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
    if (cursor_.sees("INSTANCE") || cursor_.sees("RANGE")) return unknown();
    unknown();
  }

  void alter_table() {
    if (!take_table()) return unknown();
    TableMentions mentions;
    parsed_.clauses = read_alter_table(cursor_, tidb_, mentions);
    const std::size_t end = cursor_.position();
    const TableName self = parsed_.tables.front().name;
    for (const std::size_t place : mentions.renamed_to) {
      cursor_.back_to(place);
      // A new name without schema stays in the session's schema, as for any other name.
      if (auto target = table_name(schema_)) {
        parsed_.renames.emplace_back(self, target->name);
        parsed_.tables.push_back(std::move(*target));
      }
    }
    for (const std::size_t place : mentions.exchanged_with) {
      cursor_.back_to(place);
      if (auto partner = table_name(schema_)) {
        parsed_.exchanged.push_back(partner->name);
        parsed_.tables.push_back(std::move(*partner));
      }
    }
    cursor_.back_to(end);
  }

  void alter_schema() {
    std::string name = schema_;
    const bool options = cursor_.sees("DEFAULT") || cursor_.sees("CHARACTER") ||
                         cursor_.sees("CHARSET") || cursor_.sees("COLLATE") ||
                         cursor_.sees("PLACEMENT");
    if (!options) name = identifier().value_or("");
    parsed_.schemas.push_back(name);
    if (cursor_.take({"SET", "TIFLASH", "REPLICA"})) {
      cursor_.skip_all();
      add(Kind::tiflash_replica);
      return;
    }
    if (cursor_.take({"READ", "ONLY"})) {
      cursor_.skip_all();
      add(Kind::modify_schema);
      return;
    }
    if (cursor_.at_end() || !schema_options()) return unknown();
    add(schema_kind_);
  }

  void drop() {
    if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) {
      const bool idempotent = if_exists();
      const auto name = identifier();
      if (!name) return unknown();
      parsed_.schemas.push_back(*name);
      add(Kind::drop_schema).idempotent = idempotent;
      return;
    }
    if (cursor_.take_any({"TABLE", "TABLES"})) return drop_list(Kind::drop_table);
    if (cursor_.sees("TEMPORARY")) return not_ddl("a temporary table lives in one session");
    if (cursor_.take({"GLOBAL", "TEMPORARY", "TABLE"})) return drop_list(Kind::drop_table);
    if (cursor_.take("VIEW")) return drop_list(Kind::drop_view);
    if (cursor_.take("SEQUENCE")) return sequence(Kind::drop_sequence, if_exists());
    if (cursor_.take("INDEX")) return drop_index();
    if (cursor_.take({"PLACEMENT", "POLICY"})) return unmanaged(Kind::drop_placement_policy);
    if (cursor_.take({"RESOURCE", "GROUP"})) return unmanaged(Kind::drop_resource_group);
    if (cursor_.sees("USER") || cursor_.sees("ROLE")) return account();
    if (binding_ahead()) return not_ddl("bindings are local to each cluster");
    if (cursor_.sees("STATS") || cursor_.sees("PREPARE")) return not_ddl("it makes no DDL job");
    unknown();
  }

  void drop_list(Kind kind) {
    const bool idempotent = if_exists();
    if (!take_table_list()) return unknown();
    cursor_.take_any({"RESTRICT", "CASCADE"});
    add(kind).idempotent = idempotent;
  }

  void drop_index() {
    Clause clause = clause_of(Kind::drop_index);
    clause.idempotent = if_exists();
    clause.needs_table_check = true;
    clause.reason = "the table must keep a usable key, and a unique index needs a pause";
    clause.target = identifier().value_or("");
    if (clause.target.empty() || !cursor_.take("ON") || !take_table()) return unknown();
    while (cursor_.sees("ALGORITHM") || cursor_.sees("LOCK")) {
      cursor_.skip();
      cursor_.take('=');
      cursor_.skip();
    }
    const bool primary = same_name(clause.target, "PRIMARY");
    parsed_.clauses.push_back(primary ? drop_primary_key() : std::move(clause));
  }

  void truncate() {
    cursor_.take("TABLE");
    if (!take_table()) return unknown();
    add(Kind::truncate_table);
  }

  void rename() {
    if (cursor_.sees("USER")) return account();
    if (!cursor_.take_any({"TABLE", "TABLES"})) return unknown();
    do {
      if (!take_table()) return unknown();
      const TableName from = parsed_.tables.back().name;
      if (!cursor_.take("TO") || !take_table()) return unknown();
      parsed_.renames.emplace_back(from, parsed_.tables.back().name);
    } while (cursor_.take(','));
    add(Kind::rename_table);
  }

  void recover() {
    if (!cursor_.take("TABLE")) return unknown();
    if (cursor_.take({"BY", "JOB"})) {
      cursor_.skip_all();
      return refuse(Kind::recover_table, "job numbers differ between clusters: name the table");
    }
    if (!take_table()) return unknown();
    if (!cursor_.at_end()) return unknown();
    add(Kind::recover_table);
  }

  void flashback() {
    if (cursor_.sees("CLUSTER")) {
      cursor_.skip_all();
      return refuse(Kind::flashback_cluster,
                    "it turns one cluster back behind the feeds: stop the group first");
    }
    if (cursor_.take("DATABASE") || cursor_.take("SCHEMA")) {
      parsed_.schemas.push_back(identifier().value_or(""));
      cursor_.skip_all();
      return refuse(Kind::flashback_schema,
                    "TiCDC does not follow it: the feeds would not know the tables");
    }
    if (!cursor_.take("TABLE") || !take_table()) return unknown();
    if (cursor_.take("TO")) {
      const TableName from = parsed_.tables.back().name;
      auto target = table_name(from.schema);
      if (!target) return unknown();
      parsed_.renames.emplace_back(from, target->name);
      parsed_.tables.push_back(std::move(*target));
    }
    if (!cursor_.at_end()) {
      cursor_.skip_all();
      return refuse(Kind::flashback_cluster,
                    "it turns one cluster back behind the feeds: stop the group first");
    }
    add(Kind::recover_table);
  }

  const std::vector<Token>& tokens_;
  Cursor cursor_;
  std::string schema_;
  Version tidb_;
  Kind schema_kind_ = Kind::modify_schema_charset;
  Parsed parsed_;
};

}  // namespace

Parsed parse_statement(const StatementTokens& statement, const std::string& default_schema,
                       Version tidb) {
  return Reader(statement, default_schema, tidb).run();
}

}  // namespace bdrmesh::ddl
