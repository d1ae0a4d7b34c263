#include "app/cli/offline/ddl_classify.h"

#include "app/cli/render/text_table.h"
#include "ddl/classify.h"
#include "ddl/view.h"

namespace bdrmesh {
namespace {

ddl::Context context_of(const ClassifyOptions& options) {
  const std::optional<Version> version = parse_version(options.tidb_version);
  if (!version) {
    throw Error(ErrorKind::invalid, "BAD_VERSION",
                "'" + options.tidb_version + "' is no version of TiDB",
                "write it as v8.5.1: the oldest of the group");
  }
  ddl::Context context;
  context.default_schema = options.schema;
  context.tidb = *version;
  context.roles_set = options.roles;
  context.ansi_quotes = options.ansi_quotes;
  if (!options.tables.empty()) context.tables = TableFilter(options.tables);
  return context;
}

}  // namespace

ExitCode classify_script(const ClassifyOptions& options, OutputForm form, Terminal& terminal) {
  const std::vector<ddl::Statement> statements = ddl::classify(options.script, context_of(options));
  TextTable table({"STRATEGY", "CLASS", "KIND", "STATEMENT", "REASON"});
  std::string lines;
  bool refused = false;
  for (const ddl::Statement& statement : statements) {
    refused = refused || statement.strategy == ddl::Strategy::refused;
    lines += ddl::to_json(statement).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    table.row({std::string(ddl::to_string(statement.strategy)),
               std::string(ddl::to_string(statement.class_)),
               std::string(ddl::to_string(statement.kind)), statement.text, statement.reason});
  }
  terminal.data(form == OutputForm::json ? lines : table.text());
  return refused ? ExitCode::refused : ExitCode::done;
}

}  // namespace bdrmesh
