#include "flows/stop/stop_proofs.h"

#include <algorithm>

#include "flows/group/whole_link.h"
#include "flows/seen.h"
#include "flows/verify/row_steps.h"
#include "mesh/feed_config.h"
#include "verify/certificate.h"
#include "verify/schema_compare.h"

namespace bdrmesh::flows {
namespace {

std::string joined(const Json& list, std::size_t most) {
  std::string text;
  std::size_t shown = 0;
  for (const Json& one : list) {
    if (++shown > most) return text + " … and " + std::to_string(list.size() - most) + " more";
    text += (text.empty() ? "" : ", ") + (one.is_string() ? one.get<std::string>() : one.dump());
  }
  return text;
}

std::string key_of(const Json& row) {
  return get_or<std::string>(row, "table", "?") + " (" +
         joined(get_or(row, "key", Json::array()), 8) + ")";
}

Json texts_of(const Json& not_proven) {
  Json texts = Json::array();
  for (const Json& one : not_proven)
    texts.push_back(get_or<std::string>(one, "table", "?") + ": " +
                    get_or<std::string>(one, "why", "?"));
  return texts;
}

/// What no digest will take at the cut either, table by table.
struct Unread {
  Json tables = Json::array();  ///< not compared at all
  Json parts = Json::array();   ///< compared but for this
};

Unread unread_of(const StepContext& ctx, const Json& args) {
  Unread unread;
  for (const Fact& pass : ctx.facts(run_fact("rows_pass", args))) {
    const bool whole_table = get_or(pass.value, "not_compared", false);
    for (const Json& why : get_or(pass.value, "not_proven", Json::array()))
      (whole_table ? unread.tables : unread.parts)
          .push_back(pass.scope + ": " + why.get<std::string>());
    if (get_or<std::uint64_t>(pass.value, "opaque", 0) > 0)
      unread.parts.push_back(pass.scope + ": rows longer than max_allowed_packet");
  }
  return unread;
}

/// Every table was compared to its end, but for what was accepted beforehand.
bool all_read(const StepContext& ctx, const Json& args) {
  for (const TableName& table : tables_from(get_required<Json>(args, "tables"))) {
    const auto pass = ctx.fact("rows_pass", to_string(table));
    const auto result = ctx.fact("rows_result", to_string(table));
    if (!pass || !get_or(*pass, "complete", false) || get_or(*pass, "not_compared", false) ||
        !result || !get_or(*result, "not_proven", Json::array()).empty())
      return false;
  }
  return get_or(args, "accept_unproven", false) || unread_of(ctx, args).parts.empty();
}

}  // namespace

bool is_proven(const StepContext& ctx) {
  const auto proof = ctx.fact("proof", "");
  return proof && get_or(*proof, "holds", false);
}

Verdict RequireRowsProven::verify(StepContext& ctx) {
  const Json report = require_fact(ctx, run_fact("verification", args_), "");
  const std::string show = "bdrmesh verify show " + ctx.operation();
  if (const auto different = get_or<std::uint64_t>(report, "different", 0); different > 0) {
    const Json rows = get_or(report, "differences", Json::array());
    return refused(
        "ROWS_DIFFER",
        std::to_string(different) + " rows are not the same on all members" +
            (rows.empty() ? "" : ", first: " + key_of(rows.front())),
        show + ", then bdrmesh repair plan " + ctx.operation() + " --right NAME --out repair.json");
  }
  const Unread unread = unread_of(ctx, args_);
  if (!unread.tables.empty()) {
    return refused("ROWS_NOT_COMPARED", joined(unread.tables, 3),
                   "bdrmesh verify run --group " + get_required<std::string>(args_, "group") +
                       " --level schema");
  }
  if (!unread.parts.empty() && !get_or(args_, "accept_unproven", false)) {
    return refused(
        "ROWS_UNPROVEN", "no digest takes " + joined(unread.parts, 3),
        show + "; if that is good enough: --accept-unproven, and the certificate lists it");
  }
  return holds();
}

Verdict RequireEqualSchemas::verify(StepContext& ctx) {
  if (ctx.fact("schemas", "")) return holds();
  Json seen{
      {"differences", Json::array()}, {"warnings", Json::array()}, {"legitimate", Json::array()}};
  const std::vector<TableName> tables = tables_from(get_required<Json>(args_, "tables"));
  for (const TableName& table : tables) {
    std::map<ClusterName, std::optional<std::string>> definitions;
    for (const Json& member : get_required<Json>(args_, "members")) {
      const ClusterName name(member.get<std::string>());
      definitions[name] = ports_.world.tidb(name).create_statement(table, ctx.call());
    }
    for (const verify::SchemaDifference& one : verify::compare_definitions(definitions, table)) {
      const char* list = one.severity == verify::Severity::differs   ? "differences"
                         : one.severity == verify::Severity::warning ? "warnings"
                                                                     : "legitimate";
      seen[list].push_back(to_string(table) + ": " + one.what);
    }
  }
  if (!seen["differences"].empty()) {
    return refused("SCHEMAS_DIFFER", joined(seen["differences"], 3),
                   "bdrmesh verify run --group " + get_required<std::string>(args_, "group") +
                       " --level schema shows how, and what would heal it");
  }
  seen["tables"] = tables.size();
  ctx.set_fact({"schemas", "", FactLife::durable, std::move(seen)});
  return holds();
}

Verdict DigestSchema::verify(StepContext& ctx) {
  const auto name = get_required<std::string>(args_, "fact");
  if (ctx.fact(name, scope())) return holds();
  std::string all;
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    const auto text = tidb().create_statement(table, ctx.call());
    all += to_string(table) + "\n" + (text ? settled_definition(*text) : "") + "\n";
  }
  const std::string digest = verify::sha256_hex(all);
  const auto before = get_or<std::string>(args_, "same_as", "");
  if (!before.empty() &&
      get_required<std::string>(require_fact(ctx, before, scope()), "sha256") != digest) {
    return refused(
        "SCHEMA_CHANGED",
        "a definition was changed on " + cluster().value() + " after the members were compared",
        "find out who runs DDL there (ADMIN SHOW DDL JOBS), then run the operation again");
  }
  ctx.set_fact({name,
                scope(),
                before.empty() ? FactLife::durable : FactLife::volatile_,
                {{"sha256", digest}}});
  return holds();
}

