#include <algorithm>

#include "doctor/checks.h"
#include "model/table_filter.h"

namespace bdrmesh::doctor {
namespace {

constexpr std::size_t kNamed = 5;

std::string listed(const std::vector<TableName>& tables) {
  std::string text;
  for (std::size_t i = 0; i < std::min(tables.size(), kNamed); ++i)
    text += (i == 0 ? "" : ", ") +
            (tables[i].schema.empty() ? "a table " + tables[i].table : to_string(tables[i]));
  return tables.size() > kNamed ? text + " and " + std::to_string(tables.size() - kNamed) + " more"
                                : text;
}

/// TiCDC itself says which tables it can carry; the answer is the same for each target, so any
/// link's sink does.
void judge(const CheckContext& ctx, const Link& link, Findings& findings) {
  TicdcClient& ticdc = ctx.world.ticdc(link.from);
  const Json config{{"bdr_mode", ctx.group.kind == GroupKind::multi_active},
                    {"filter", {{"rules", ctx.group.tables}}}};
  const EligibleTables told =
      ticdc.verify_table(ticdc.tso(ctx.call), ctx.world.sink_uri(link), config, ctx.call);
  const TableFilter filter(ctx.group.tables);
  std::vector<TableName> keyless;
  // Of v8.5.4 and v8.5.5 the new architecture tells names without their schemas (ticdc-api
  // §1.5.10).
  const auto nameless = [](const TableName& table) { return table.schema.empty(); };
  std::ranges::copy_if(told.ineligible, std::back_inserter(keyless), [&](const TableName& table) {
    return nameless(table) || filter.matches(table);
  });
  if (!keyless.empty()) {
    findings.error(
        "TABLE_WITHOUT_KEY", link.from,
        "TiCDC of " + link.from.value() + " cannot carry " + listed(keyless) +
            ": no primary key and no unique key over NOT NULL columns",
        "add a primary key, or leave the table out of `tables` of group " + ctx.group.name.value());
  } else if (told.eligible.empty()) {
    findings.warn(
        "NO_TABLES", link.from,
        "the rules of group " + ctx.group.name.value() + " take no table of " + link.from.value(),
        "check `tables` of the group");
  } else {
    findings.ok("TABLES", link.from,
                std::to_string(told.eligible.size()) + " tables can be carried" +
                    (std::ranges::any_of(told.eligible, nameless)
                         ? "; this TiCDC does not tell their schemas: all that counts is that it "
                           "refuses none"
                         : ""));
  }
}

}  // namespace

std::vector<Finding> Tables::run(CheckContext& ctx) const {
  Findings findings;
  std::set<ClusterName> judged;
  for (const Link& link : ctx.group.links()) {
    if (!ctx.with_ticdc.contains(link.from) || !judged.insert(link.from).second) continue;
    ctx.asked(findings, link.from, "tables of " + link.from.value(),
              [&] { judge(ctx, link, findings); });
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
