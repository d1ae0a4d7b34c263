#include "flows/verify/definition_step.h"

#include "verify/schema_compare.h"
#include "verify/schema_heal.h"

namespace bdrmesh::flows {
namespace {

Json difference_json(const TableName& table, const verify::SchemaDifference& difference,
                     const std::map<std::string, std::string>& heal) {
  Json fragments = Json::object();
  for (const auto& [cluster, text] : difference.fragments) fragments[cluster.value()] = text;
  return {{"table", to_string(table)},
          {"what", difference.what},
          {"severity", std::string(verify::to_string(difference.severity))},
          {"why", difference.why},
          {"fragments", fragments},
          {"heal", heal}};
}

}  // namespace

Verdict CompareDefinitions::verify(StepContext& ctx) {
  return ctx.fact("verification", "") ? holds() : not_yet("all definitions to be compared");
}

void CompareDefinitions::execute(StepContext& ctx) {
  const ClusterName reference(get_required<std::string>(args_, "reference"));
  Json report{{"level", "schema"},
              {"group", get_required<std::string>(args_, "group")},
              {"members", get_required<Json>(args_, "members")},
              {"reference", reference.value()},
              {"at", to_rfc3339(ctx.now())},
              {"differences", Json::array()},
              {"warnings", Json::array()},
              {"legitimate", Json::array()},
              {"not_proven", Json::array()}};
  const std::vector<TableName> tables = tables_from(get_required<Json>(args_, "tables"));
  for (const TableName& table : tables) {
    std::map<ClusterName, std::optional<std::string>> definitions;
    for (const Json& member : get_required<Json>(args_, "members")) {
      const ClusterName name(member.get<std::string>());
      definitions[name] = ports_.world.tidb(name).create_statement(table, ctx.call());
    }
    for (const verify::SchemaDifference& one : verify::compare_definitions(definitions, table)) {
      const char* list = one.severity == verify::Severity::differs   ? "differences"
                         : one.severity == verify::Severity::warning ? "warnings"
                                                                     : "legitimate";
      report[list].push_back(difference_json(
          table, one, verify::healing_statements(one, table, reference, definitions)));
    }
  }
  report["tables"] = tables.size();
  report["different"] = report["differences"].size();
  report["verdict"] = report["differences"].empty() ? "equal" : "differences";
  ctx.set_fact({"verification", "", FactLife::durable, std::move(report)});
}

}  // namespace bdrmesh::flows