Verdict NoteCluster::verify(StepContext& ctx) {
  return ctx.fact("cluster", scope()) ? holds() : not_yet("what " + cluster().value() + " is");
}

void NoteCluster::execute(StepContext& ctx) {
  Json servers = Json::object();
  for (const TidbServerInfo& server : tidb().servers(ctx.call()))
    servers[server.address.value()] = server.version;
  const auto role = tidb().bdr_role(ctx.call());
  ctx.set_fact({"cluster",
                scope(),
                FactLife::durable,
                {{"servers", servers},
                 {"ticdc", ports_.world.ticdc(cluster()).server(ctx.call()).version},
                 {"source_id", tidb().source_id(ctx.call())},
                 {"role", role ? std::string(to_string(*role)) : "unknown"}}});
}

Verdict RequireWholeLink::as_wanted(const Call& call) const {
  if (!ports_.world.ticdc(link().from).find(changefeed(), call))
    return not_yet("the details of changefeed " + changefeed().value());
  const GroupName group(get_required<std::string>(args_, "group"));
  const auto lack = differs_from_wanted(ports_, group, link(), changefeed(), call);
  return lack ? refused(lack->code, lack->why, lack->remedy) : holds();
}

Verdict RequireWholeLink::carries_tables(const Call& call) const {
  const GroupSpec& group =
      ports_.desired.group(GroupName(get_required<std::string>(args_, "group")));
  const EligibleTables carried =
      ports_.world.ticdc(link().from)
          .verify_table(ports_.world.tidb(link().from).current_tso(call),
                        ports_.world.sink_uri(link()), wanted_replica_config(group, changefeed()),
                        call);
  // Of v8.5.4 and v8.5.5 the new architecture tells no schemas (ticdc-api §1.5.10): then it counts
  // that none of the filter's tables is ineligible, and the filter was compared before.
  const bool unnamed = std::ranges::any_of(
      carried.eligible, [](const TableName& table) { return table.schema.empty(); });
  if (unnamed && carried.ineligible.empty()) return holds();
  for (const TableName& table : tables_from(get_required<Json>(args_, "tables"))) {
    if (std::ranges::find(carried.eligible, table) != carried.eligible.end()) continue;
    return refused("TABLE_NOT_CARRIED",
                   "TiCDC of " + link().from.value() + " does not carry " + to_string(table),
                   "bdrmesh doctor --group " + group.name.value());
  }
  return holds();
}

