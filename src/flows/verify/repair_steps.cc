#include "flows/verify/repair_steps.h"

#include <algorithm>

#include "verify/table_read.h"

namespace bdrmesh::flows {
namespace {

constexpr std::size_t kBatch = 50;

std::vector<ClusterName> members_from(const Json& args) {
  std::vector<ClusterName> out;
  for (const Json& one : get_required<Json>(args, "members"))
    out.emplace_back(one.get<std::string>());
  return out;
}

/// Readers of all members, and how each table is read; asked for once per table.
class Readers {
 public:
  Readers(const FlowPorts& ports, const std::vector<ClusterName>& members) {
    for (const ClusterName& member : members)
      readers_[member] = ports.world.table_reader(member, std::nullopt, 0);
  }

  const TableRead& read(const TableName& table, const Call& call) {
    const auto known = reads_.find(table);
    if (known != reads_.end()) return known->second;
    std::optional<TableRead> agreed;
    for (const auto& [member, reader] : readers_) {
      const auto text = reader->definition(table, call);
      if (!text) {
        throw Error(ErrorKind::precondition, "TABLE_MISSING",
                    to_string(table) + " is not on " + member.value(),
                    "bdrmesh verify run --level schema");
      }
      TableRead one = verify::plan_reading(table, ddl::parse_table(*text)).read;
      if (agreed && !(one == *agreed)) {
        throw Error(ErrorKind::precondition, "SCHEMAS_DIFFER",
                    "columns or keys of " + to_string(table) + " differ between the members",
                    "bdrmesh verify run --level schema");
      }
      agreed = std::move(one);
    }
    if (agreed->key.empty()) {
      throw Error(ErrorKind::precondition, "NO_KEY",
                  "rows of " + to_string(table) + " have no key to repair them by",
                  "mend them by hand, or give the table a primary key");
    }
    return reads_.emplace(table, std::move(*agreed)).first->second;
  }

  verify::RowVersion version(const ClusterName& member, const TableRead& read, const RowKey& key,
                             const Call& call) {
    TableReader& reader = *readers_.at(member);
    verify::RowVersion version;
    for (const RowHash& one : reader.hashes_of(read, {key}, call)) {
      if (one.key == key) version.hash = one.hash;
    }
    if (!version.hash.empty()) version.values = reader.values(read, key, call);
    return version;
  }

 private:
  std::map<ClusterName, std::unique_ptr<TableReader>> readers_;
  std::map<TableName, TableRead> reads_;
};

TableName table_of(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos)
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT", "'" + name + "' names no table");
  return {name.substr(0, dot), name.substr(dot + 1)};
}

std::string outcome_word(PatchOutcome outcome) {
  switch (outcome) {
    case PatchOutcome::written:
      return "written";
    case PatchOutcome::stale:
      return "stale";
    case PatchOutcome::duplicate:
      return "duplicate";
  }
  return "stale";
}

Json members_of(const GroupSnapshot& snapshot) {
  Json members = Json::array();
  for (const ClusterName& name : snapshot.names()) members.push_back(name.value());
  return members;
}

}  // namespace

Verdict DraftRepair::verify(StepContext& ctx) {
  return ctx.fact("repair", "") ? holds() : not_yet("the rows to be read again");
}

