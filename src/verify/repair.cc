#include "verify/repair.h"

#include <algorithm>

#include "clients/catalogue/sql_catalogue_rows.h"

namespace bdrmesh::verify {
namespace {

Json values_json(const std::optional<RowValues>& values) {
  if (!values) return {};
  Json out = Json::array();
  for (const auto& value : *values) out.push_back(value ? Json(*value) : Json());
  return out;
}

std::optional<RowValues> values_from(const Json& json) {
  if (json.is_null()) return std::nullopt;
  RowValues values;
  for (const Json& one : json)
    values.push_back(one.is_null() ? std::nullopt : std::optional(one.get<std::string>()));
  return values;
}

Json version_json(const RowVersion& version) {
  return {{"hash", version.hash}, {"values", values_json(version.values)}};
}

RowVersion version_from(const Json& json) {
  return {get_required<std::string>(json, "hash"), values_from(json.at("values"))};
}

/// What makes a row that is like `from` like `to`.
std::string change_sql(const TableRead& read, const RowKey& key, const RowVersion& from,
                       const RowVersion& to) {
  if (!to.values) return sql_text::delete_row(read, key);
  if (!from.values) return sql_text::insert_row(read, *to.values);
  return sql_text::update_row(read, key, *to.values);
}

}  // namespace

std::size_t RepairRow::deletes() const {
  if (wanted.values) return 0;
  return static_cast<std::size_t>(
      std::ranges::count_if(change, [](const auto& one) { return one.second.values.has_value(); }));
}

std::optional<ClusterName> right_member(const std::string& rule, const DifferingRow& row) {
  if (rule == "majority") {
    const std::vector<ClusterName> agreed = majority(row);
    return agreed.empty() ? std::nullopt : std::optional(agreed.front());
  }
  const ClusterName named(rule);
  return row.hashes.contains(named) ? std::optional(named) : std::nullopt;
}

RepairRow draft(const TableRead& read, const RowKey& key, const ClusterName& right,
                const std::map<ClusterName, RowVersion>& versions) {
  RepairRow row;
  row.table = read.table;
  for (const ColumnRead& column : read.columns) row.columns.push_back(column.name);
  row.key = key;
  row.right = right;
  row.wanted = versions.at(right);
  for (const auto& [member, version] : versions) {
    if (version.hash != row.wanted.hash) row.change[member] = version;
  }
  return row;
}

Json to_json(const RepairRow& row, const TableRead& read) {
  Json out{{"schema", row.table.schema},
           {"table", row.table.table},
           {"key", row.key},
           {"columns", row.columns},
           {"right", row.right.value()},
           {"wanted", version_json(row.wanted)},
           {"change", Json::object()}};
  for (const auto& [member, version] : row.change) {
    out["change"][member.value()] = version_json(version);
    out["sql"][member.value()] = change_sql(read, row.key, version, row.wanted);
    out["undo"][member.value()] = change_sql(read, row.key, row.wanted, version);
  }
  return out;
}

RepairRow repair_row_from(const Json& json) {
  try {
    RepairRow row;
    row.table = {get_required<std::string>(json, "schema"),
                 get_required<std::string>(json, "table")};
    row.columns = get_required<std::vector<std::string>>(json, "columns");
    row.key = get_required<RowKey>(json, "key");
    row.right = ClusterName(get_required<std::string>(json, "right"));
    row.wanted = version_from(json.at("wanted"));
    for (const auto& [member, version] : json.at("change").items())
      row.change[ClusterName(member)] = version_from(version);
    return row;
  } catch (const Json::exception& e) {
    throw Error(ErrorKind::invalid, "BAD_REPAIR", std::string("no row of a repair: ") + e.what());
  }
}

}  // namespace bdrmesh::verify