Verdict RequireWholeLink::verify(StepContext& ctx) {
  if (Verdict verdict = as_wanted(ctx.call()); verdict.kind != Verdict::Kind::holds) return verdict;
  const GroupName group(get_required<std::string>(args_, "group"));
  if (const auto lack = is_not_continuous(ports_, group, link(), changefeed(), ctx.call()))
    return refused(lack->code, lack->why, lack->remedy);
  const std::vector<LinkIncarnation> book = ports_.links.incarnations(group);
  const auto own = std::ranges::find(book, changefeed(), &LinkIncarnation::changefeed);
  if (args_.contains("tables")) {
    if (Verdict verdict = carries_tables(ctx.call()); verdict.kind != Verdict::Kind::holds)
      return verdict;
  }
  Json value = tso_fact("started_at", own->start);
  value["changefeed"] = changefeed().value();
  value["incarnation"] = own->number;
  value["proven_until"] = to_string(own->proven);
  value["seen_at"] = to_rfc3339(ctx.now());
  const FactLife life = args_.contains("tables") ? FactLife::durable : FactLife::volatile_;
  ctx.set_fact({get_required<std::string>(args_, "fact"), scope(), life, std::move(value)});
  return holds();
}

Verdict ConcludeStop::verify(StepContext& ctx) {
  return ctx.fact("proof", "") ? holds() : not_yet("what all proofs amount to");
}

void ConcludeStop::execute(StepContext& ctx) {
  const Json report = require_fact(ctx, "verification", "");
  Json not_proven = texts_of(get_or(report, "not_proven", Json::array()));
  const bool rows_read = all_read(ctx, args_);
  bool stopped = true;
  for (const auto& link : get_required<std::vector<std::string>>(args_, "links")) {
    if (ctx.fact("stopped", link)) continue;
    stopped = false;
    not_proven.push_back("link " + link + ": its changefeed was not confirmed to be stopped");
  }
  const auto different = get_or<std::uint64_t>(report, "different", 0);
  const bool holds = different == 0 && rows_read && stopped;
  const std::string verdict = different > 0         ? "differences"
                              : !not_proven.empty() ? "incomplete"
                                                    : "equal";
  const auto group = get_required<std::string>(args_, "group");
  const std::string members = joined(get_required<Json>(args_, "members"), 99);
  const std::string statement =
      holds ? "the rows of " + std::to_string(get_or(report, "tables", Json::array()).size()) +
                  " tables of group " + group + " were equal on " + members +
                  " at the TSOs `snapshot`, after every link had carried all that was committed "
                  "before and every changefeed had stopped"
            : "the members of group " + group +
                  " were not proven equal; the changefeeds are paused and were not removed";
  ctx.set_fact({"proof",
                "",
                FactLife::durable,
                {{"holds", holds},
                 {"verdict", verdict},
                 {"statement", statement},
                 {"not_proven", std::move(not_proven)}}});
  if (holds) return;
  ctx.event("alarm", "not proven equal (" + verdict +
                         "): the changefeeds stay paused and nothing is removed; to replicate on: "
                         "bdrmesh group start " +
                         group + "; what differs: bdrmesh verify show " + ctx.operation());
}

}  // namespace bdrmesh::flows