void DraftRepair::execute(StepContext& ctx) {
  const std::vector<ClusterName> members = members_from(args_);
  const auto rule = get_required<std::string>(args_, "right");
  Readers readers(ports_, members);
  Json file{{"format", "bdrmesh repair 1"},
            {"group", get_required<std::string>(args_, "group")},
            {"right", rule},
            {"made_at", to_rfc3339(ctx.now())},
            {"rows", Json::array()},
            {"left_out", Json::array()}};
  for (const Json& one : get_required<Json>(args_, "rows")) {
    const TableName table = table_of(get_required<std::string>(one, "table"));
    verify::DifferingRow row = verify::differing_row_from(one);
    const TableRead& read = readers.read(table, ctx.call());
    std::map<ClusterName, verify::RowVersion> versions;
    for (const ClusterName& member : members) {
      versions[member] = readers.version(member, read, row.key, ctx.call());
      row.hashes[member] = versions[member].hash;
    }
    const auto leave_out = [&](const std::string& why) {
      file["left_out"].push_back({{"table", to_string(table)}, {"key", row.key}, {"why", why}});
    };
    const bool agree = std::ranges::all_of(row.hashes, [&](const auto& version) {
      return version.second == row.hashes.begin()->second;
    });
    const auto right = verify::right_member(rule, row);
    if (agree) {
      leave_out("the members agree by now");
    } else if (!right) {
      leave_out("no member is right by the rule '" + rule + "'");
    } else {
      file["rows"].push_back(verify::to_json(verify::draft(read, row.key, *right, versions), read));
    }
  }
  ctx.set_fact({"repair", "", FactLife::durable, std::move(file)});
}

Verdict WriteRepair::verify(StepContext& ctx) {
  const auto done = ctx.fact("repaired", scope());
  const std::size_t rows = get_required<Json>(args_, "rows").size();
  const auto next = done ? get_or<std::size_t>(*done, "next", 0) : 0;
  if (next >= rows) return holds();
  return not_yet(std::to_string(rows - next) + " rows to be written on " + cluster().value());
}

void WriteRepair::execute(StepContext& ctx) {
  const Json rows = get_required<Json>(args_, "rows");
  Json done =
      ctx.fact("repaired", scope()).value_or(Json{{"next", 0}, {"outcomes", Json::array()}});
  Readers readers(ports_, {cluster()});
  auto next = get_or<std::size_t>(done, "next", 0);
  while (next < rows.size()) {
    // One table per transaction: its locks are short, and its columns the same.
    const verify::RepairRow first = verify::repair_row_from(rows.at(next));
    const TableRead& read = readers.read(first.table, ctx.call());
    std::vector<std::string> columns;
    for (const ColumnRead& column : read.columns) columns.push_back(column.name);
    if (columns != first.columns) {
      throw Error(ErrorKind::precondition, "SCHEMA_CHANGED",
                  "the columns of " + to_string(first.table) + " are not those of the file",
                  "draft the repair again: bdrmesh repair plan");
    }
    std::vector<RowPatch> batch;
    const int source = ports_.desired.cluster(first.right).source_id;
    for (; next < rows.size() && batch.size() < kBatch; ++next) {
      const verify::RepairRow row = verify::repair_row_from(rows.at(next));
      if (row.table != first.table || row.right != first.right) break;
      batch.push_back({row.key, row.change.at(cluster()).hash, row.wanted.values, row.wanted.hash});
    }
    const auto outcomes = tidb().repair_rows(read, batch, source, ctx.call());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      done["outcomes"].push_back({{"table", to_string(first.table)},
                                  {"key", batch[i].key},
                                  {"outcome", outcome_word(outcomes[i])}});
    }
    done["next"] = next;
    ctx.set_fact({"repaired", scope(), FactLife::durable, done});
    ctx.checkpoint();
  }
}

Verdict RecheckRepair::verify(StepContext& ctx) {
  return ctx.fact("verification", "") ? holds() : not_yet("the rows to be read once more");
}

void RecheckRepair::execute(StepContext& ctx) {
  const std::vector<ClusterName> members = members_from(args_);
  Readers readers(ports_, members);
  Json report{{"level", "repair"},
              {"group", get_required<std::string>(args_, "group")},
              {"at", to_rfc3339(ctx.now())},
              {"differences", Json::array()},
              {"not_written", Json::array()}};
  for (const Fact& one : ctx.facts("repaired")) {
    for (Json outcome : get_or(one.value, "outcomes", Json::array())) {
      if (outcome.at("outcome") == "written") continue;
      outcome["cluster"] = one.scope;
      report["not_written"].push_back(std::move(outcome));
    }
  }
  std::size_t rows = 0;
  for (const Json& one : get_required<Json>(args_, "rows")) {
    const verify::RepairRow row = verify::repair_row_from(one);
    const TableRead& read = readers.read(row.table, ctx.call());
    verify::DifferingRow now;
    now.key = row.key;
    ++rows;
    for (const ClusterName& member : members)
      now.hashes[member] = readers.version(member, read, row.key, ctx.call()).hash;
    const bool agree = std::ranges::all_of(now.hashes, [&](const auto& version) {
      return version.second == now.hashes.begin()->second;
    });
    if (agree) continue;
    Json difference = verify::to_json(now);
    difference["table"] = to_string(row.table);
    report["differences"].push_back(std::move(difference));
  }
  report["rows"] = rows;
  report["different"] = report["differences"].size();
  report["unproven"] = report["not_written"].size();
  report["verdict"] = !report["differences"].empty()   ? "differences"
                      : !report["not_written"].empty() ? "incomplete"
                                                       : "equal";
  ctx.set_fact({"verification", "", FactLife::durable, std::move(report)});
}

