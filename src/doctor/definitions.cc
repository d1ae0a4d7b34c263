#include "doctor/definitions.h"

#include <algorithm>

#include "model/table_filter.h"

namespace bdrmesh::doctor {
namespace {

/// A question each on every member: more would make the examination long.
constexpr std::size_t kMostTables = 300;
constexpr std::size_t kNamed = 5;

void read_names(const CheckContext& ctx, const ClusterName& member, Definitions& out) {
  const TableFilter filter(ctx.group.tables);
  for (const TableName& table : ctx.world.tidb(member).tables(ctx.call)) {
    if (!filter.matches(table) || out.tables.contains(table)) continue;
    if (out.tables.size() < kMostTables) {
      out.tables[table];
    } else {
      ++out.left_out;
    }
  }
}

}  // namespace

std::vector<TableName> Definitions::with(const std::vector<std::string>& signs) const {
  std::vector<TableName> found;
  for (const auto& [table, by_cluster] : tables) {
    const bool has = std::ranges::any_of(by_cluster, [&](const auto& one) {
      return one.second && std::ranges::any_of(signs, [&](const std::string& sign) {
               return one.second->find(sign) != std::string::npos;
             });
    });
    if (has) found.push_back(table);
  }
  return found;
}

const Definitions& definitions(CheckContext& ctx, Findings& findings) {
  if (ctx.definitions) return *ctx.definitions;
  auto read = std::make_shared<Definitions>();
  const std::vector<ClusterName> members = ctx.members_in(ctx.with_tidb);
  for (const ClusterName& member : members)
    ctx.asked(findings, member, "tables", [&] { read_names(ctx, member, *read); });
  for (const ClusterName& member : members) {
    ctx.asked(findings, member, "definitions of tables", [&] {
      for (auto& [table, by_cluster] : read->tables)
        by_cluster[member] = ctx.world.tidb(member).create_statement(table, ctx.call);
    });
  }
  ctx.definitions = read;
  return *read;
}

std::string named(const std::vector<TableName>& tables) {
  std::string text;
  for (std::size_t i = 0; i < std::min(tables.size(), kNamed); ++i)
    text += (i == 0 ? "" : ", ") + to_string(tables[i]);
  if (tables.size() > kNamed) text += " and " + std::to_string(tables.size() - kNamed) + " more";
  return text;
}

}  // namespace bdrmesh::doctor
