#include "flows/verify/definition_step.h"

#include "verify/objects/object_compare.h"
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

void note(Json& report, const TableName& name, const verify::SchemaDifference& difference,
          const std::map<std::string, std::string>& heal) {
  const char* list = difference.severity == verify::Severity::differs   ? "differences"
                     : difference.severity == verify::Severity::warning ? "warnings"
                                                                        : "legitimate";
  report[list].push_back(difference_json(name, difference, heal));
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
    const Definitions definitions = definitions_of(table, ctx.call());
    for (const verify::SchemaDifference& one : verify::compare_definitions(definitions, table)) {
      note(report, table, one, verify::healing_statements(one, table, reference, definitions));
    }
  }
  const std::vector<TableName> objects = tables_from(get_or(args_, "objects", Json::array()));
  const auto use = get_or(args_, "all_write", true) ? verify::SequenceUse::everywhere
                                                    : verify::SequenceUse::on_one_member;
  for (const TableName& name : objects) {
    const Definitions definitions = definitions_of(name, ctx.call());
    for (const verify::SchemaDifference& one : verify::compare_objects(definitions, use)) {
      note(report, name, one, verify::healing_of_object(one, name, reference, definitions, use));
    }
  }
  report["tables"] = tables.size();
  report["objects"] = objects.size();
  report["different"] = report["differences"].size();
  report["verdict"] = report["differences"].empty() ? "equal" : "differences";
  ctx.set_fact({"verification", "", FactLife::durable, std::move(report)});
}

CompareDefinitions::Definitions CompareDefinitions::definitions_of(const TableName& name,
                                                                   const Call& call) const {
  Definitions definitions;
  for (const Json& one : get_required<Json>(args_, "members")) {
    const ClusterName member(one.get<std::string>());
    definitions[member] = ports_.world.tidb(member).create_statement(name, call);
  }
  return definitions;
}

}  // namespace bdrmesh::flows