Plan plan_repair_draft(const GroupSnapshot& snapshot, const Json& differences,
                       const std::string& right) {
  const std::string& group = snapshot.group.name.value();
  if (!differences.is_array() || differences.empty()) {
    throw Error(ErrorKind::invalid, "NO_DIFFERENCES", "there is nothing to repair",
                "bdrmesh verify run --group " + group + " --level rows");
  }
  const auto names = snapshot.names();
  const bool known =
      right == "majority" || std::ranges::find(names, ClusterName(right)) != names.end();
  if (!known) {
    throw Error(ErrorKind::invalid, "BAD_ARGUMENT",
                "'" + right + "' is neither a member of group " + group + " nor 'majority'");
  }
  PlanBuilder plan("repair.plan", "draft a repair of group " + group);
  plan.subject({{"group", group}, {"right", right}});
  PlannedStep step;
  step.type = "draft_repair";
  step.lane = LaneKind::slow;
  step.args = {
      {"group", group}, {"members", members_of(snapshot)}, {"right", right}, {"rows", differences}};
  plan.stage("draft").step(step);
  return plan.build();
}

Plan plan_repair_apply(const GroupSnapshot& snapshot, const Json& file, std::size_t deletes) {
  const std::string& group = snapshot.group.name.value();
  if (get_or<std::string>(file, "format", "") != "bdrmesh repair 1" ||
      get_or<std::string>(file, "group", "") != group) {
    throw Error(ErrorKind::invalid, "BAD_REPAIR", "this is no repair file of group " + group,
                "bdrmesh repair plan makes one");
  }
  const Json rows = get_required<Json>(file, "rows");
  std::map<ClusterName, Json> by_cluster;
  std::size_t found = 0;
  for (const Json& one : rows) {
    const verify::RepairRow row = verify::repair_row_from(one);
    found += row.deletes();
    for (const auto& [member, version] : row.change) {
      Json& list = by_cluster[member];
      if (list.is_null()) list = Json::array();
      list.push_back(one);
    }
  }
  if (found != deletes) {
    throw Error(ErrorKind::precondition, "DELETES_NOT_CONFIRMED",
                "this repair deletes " + std::to_string(found) + " rows",
                "read them in the file, then say --deletes " + std::to_string(found));
  }
  PlanBuilder plan("repair.apply", "repair rows of group " + group);
  plan.subject({{"group", group}, {"rows", rows.size()}, {"deletes", found}});
  plan.lock("verify:" + group);
  plan.stage("claim");
  for (const ClusterName& name : snapshot.names()) plan.step(on_cluster("claim_token", name));
  plan.stage("write");
  for (const ClusterName& name : snapshot.names()) {
    if (!by_cluster.contains(name)) continue;
    PlannedStep step = on_cluster("write_repair", name, {{"rows", by_cluster[name]}});
    step.lane = LaneKind::slow;
    plan.step(std::move(step));
  }
  PlannedStep recheck;
  recheck.type = "recheck_repair";
  recheck.lane = LaneKind::slow;
  recheck.args = {{"group", group}, {"members", members_of(snapshot)}, {"rows", rows}};
  plan.stage("look again").step(recheck);
  return plan.build();
}

}  // namespace bdrmesh::flows
