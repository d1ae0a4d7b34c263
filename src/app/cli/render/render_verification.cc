#include "app/cli/render/render_verification.h"

#include <map>
#include <vector>

#include "app/cli/render/render_text.h"
#include "app/cli/render/text_table.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kMostShown = 40;

std::string joined(const Json& list) {
  std::string out;
  for (const Json& one : list) out += (out.empty() ? "" : ", ") + value_text(one);
  return out;
}

void field(std::string& out, const std::string& name, const std::string& value) {
  out += "  " + name + std::string(name.size() < 20 ? 20 - name.size() : 1, ' ') + value + "\n";
}

/// The columns in which a member's row is not as the others', with its values.
std::string version_text(const Json& row, const std::string& member) {
  const Json& hash = part_of(part_of(row, "hashes"), member.c_str());
  if (hash.is_string() && hash.get_ref<const std::string&>().empty()) return "has no such row";
  const Json& values = part_of(part_of(row, "values"), member.c_str());
  std::string text;
  for (const Json& column : list_of(row, "columns")) {
    const Json& value = part_of(values, column.get_ref<const std::string&>().c_str());
    text += (text.empty() ? "" : ", ") + column.get<std::string>() + " = " +
            (value.is_null() ? "NULL" : "'" + value_text(value) + "'");
  }
  const Json& count = part_of(part_of(row, "counts"), member.c_str());
  if (count.is_number()) text += value_text(count) + " times";
  return text.empty() ? "has it" : text;
}

std::string row_text(const Json& row) {
  std::string out = "  " + text_of(row, "table") + " (" + joined(list_of(row, "key")) + ")";
  if (!list_of(row, "majority").empty()) out += "   " + joined(list_of(row, "majority")) + " agree";
  out += "\n";
  std::map<std::string, std::vector<std::string>> members;
  for (const auto& [member, hash] : part_of(row, "hashes").items())
    members[version_text(row, member)].push_back(member);
  for (const auto& [version, names] : members) {
    std::string who;
    for (const std::string& name : names) who += (who.empty() ? "" : ", ") + name;
    out += "    " + who + std::string(who.size() < 20 ? 20 - who.size() : 1, ' ') + version + "\n";
  }
  return out;
}

std::string definition_text(const Json& one) {
  std::string out =
      "  " + text_of(one, "table") + " " + text_of(one, "what") + ": " + text_of(one, "why") + "\n";
  for (const auto& [member, fragment] : part_of(one, "fragments").items()) {
    const std::string text = fragment.get_ref<const std::string&>();
    out += "    " + member + std::string(member.size() < 10 ? 10 - member.size() : 1, ' ') +
           (text.empty() ? "(none)" : clipped(text, 200)) + "\n";
  }
  for (const auto& [member, statement] : part_of(one, "heal").items())
    out += "    → on " + member + ": " + clipped(value_text(statement), 300) + "\n";
  return out;
}

void add_list(std::string& out, const Json& verification, const char* key, const char* title,
              std::string (*text)(const Json&)) {
  const Json& list = list_of(verification, key);
  if (list.empty()) return;
  out += std::string("\n") + title + ":\n";
  std::size_t shown = 0;
  for (const Json& one : list) {
    if (++shown > kMostShown) {
      out += "  … and " + std::to_string(list.size() - kMostShown) + " more: -o json\n";
      return;
    }
    out += text(one);
  }
}

std::string not_proven_text(const Json& one) {
  return "  " + text_of(one, "table") + ": " + text_of(one, "why") + "\n";
}

std::string not_written_text(const Json& one) {
  return "  " + text_of(one, "table") + " (" + joined(list_of(one, "key")) + ") on " +
         text_of(one, "cluster") + ": " + text_of(one, "outcome") + "\n";
}

std::string tables_text(const Json& tables) {
  TextTable table({"TABLE", "ROWS", "ROWS/S", "CHUNKS", "DIFFERENT", "UNSTABLE"});
  for (const Json& one : tables) {
    table.row({text_of(one, "table"), text_of(one, "rows"), text_of(one, "rows_per_second"),
               text_of(one, "chunks"), text_of(one, "different"), text_of(one, "unstable")});
  }
  return table.empty() ? "" : "\n" + table.text(2);
}

}  // namespace

std::string render_coverage(const Json& coverage) {
  TextTable table({"GROUP", "TABLE", "LAST PROVEN EQUAL", "MODE", "ROWS", "BY", "LAST LOOK"});
  for (const Json& one : list_of(coverage, "tables")) {
    const bool proven = one.contains("proven_at") && one.at("proven_at").is_string();
    table.row({text_of(one, "group"), text_of(one, "table"),
               proven ? text_of(one, "proven_at") : "never", text_of(one, "mode"),
               text_of(one, "rows"), text_of(one, "proven_by"),
               text_of(one, "verdict") + " " + text_of(one, "looked_at")});
  }
  return table.empty()
             ? "no table was compared yet: bdrmesh verify run --group GROUP --level rows\n"
             : table.text();
}

std::string render_verification(const Json& verification) {
  const bool schema = text_of(verification, "level") == "schema";
  std::string out;
  field(out, "verdict", text_of(verification, "verdict"));
  field(out, "level", text_of(verification, "level"));
  if (part_of(verification, "mode").is_string()) field(out, "mode", text_of(verification, "mode"));
  if (part_of(verification, "rows").is_number()) field(out, "rows", text_of(verification, "rows"));
  for (const auto& [member, tso] : part_of(verification, "positions").items())
    field(out, "as of, on " + member, evidence_value(tso));
  if (part_of(verification, "tables").is_array())
    out += tables_text(list_of(verification, "tables"));
  add_list(out, verification, "differences", "differences", schema ? definition_text : row_text);
  add_list(out, verification, "warnings", "warnings", definition_text);
  add_list(out, verification, "legitimate", "may differ", definition_text);
  add_list(out, verification, "unstable", "kept changing", row_text);
  add_list(out, verification, "not_written", "left alone", not_written_text);
  add_list(out, verification, "not_proven", "not proven", not_proven_text);
  return out;
}

}  // namespace bdrmesh
