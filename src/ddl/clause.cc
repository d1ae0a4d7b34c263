#include "ddl/clause.h"

namespace bdrmesh::ddl {

Clause clause_of(Kind kind) {
  Clause clause;
  clause.kind = kind;
  clause.class_ = facts_of(kind).class_;
  clause.idempotent = facts_of(kind).repeatable;
  return clause;
}

Clause refused(Kind kind, std::string reason) {
  Clause clause = clause_of(kind);
  clause.refused = true;
  clause.reason = std::move(reason);
  return clause;
}

Clause paused(Kind kind, std::string reason) {
  Clause clause = clause_of(kind);
  clause.class_ = DdlClass::non_replicable;
  clause.reason = std::move(reason);
  return clause;
}

Clause unknown(const Cursor& cursor) {
  Clause clause = clause_of(Kind::unknown);
  clause.reason = cursor.peek() == nullptr
                      ? "the statement ends too early"
                      : "the word \"" + cursor.peek()->text + "\" is not known here";
  return clause;
}

Clause drop_primary_key() {
  Clause clause =
      paused(Kind::drop_primary_key,
             "TiDB accepts it on PRIMARY, but feeds lose the key that they address rows "
             "by; refused when no other usable key is left");
  clause.needs_table_check = true;
  clause.target = "PRIMARY";
  return clause;
}

}  // namespace bdrmesh::ddl
