// Reads one statement word by word into a `Parsed`. One reader per statement; internal to ddl/.
// Pure.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ddl/parsed.h"

namespace bdrmesh::ddl {

class Reader {
 public:
  Reader(const StatementTokens& statement, std::string default_schema, Version tidb)
      : tokens_(statement.tokens),
        cursor_(tokens_),
        schema_(std::move(default_schema)),
        tidb_(tidb) {}

  Parsed run();

 private:
  void unknown(const std::string& reason = {});
  Clause& add(Kind kind);
  void refuse(Kind kind, std::string reason);
  void not_ddl(std::string reason);
  std::optional<Mention> table_name(const std::string& schema);
  std::optional<std::string> identifier() { return cursor_.name(); }
  bool take_table();
  bool take_table_list();
  void read_references();
  bool if_exists() { return cursor_.take({"IF", "EXISTS"}); }
  bool if_not_exists() { return cursor_.take({"IF", "NOT", "EXISTS"}); }
  void read();
  /// Statements that TiDB knows and that make no DDL job (tidb-sql §1.4, end of the class list).
  void other();
  void account();
  void create();
  bool binding_ahead();
  void create_schema();
  /// The options behind the name of a database; remembers the last kind in `schema_kind_`.
  bool schema_options();
  void create_table(bool temporary);
  static void judge_created(const TableDefinition& definition, Clause& clause);
  bool view_ahead();
  void create_view(bool replaces);
  void create_index();
  void sequence(Kind kind, bool idempotent);
  void unmanaged(Kind kind);
  void alter();
  void alter_table();
  void alter_schema();
  void drop();
  void drop_list(Kind kind);
  void drop_index();
  void truncate();
  void rename();
  void recover();
  void flashback();

  const std::vector<Token>& tokens_;
  Cursor cursor_;
  std::string schema_;
  Version tidb_;
  Kind schema_kind_ = Kind::modify_schema_charset;
  Parsed parsed_;
};

}  // namespace bdrmesh::ddl
