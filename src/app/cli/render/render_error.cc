#include "app/cli/client/problem.h"
#include "app/cli/command/exit_code.h"
#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/config/config_fields.h"

namespace bdrmesh {
namespace {

const Json& evidence_of(const Error& error) {
  static const Json kNone;
  const auto* problem = dynamic_cast<const ApiProblem*>(&error);
  return problem == nullptr ? kNone : problem->evidence();
}

/// What the plan saw beside what is now.
std::string changed_table(const Json& changed) {
  TextTable table({"WHAT CHANGED", "PLANNED", "NOW"});
  for (const Json& one : changed)
    table.row({text_of(one, "what"), text_of(one, "planned"), text_of(one, "now")});
  return table.empty() ? "" : table.text(2);
}

/// `'east', 'west'` or `known: east, west`: the names after the colon of a remedy.
std::vector<std::string> names_in(const std::string& remedy) {
  const std::size_t colon = remedy.find(':');
  std::vector<std::string> names;
  if (colon == std::string::npos) return names;
  std::string name;
  for (const char c : remedy.substr(colon + 1) + ",") {
    if (c == ',' || c == ';') {
      if (!name.empty()) names.push_back(name);
      name.clear();
    } else if (c != ' ' && c != '\'' && c != '\n') {
      name += c;
    }
  }
  return names;
}

std::string quoted_in(const std::string& text) {
  const std::size_t begin = text.find('\'');
  const std::size_t end = begin == std::string::npos ? begin : text.find('\'', begin + 1);
  return end == std::string::npos ? "" : text.substr(begin + 1, end - begin - 1);
}

}  // namespace

std::string remedy_of(const Error& error) {
  if (!error.code().starts_with("UNKNOWN_")) return error.remedy();
  const std::string wrong = quoted_in(error.message());
  const std::string meant = wrong.empty() ? "" : nearest(wrong, names_in(error.remedy()));
  return meant.empty() ? error.remedy() : "did you mean '" + meant + "'? " + error.remedy();
}

std::string render_error(const Error& error) {
  const bool certain = exit_code_of(error) == ExitCode::refused;
  std::string out = (certain ? "refused (" : "failed (") + error.code() +
                    "): " + printable(error.message()) + "\n";
  out += changed_table(list_of(evidence_of(error), "changed"));
  const std::string remedy = remedy_of(error);
  if (!remedy.empty()) out += "→ " + printable(remedy) + "\n";
  return out;
}

std::string render_error_as_json(const Error& error, int exit_code) {
  const Json evidence = evidence_of(error);
  const Json problem{
      {"code", error.code()},       {"kind", std::string(to_string(error.kind()))},
      {"detail", error.message()},  {"evidence", evidence.is_object() ? evidence : Json::object()},
      {"remedy", remedy_of(error)}, {"exit_code", exit_code}};
  return problem.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace bdrmesh
