// A DDL statement as TiDB sees it: which job it becomes, on what, and of which BDR class each part
// is (tidb-sql §1.4). Pure.
#pragma once

#include <string>
#include <vector>

#include "lab/parse/cursor.h"
#include "lab/parse/statement.h"

namespace bdrmesh::lab {

enum class BdrClass {
  replicable,      ///< SafeDDL: runs on PRIMARY
  non_replicable,  ///< UnsafeDDL: refused under both roles
  unmanaged,       ///< runs under every role
  no_job,          ///< TiDB does nothing that a job would show
};

enum class ColumnOption {
  null,
  not_null,
  default_value,
  comment,
  generated,
  collate,
  on_update,
  auto_increment,
  auto_random,
  unique,
  primary_key,
  check,
  references,
};

struct ColumnSpec {
  std::string name;
  std::string type;  ///< normalised: lower case, no blanks, display width of integers left out
  std::vector<ColumnOption> options;
};

/// What must be looked up before it is known whether there is anything to do.
enum class Existence { irrelevant, must_be_absent, must_be_present };

struct DdlClause {
  enum class Kind {
    plain,
    add_column,
    modify_column,
    add_index,
    drop_index,
    drop_column,
    drop_partition
  };
  Kind kind = Kind::plain;
  std::string job_type;  ///< as JOB_TYPE shows it
  BdrClass bdr_class = BdrClass::non_replicable;
  std::string old_name;  ///< MODIFY and CHANGE: the present column; drops: what is dropped
  std::vector<ColumnSpec> columns;          ///< ADD, MODIFY, CHANGE COLUMN
  bool unique = false;                      ///< ADD INDEX
  Existence guard = Existence::irrelevant;  ///< IF [NOT] EXISTS, on a part of the table
};

enum class ObjectKind {
  schema,
  table,
  view,
  sequence,
  index,
  placement_policy,
  resource_group,
  other
};

struct DdlStatement {
  ObjectKind object_kind = ObjectKind::table;
  std::string job_type;  ///< of the job: that of the only clause, or multi-schema change
  std::vector<ObjectName>
      objects;          ///< what is created, dropped, changed; a schema stands in `name`
  ObjectName new_name;  ///< RENAME
  Existence guard = Existence::irrelevant;  ///< IF [NOT] EXISTS on the object
  bool local_temporary = false;             ///< no job, never judged
  bool creates = false;
  bool drops = false;
  bool nonclustered = false;       ///< CREATE TABLE with a NONCLUSTERED primary key
  std::vector<DdlClause> clauses;  ///< at least one
};

DdlStatement parse_ddl(const Statement& statement);

// Parts of the parser.
std::vector<DdlClause> parse_alter_clauses(const std::vector<Token>& tokens, std::size_t from,
                                           ObjectName& new_name);
ColumnSpec parse_column(const std::vector<Token>& tokens);

}  // namespace bdrmesh::lab
