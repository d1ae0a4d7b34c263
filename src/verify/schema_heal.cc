#include "verify/schema_heal.h"

namespace bdrmesh::verify {
namespace {

std::string quoted(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
  return out + "`";
}

struct Part {
  std::string alter;  ///< "ALTER TABLE `s`.`t` "
  std::string name;   ///< quoted
  std::string wanted;
  std::string there;
};

std::string for_column(const Part& part) {
  if (part.there.empty()) return part.alter + "ADD COLUMN " + part.name + " " + part.wanted;
  if (part.wanted.empty()) return part.alter + "DROP COLUMN " + part.name;
  return part.alter + "MODIFY COLUMN " + part.name + " " + part.wanted;
}

std::string for_index(const Part& part) {
  if (part.name == "`PRIMARY`" || part.name == "``") return {};
  if (part.there.empty()) return part.alter + "ADD " + part.wanted;
  if (part.wanted.empty()) return part.alter + "DROP INDEX " + part.name;
  return part.alter + "DROP INDEX " + part.name + ", ADD " + part.wanted;
}

std::string for_constraint(const Part& part) {
  const std::string drop =
      (part.there.find("FOREIGN KEY") != std::string::npos ? "DROP FOREIGN KEY "
                                                           : "DROP CONSTRAINT ") +
      part.name;
  if (part.there.empty()) return part.alter + "ADD " + part.wanted;
  if (part.wanted.empty()) return part.alter + drop;
  return part.alter + drop + ", ADD " + part.wanted;
}

std::string for_option(const Part& part, const std::string& option) {
  const bool can = option == "COMMENT" || option == "COLLATE" || option == "CHARSET" ||
                   option == "TTL" || option == "TTL_JOB_INTERVAL" || option == "AUTO_ID_CACHE";
  if (!can || part.wanted.empty()) return {};
  return part.alter + option + " = " + part.wanted;
}

std::string statement(const Part& part, const std::string& kind, const std::string& raw) {
  if (kind == "column") return raw == "order" ? std::string() : for_column(part);
  if (kind == "index") return for_index(part);
  if (kind == "constraint") return for_constraint(part);
  if (kind == "option") return for_option(part, raw);
  return {};
}

}  // namespace

std::map<std::string, std::string> healing_statements(
    const SchemaDifference& difference, const TableName& table, const ClusterName& reference,
    const std::map<ClusterName, std::optional<std::string>>& definitions) {
  std::map<std::string, std::string> out;
  const auto right = difference.fragments.find(reference);
  if (difference.severity == Severity::legitimate || right == difference.fragments.end())
    return out;
  const std::size_t space = difference.what.find(' ');
  const std::string kind = difference.what.substr(0, space);
  const std::string raw =
      space == std::string::npos ? std::string() : difference.what.substr(space + 1);
  for (const auto& [cluster, there] : difference.fragments) {
    if (there == right->second) continue;
    std::string text;
    if (difference.what == "table") {
      const auto definition = definitions.find(reference);
      const bool missing = there.empty() && definition != definitions.end() && definition->second;
      if (missing) text = "USE " + quoted(table.schema) + "; " + *definition->second;
    } else {
      text = statement({"ALTER TABLE " + quoted(table.schema) + "." + quoted(table.table) + " ",
                        quoted(raw), right->second, there},
                       kind, raw);
    }
    if (!text.empty()) out[cluster.value()] = text;
  }
  return out;
}

}  // namespace bdrmesh::verify
