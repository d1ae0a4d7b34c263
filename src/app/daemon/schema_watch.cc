#include "app/daemon/schema_watch.h"

#include <algorithm>

#include "base/error.h"
#include "doctor/examine.h"
#include "model/table_filter.h"

namespace bdrmesh {

void SchemaWatch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const MonoTime begun = parts_.clock.mono();
      turn({begun + options_.patience, stop, nullptr});
      if (!parts_.clock.wait_until(begun + options_.tick, stop)) return;
    }
  });
}

void SchemaWatch::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::vector<MeshFinding> SchemaWatch::findings(const GroupName& group) const {
  const std::scoped_lock lock(mutex_);
  const auto found = findings_.find(group);
  return found == findings_.end() ? std::vector<MeshFinding>{} : found->second;
}

void SchemaWatch::turn(const Call& call) {
  for (const GroupSpec& group : parts_.desired.groups) {
    // The DDL of a pair goes through its changefeed by itself.
    if (group.kind != GroupKind::multi_active) continue;
    try {
      turn(parts_.now(group), call);
    } catch (const Error&) {
      // Who does not answer is told by those who watch clusters; the next round asks again.
      if (call.stop.stop_requested()) return;
    }
  }
}

void SchemaWatch::turn(const GroupSpec& group, const Call& call) {
  if (parts_.busy(group.name)) return;
  if (!parts_.replicates(group.name)) {
    known_.erase(group.name);
    return keep(group.name, {});
  }
  Known& known = known_[group.name];
  const bool changed = look_at_jobs(group, known, call);
  const bool due = known.again && parts_.clock.mono() >= *known.again;
  if (changed || due || !known.compared) compare(group, known, call);
}

bool SchemaWatch::look_at_jobs(const GroupSpec& group, Known& known, const Call& call) {
  bool changed = false;
  for (const ClusterName& member : group.members) {
    const std::vector<DdlJob> jobs = parts_.world.tidb(member).ddl_jobs(call);
    std::int64_t newest = 0;
    for (const DdlJob& job : jobs) {
      if (job.ended()) newest = std::max(newest, job.id);
    }
    const auto before = known.newest.find(member);
    if (before != known.newest.end() && before->second == newest) continue;
    changed = true;
    if (before != known.newest.end()) tell_foreign(group, member, jobs, before->second, call);
    known.newest[member] = newest;
  }
  return changed;
}

void SchemaWatch::tell_foreign(const GroupSpec& group, const ClusterName& member,
                               const std::vector<DdlJob>& jobs, std::int64_t since,
                               const Call& call) {
  // A SECONDARY takes no DDL but what its feeds bring.
  if (group.ddl_primary && *group.ddl_primary != member) return;
  const TableFilter filter(group.tables);
  const auto ours = parts_.world.tidb(member).find_ddl_job("bdrmesh:", call);
  for (const DdlJob& job : jobs) {
    const bool new_one = job.id > since && job.final_success();
    if (!new_one || !filter.matches({job.schema, job.table})) continue;
    if (ours && ours->id >= job.id) continue;  // an operation that has ended since
    const bool carried = group.ddl_primary.has_value();
    parts_.events.tell(
        {parts_.clock.now(), carried ? "info" : "warning", "cluster " + member.value(),
         "FOREIGN_DDL: somebody ran " + job.type + " on " + job.schema + "." + job.table +
             " (job " + std::to_string(job.id) + ")" +
             (carried ? "" : "; no changefeed carries it: bdrmesh ddl run changes all members")});
  }
}

void SchemaWatch::compare(const GroupSpec& group, Known& known, const Call& call) {
  std::vector<MeshFinding> found;
  bool whole = true;
  for (const doctor::Finding& one :
       doctor::examine_schemas(parts_.desired, group, parts_.world, call, parts_.clock)) {
    if (one.code == "SCHEMA_DIFFERS") {
      found.push_back({one.code, "alarm", "group " + group.name.value(), one.text, one.remedy});
    } else if (one.code != "SCHEMAS" && one.code != "SCHEMA_DIFFERS_A_LITTLE" &&
               one.code != "SCHEMAS_NOT_ALL_READ") {
      whole = false;
    }
  }
  if (parts_.busy(group.name)) return;  // begun meanwhile: what was read may be half of a change
  known.compared = whole;
  known.again.reset();
  if (!found.empty()) known.again = parts_.clock.mono() + options_.again;
  if (whole) keep(group.name, std::move(found));  // what a silent member hides is not over
}

void SchemaWatch::keep(const GroupName& group, std::vector<MeshFinding> found) {
  const std::scoped_lock lock(mutex_);
  findings_[group] = std::move(found);
}

}  // namespace bdrmesh
