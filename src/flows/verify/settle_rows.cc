// Which of the rows in differing ranges differ for good.
#include <algorithm>

#include "flows/verify/row_steps.h"
#include "verify/live_judge.h"
#include "verify/row_ranges.h"

namespace bdrmesh::flows {
namespace {

constexpr std::size_t kShown = 50;       ///< rows of a table whose values are shown
constexpr std::size_t kShownText = 120;  ///< bytes of one value
constexpr int kRounds = 8;

std::vector<verify::DifferingRow> rows_from(const Json& list) {
  std::vector<verify::DifferingRow> rows;
  for (const Json& one : list) rows.push_back(verify::differing_row_from(one));
  return rows;
}

Json to_list(const std::vector<verify::DifferingRow>& rows) {
  Json list = Json::array();
  for (const verify::DifferingRow& row : rows) list.push_back(verify::to_json(row));
  return list;
}

void append(Json& list, const Json& more) {
  for (const Json& one : more) list.push_back(one);
}

/// The beginning of a text, ending between two characters.
std::string shortened(const std::string& text) {
  if (text.size() <= kShownText) return text;
  std::size_t end = kShownText;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "… (" + std::to_string(text.size()) + " bytes)";
}

Json values_json(const TableRead& read, const RowValues& values) {
  Json out = Json::object();
  for (std::size_t i = 0; i < read.columns.size(); ++i)
    out[read.columns[i].name] = values[i] ? Json(shortened(*values[i])) : Json();
  return out;
}

/// Columns in which the members' versions differ; all of them where one has no such row.
Json differing_columns(const TableRead& read, const std::map<ClusterName, RowValues>& versions) {
  Json out = Json::array();
  for (std::size_t i = 0; i < read.columns.size(); ++i) {
    const bool same = std::ranges::all_of(
        versions, [&](const auto& one) { return one.second[i] == versions.begin()->second[i]; });
    if (!same) out.push_back(read.columns[i].name);
  }
  return out;
}

Json shown_row(const TableRead& read, const verify::DifferingRow& row,
               const std::map<ClusterName, std::unique_ptr<TableReader>>& readers,
               const Call& call) {
  Json out = verify::to_json(row);
  Json agreed = Json::array();
  for (const ClusterName& member : verify::majority(row)) agreed.push_back(member.value());
  if (!agreed.empty()) out["majority"] = agreed;
  if (read.key.empty()) return out;
  std::map<ClusterName, RowValues> versions;
  for (const auto& [member, reader] : readers) {
    auto values = reader->values(read, row.key, call);
    out["values"][member.value()] = values ? values_json(read, *values) : Json();
    if (values) versions[member] = std::move(*values);
  }
  if (versions.size() > 1) out["columns"] = differing_columns(read, versions);
  return out;
}

Json ranges_json(const TableRead& read, const std::vector<KeyRange>& ranges) {
  Json out = Json::array();
  for (const KeyRange& range : ranges) out.push_back(verify::describe(read, range));
  return out;
}

}  // namespace

Verdict SettleRows::conclude(StepContext& ctx, Json result) {
  ctx.set_fact({fact_name("rows_result"), scope(), FactLife::durable, std::move(result)});
  return holds();
}

Verdict SettleRows::verify(StepContext& ctx) {
  if (ctx.fact(fact_name("rows_result"), scope())) return holds();
  // A person may have skipped the comparison: the report says so.
  const Json pass = ctx.fact(fact_name("rows_pass"), scope())
                        .value_or(Json{{"not_compared", true}, {"differing", Json::array()}});
  if (get_or(pass, "not_compared", false) || pass.at("differing").empty())
    return conclude(ctx, Json::object());
  const verify::MakeReader make = readers(ctx);
  const Agreed agreed = agree(make, ctx.call());
  if (!agreed.read) {
    return conclude(ctx, {{"not_proven", {"the definition changed while rows were compared"}}});
  }
  return cut() ? search_at_cut(ctx, pass, agreed) : settle_live(ctx, pass, agreed);
}

Json SettleRows::shown(const TableRead& read, const std::vector<Json>& rows,
                       const verify::MakeReader& make, const Call& call) const {
  std::map<ClusterName, std::unique_ptr<TableReader>> readers;
  for (const ClusterName& member : members_) readers[member] = make(member, 0);
  Json out = Json::array();
  for (const Json& one : rows) {
    out.push_back(out.size() < kShown
                      ? shown_row(read, verify::differing_row_from(one), readers, call)
                      : one);
  }
  return out;
}

verify::SearchOptions SettleRows::search_options() const {
  verify::SearchOptions options;
  options.readers_per_member = get_or<std::size_t>(args_, "readers", options.readers_per_member);
  return options;
}

Verdict SettleRows::search_at_cut(StepContext& ctx, const Json& pass, const Agreed& agreed) {
  const verify::MakeReader make = readers(ctx);
  verify::RowSearch search(*agreed.read, members_, make, ports_.clock, search_options());
  const verify::SearchResult found =
      search.search(verify::pass_state_from(pass).differing, ctx.call());
  const Json list = to_list(found.rows);
  return conclude(ctx,
                  {{"different", shown(*agreed.read, {list.begin(), list.end()}, make, ctx.call())},
                   {"not_searched", ranges_json(*agreed.read, found.not_searched)}});
}

std::string SettleRows::waiting_for_links(const Json& positions, const Call& call) const {
  for (const Json& one : get_required<Json>(args_, "links")) {
    const ClusterName from(get_required<std::string>(one, "from"));
    const Link link{from, ClusterName(get_required<std::string>(one, "to"))};
    const Tso position = parse_tso(get_required<std::string>(positions, from.value().c_str()));
    const auto feed = ports_.feeds.look(from, ports_.clock.mono() - Millis{15}, call)
                          ->find(ChangefeedId(get_required<std::string>(one, "changefeed")));
    if (feed && feed->state == "normal" && feed->checkpoint > position) continue;
    return to_string(link) + " to pass the reading" +
           (feed ? ": it is " + feed->state + " at " + to_string(feed->checkpoint)
                 : ": its changefeed is not on the list");
  }
  return {};
}

Verdict SettleRows::settle_live(StepContext& ctx, const Json& pass, const Agreed& agreed) {
  Json round = ctx.fact(fact_name("rows_round"), scope()).value_or(Json());
  if (round.is_null()) {
    round = {{"number", 0},
             {"positions", pass.at("positions")},
             {"since_ms", to_millis(ctx.now())},
             {"different", Json::array()},
             {"not_searched", Json::array()},
             {"suspects", Json::array()}};
  }
  const auto keep = [&] {
    ctx.set_fact({fact_name("rows_round"), scope(), FactLife::durable, round});
    ctx.checkpoint();
  };
  if (const std::string waiting = waiting_for_links(round.at("positions"), ctx.call());
      !waiting.empty()) {
    const std::int64_t waited = to_millis(ctx.now()) - round.at("since_ms").get<std::int64_t>();
    if (waited < get_or<std::int64_t>(args_, "patience_ms", 60000)) {
      keep();
      return not_yet(waiting);
    }
    return conclude(ctx, {{"different", round.at("different")},
                          {"not_searched", round.at("not_searched")},
                          {"unstable", round.at("suspects")},
                          {"not_proven", {"what differs is not settled, waiting for " + waiting}}});
  }
  const verify::MakeReader make = readers(ctx);
  verify::RowSearch search(*agreed.read, members_, make, ports_.clock, search_options());
  const int number = round.at("number").get<int>();
  const std::vector<verify::DifferingRow> before = rows_from(round.at("suspects"));
  std::vector<verify::DifferingRow> still;
  if (number == 0 || agreed.read->key.empty()) {
    // The last range of a pass has no end: rows that came meanwhile belong to it.
    const verify::SearchResult found =
        search.search(verify::pass_state_from(pass).differing, ctx.call());
    still = found.rows;
    round["not_searched"] = ranges_json(*agreed.read, found.not_searched);
  } else {
    still = search.again(before, ctx.call());
  }
  verify::Settled settled;
  if (number == 0) {
    settled.moving = std::move(still);
  } else {
    settled = verify::judge(before, still);
  }
  append(round["different"], to_list(settled.different));
  round["suspects"] = to_list(settled.moving);
  round["number"] = number + 1;
  round["since_ms"] = to_millis(ctx.now());
  round["positions"] = positions(ctx);
  if (!settled.moving.empty() && number < kRounds) {
    keep();
    return not_yet(std::to_string(settled.moving.size()) + " rows of " + scope() +
                   " that differ to be read again");
  }
  const Json& different = round.at("different");
  return conclude(
      ctx,
      {{"different", shown(*agreed.read, {different.begin(), different.end()}, make, ctx.call())},
       {"unstable", round.at("suspects")},
       {"rounds", number + 1},
       {"not_searched", round.at("not_searched")}});
}

}  // namespace bdrmesh::flows
