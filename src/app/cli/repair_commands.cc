// `repair ...`
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "app/cli/command_groups.h"
#include "app/cli/offline/read_text.h"
#include "app/cli/render/render_text.h"
#include "base/random_id.h"
#include "base/text_file.h"
#include "verify/repair.h"

namespace bdrmesh {
namespace {

Json fact_of(const Json& operation, const std::string& name) {
  for (const Json& fact : list_of(operation, "facts")) {
    if (text_of(fact, "name") == name) return fact.at("value");
  }
  return {};
}

/// Never over a file that is there: it may be a repair that somebody has read and edited.
void require_new(const std::string& path) {
  if (std::filesystem::exists(path))
    throw usage_error(path + " is there already", "give another name with --out");
}

/// It has rows in it: its owner's alone.
void write_new(const std::string& path, const Json& file) {
  require_new(path);
  if (write_new_private_file(path, file.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"))
    return;
  throw Error(ErrorKind::invalid, "FILE_UNWRITABLE",
              "cannot write " + path + ": " + std::strerror(errno), "give another name with --out");
}

std::size_t deletes_of(const Json& file) {
  std::size_t all = 0;
  for (const Json& row : list_of(file, "rows")) all += verify::repair_row_from(row).deletes();
  return all;
}

ExitCode plan(const Invocation& call) {
  const StartOptions options = call.start_options();
  require_new(call.text("--out"));
  return call.with_api([&](const CommandContext& context) {
    const Json verified = context.api.get("/operations/" + call.text("ID"));
    const Json result = part_of(verified, "result");
    const Json body{{"kind", "repair.plan"},
                    {"requested_by", "bdrmesh-cli"},
                    {"args",
                     {{"group", text_of(result, "group")},
                      {"right", call.text("--right")},
                      {"rows", list_of(result, "differences")}}}};
    const Json answer = context.api.post("/operations", body, random_id(20));
    const auto id = get_required<std::string>(answer, "operation");
    const ExitCode code = follow_operation(context, id, options.limit);
    if (code != ExitCode::done) return code;
    const Json file = fact_of(context.api.get("/operations/" + id), "repair");
    write_new(call.text("--out"), file);
    const std::string deletes = std::to_string(deletes_of(file));
    context.terminal.say(std::to_string(list_of(file, "rows").size()) + " rows, " +
                         std::to_string(list_of(file, "left_out").size()) + " left out, " +
                         deletes + " to be deleted: read " + call.text("--out") +
                         ", then bdrmesh repair apply " + call.text("--out") +
                         (deletes == "0" ? "" : " --deletes " + deletes));
    return code;
  });
}

Json drafted_in(const std::string& path) {
  const Json file = Json::parse(read_text(path), nullptr, false);
  if (file.is_object() && file.contains("group") && file.contains("rows")) return file;
  throw usage_error(path + " is no repair", "bdrmesh repair plan ID --right NAME --out FILE");
}

ExitCode apply(const Invocation& call) {
  const Json file = drafted_in(call.text("FILE"));
  return call.start(
      "repair.apply",
      {{"group", text_of(file, "group")}, {"file", file}, {"deletes", call.number("--deletes")}});
}

}  // namespace

Commands repair_commands() {
  return {
      following({"repair plan",
                 "Draft a repair of the rows that a verification found, as a file to be read",
                 "bdrmesh repair plan ID --right east --out repair.json",
                 {argument("ID", "the verification", Names::operation).required(),
                  option("--right", "the member that is taken as right, or 'majority'").required(),
                  option("--out", "the file to be written", Names::file).required()},
                 plan}),
      starting({"repair apply",
                "Write the rows of a repair file, each if it is still as the file says",
                "bdrmesh repair apply repair.json",
                {argument("FILE", "what repair plan wrote", Names::file).required(),
                 number("--deletes", "how many rows it deletes, as confirmation").or_else("0")},
                apply})};
}

}  // namespace bdrmesh
