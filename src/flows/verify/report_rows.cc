// What a row verification proved, put together from what its tables left.
#include <algorithm>

#include "flows/verify/row_steps.h"
#include "verify/coverage_book.h"

namespace bdrmesh::flows {
namespace {

struct Totals {
  std::uint64_t rows = 0;
  std::uint64_t different = 0;
  std::uint64_t unstable = 0;
  bool incomplete = false;
};

void add_not_proven(Json& report, Totals& totals, const std::string& table,
                    const std::string& why) {
  report["not_proven"].push_back({{"table", table}, {"why", why}});
  totals.incomplete = true;
}

void add_result(Json& report, Totals& totals, Json& table, const std::string& name,
                const Json& result) {
  const Json different = get_or(result, "different", Json::array());
  const Json unstable = get_or(result, "unstable", Json::array());
  for (Json row : different) {
    row["table"] = name;
    report["differences"].push_back(std::move(row));
  }
  for (Json row : unstable) {
    row["table"] = name;
    report["unstable"].push_back(std::move(row));
  }
  table["different"] = different.size();
  table["unstable"] = unstable.size();
  totals.different += different.size();
  totals.unstable += unstable.size();
  if (!unstable.empty())
    add_not_proven(report, totals, name,
                   std::to_string(unstable.size()) + " rows kept changing while they were read");
  for (const Json& range : get_or(result, "not_searched", Json::array())) {
    // Known to differ: only which rows is not known.
    ++totals.different;
    add_not_proven(report, totals, name,
                   "more rows differ than are listed, in " + range.get<std::string>());
  }
  for (const Json& why : get_or(result, "not_proven", Json::array()))
    add_not_proven(report, totals, name, why.get<std::string>());
}

Json table_report(Json& report, Totals& totals, const std::string& name,
                  const std::optional<Json>& pass, const std::optional<Json>& result) {
  Json table{{"table", name}};
  if (!pass) {
    add_not_proven(report, totals, name, "it was not read");
    return table;
  }
  const auto rows = get_or<std::uint64_t>(*pass, "rows_compared", 0);
  totals.rows += rows;
  table["rows"] = rows;
  table["chunks"] = get_or<std::uint64_t>(*pass, "chunks", 0);
  table["took_ms"] = get_or<std::int64_t>(*pass, "took_ms", 0);
  table["rows_per_second"] = get_or<std::uint64_t>(*pass, "rows_per_second", 0);
  table["derived"] = get_or(*pass, "derived", Json::array());
  for (const Json& why : get_or(*pass, "not_proven", Json::array()))
    add_not_proven(report, totals, name, why.get<std::string>());
  if (!get_or(*pass, "complete", false))
    add_not_proven(report, totals, name,
                   "it was not read to the end: only " + std::to_string(rows) + " rows");
  if (const auto opaque = get_or<std::uint64_t>(*pass, "opaque", 0); opaque > 0)
    add_not_proven(report, totals, name,
                   std::to_string(opaque) + " rows are longer than max_allowed_packet");
  if (result) add_result(report, totals, table, name, *result);
  return table;
}

/// Rows that are equal now were carried, or never had to be: what lay between an incarnation and
/// its predecessor is proven with them (design §1, continuous).
void close_gaps(const FlowPorts& ports, const GroupName& group, StepContext& ctx) {
  LinkBook& links = ports.links;
  for (LinkIncarnation one : links.incarnations(group)) {
    if (one.removed) continue;
    const auto detail = ports.world.ticdc(one.link.from).find(one.changefeed, ctx.call());
    if (!detail || detail->start_ts <= one.start) continue;
    one.start = detail->start_ts;  // moved by somebody else
    links.put(one);
  }
  const std::vector<LinkIncarnation> book = links.incarnations(group);
  for (const LinkIncarnation& one : book) {
    if (one.removed || !gap_before(book, one.changefeed)) continue;
    const LinkIncarnation* before = nullptr;
    for (const LinkIncarnation& other : book) {
      if (other.link != one.link || other.number >= one.number) continue;
      if (before == nullptr || other.number > before->number) before = &other;
    }
    links.proven(group, one.link, before->changefeed, one.start, ctx.now());
    ctx.event("info", "all rows are equal: the gap before changefeed " + one.changefeed.value() +
                          " is closed");
  }
}

void note_coverage(verify::CoverageBook& book, const Json& report, const StepContext& ctx) {
  const auto names = [&](const char* list, const std::string& table) {
    return std::ranges::any_of(report.at(list),
                               [&](const Json& one) { return one.at("table") == table; });
  };
  for (const Json& table : report.at("tables")) {
    const auto name = get_required<std::string>(table, "table");
    const auto dot = name.find('.');
    verify::TableLook look;
    look.group = GroupName(get_required<std::string>(report, "group"));
    look.table = {name.substr(0, dot), name.substr(dot + 1)};
    look.operation = ctx.operation();
    look.mode = get_required<std::string>(report, "mode");
    look.verdict = names("differences", name)  ? "differences"
                   : names("not_proven", name) ? "incomplete"
                                               : "equal";
    look.rows = get_or<std::uint64_t>(table, "rows", 0);
    look.positions = get_or(report, "positions", Json::object());
    book.looked(look, ctx.now());
  }
}

}  // namespace

Verdict ReportRows::verify(StepContext& ctx) {
  return ctx.fact(run_fact("verification", args_), "") ? holds() : not_yet("the report");
}

void ReportRows::execute(StepContext& ctx) {
  Json report{{"level", "rows"},
              {"group", get_required<std::string>(args_, "group")},
              {"mode", get_required<std::string>(args_, "mode")},
              {"members", get_required<Json>(args_, "members")},
              {"at", to_rfc3339(ctx.now())},
              {"tables", Json::array()},
              {"differences", Json::array()},
              {"unstable", Json::array()},
              {"not_proven", Json::array()}};
  for (const Fact& cut : ctx.facts("snapshot"))
    report["positions"][cut.scope] = cut.value.at("tso");
  Totals totals;
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    const std::string name = to_string(table);
    report["tables"].push_back(table_report(report, totals, name,
                                            ctx.fact(run_fact("rows_pass", args_), name),
                                            ctx.fact(run_fact("rows_result", args_), name)));
  }
  report["rows"] = totals.rows;
  report["different"] = totals.different;
  report["unproven"] = report["not_proven"].size();
  report["verdict"] = totals.different > 0 ? "differences"
                      : totals.incomplete  ? "incomplete"
                                           : "equal";
  if (ports_.coverage != nullptr) note_coverage(*ports_.coverage, report, ctx);
  if (report["verdict"] == "equal" && get_or(args_, "whole_group", false))
    close_gaps(ports_, GroupName(get_required<std::string>(args_, "group")), ctx);
  ctx.set_fact({run_fact("verification", args_), "", FactLife::durable, std::move(report)});
}

}  // namespace bdrmesh::flows
