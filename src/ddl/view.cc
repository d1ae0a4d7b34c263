#include "ddl/view.h"

namespace bdrmesh::ddl {

Json to_json(const Statement& statement) {
  Json tables = Json::array();
  for (const TableName& name : statement.tables) tables.push_back(to_string(name));
  for (const std::string& schema : statement.schemas) tables.push_back(schema + ".*");
  return {{"statement", statement.text},
          {"kind", to_string(statement.kind)},
          {"tables", tables},
          {"class", to_string(statement.class_)},
          {"reorganises", statement.reorganises},
          {"idempotent", statement.idempotent},
          {"strategy", to_string(statement.strategy)},
          {"reason", statement.reason}};
}

}  // namespace bdrmesh::ddl
