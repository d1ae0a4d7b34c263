#include "app/daemon/backend.h"

#include <unistd.h>

#include "app/daemon/explain.h"
#include "app/daemon/manager_view.h"
#include "doctor/examine.h"
#include "doctor/ids/id_ranges.h"
#include "flows/kinds.h"
#include "flows/link/link_changes.h"
#include "flows/snapshot.h"
#include "mesh/pair_note.h"

namespace bdrmesh {
namespace {

constexpr const char* kVersion = "0.1.0";

std::string_view kind_word(GroupKind kind) {
  return kind == GroupKind::multi_active ? "multi-active" : "primary-secondary";
}

}  // namespace

Call DaemonBackend::ask_call() const {
  static constexpr Millis kPatience{15000};
  Call call;
  call.deadline = parts_.clock.mono() + kPatience;
  call.stop = asking_.get_token();
  return call;
}

Json DaemonBackend::view_of(const ClusterSpec& spec) const {
  const auto seen = parts_.observer.latest(spec.name);
  Json view = views::cluster(spec, seen.get(), parts_.flow_ports.tokens.identity());
  views::add_maintenance_of_cluster(view, maintenance_.now());
  return view;
}

Json DaemonBackend::view_of(const GroupSpec& group, const Link& link,
                            const std::vector<LinkIncarnation>& book) const {
  const auto origin = parts_.observer.latest(link.from);
  const LinkSeen seen = parts_.watch.link(group.name, link);
  views::LinkInputs inputs;
  inputs.group = group.name;
  inputs.link = link;
  inputs.origin = origin.get();
  inputs.book = book;
  inputs.now = parts_.clock.now();
  inputs.movement = seen.movement;
  inputs.seen = &seen;
  Json view = views::link(inputs);
  views::add_maintenance_of_link(view, maintenance_.now());
  return view;
}

bool DaemonBackend::is_settling() const {
  static constexpr Millis kUntilSeenAgain{3000};
  const std::vector<OperationRecord> newest = parts_.store.operation_headers(1);
  if (newest.empty()) return false;
  const std::optional<WallTime> ended = newest.front().ended;
  return !ended || parts_.clock.now() - *ended < kUntilSeenAgain;
}

Json DaemonBackend::view_of(const GroupSpec& group) const {
  const std::vector<LinkIncarnation> book = parts_.flow_ports.links.incarnations(group.name);
  const GroupSpec members_now = parts_.watch.now(group);
  Json links = Json::array();
  for (const Link& link : members_now.links()) links.push_back(view_of(group, link, book));
  Json findings = Json::array();
  const bool settling = is_settling();
  for (const MeshFinding& finding : parts_.watch.findings(group.name)) {
    // An operation takes roles off and gives them back: what was seen meanwhile is no finding.
    if (settling && finding.code == "ROLES_MIXED") continue;
    findings.push_back(views::finding(finding));
  }
  Json members = Json::array();
  for (const ClusterName& member : members_now.members) members.push_back(member.value());
  return {{"name", group.name.value()},
          {"kind", std::string(kind_word(group.kind))},
          {"ddl_primary", group.ddl_primary ? Json(group.ddl_primary->value()) : Json()},
          {"members", members},
          {"tables", group.tables},
          {"protected", group.protected_tables},
          {"verdict", views::verdict_of_links(links)},
          {"findings", findings},
          {"links", links}};
}

Json DaemonBackend::unfinished() const {
  Json list = Json::array();
  for (const OperationRecord& record : parts_.store.unfinished_operations()) {
    list.push_back(views::summary(record, parts_.store.steps(record.id)));
  }
  return list;
}

Json DaemonBackend::status() {
  const Json cluster_views = clusters().at("clusters");
  const Json group_views = groups().at("groups");
  const Json gate_views = gates().at("gates");
  const Json operation_views = unfinished();
  Overall overall = judge_overall(cluster_views, group_views, gate_views, operation_views);
  const Json manager = manager_view({parts_.flow_ports.tokens.identity(), getpid(), kVersion,
                                     parts_.runner.halted_because(), cluster_views});
  judge_manager(manager, overall);
  return {{"at", to_rfc3339(parts_.clock.now())},
          {"manager", manager},
          {"verdict", overall.verdict},
          {"reasons", overall.reasons},
          {"next", overall.next},
          {"clusters", cluster_views},
          {"groups", group_views},
          {"operations", operation_views},
          {"gates", gate_views}};
}

Json DaemonBackend::clusters() {
  Json list = Json::array();
  for (const ClusterSpec& spec : parts_.desired.clusters) list.push_back(view_of(spec));
  return {{"clusters", list}};
}

Json DaemonBackend::cluster(const std::string& name) {
  return view_of(parts_.desired.cluster(ClusterName(name)));
}

Answer DaemonBackend::writable(const std::string& cluster) {
  static constexpr Millis kFresh{10000};
  const ClusterSpec& spec = parts_.desired.cluster(ClusterName(cluster));
  const auto seen = parts_.observer.latest(spec.name);
  if (!seen)
    return {503,
            {{"cluster", cluster},
             {"writable", false},
             {"reason", "not asked yet"},
             {"age_ms", nullptr}}};
  const Millis age = parts_.clock.now() - seen->at;
  const bool writable = seen->gate_state() == "open" && age < kFresh;
  const std::string reason =
      age < kFresh ? "gate " + seen->gate_state() : "our knowledge is too old";
  return {
      writable ? 200 : 503,
      {{"cluster", cluster}, {"writable", writable}, {"reason", reason}, {"age_ms", age.count()}}};
}

Json DaemonBackend::groups() {
  Json list = Json::array();
  for (const GroupSpec& group : parts_.desired.groups) list.push_back(view_of(group));
  return {{"groups", list}};
}

Json DaemonBackend::group(const std::string& name) {
  return view_of(parts_.desired.group(GroupName(name)));
}

Json DaemonBackend::group_plan(const std::string& name) {
  const Call call = ask_call();
  auto snapshot = flows::look_at_group(parts_.flow_ports, GroupName(name), call);
  flows::look_at_feeds(parts_.flow_ports, snapshot, call);
  Json list = Json::array();
  bool drift = false;
  for (const flows::Change& change : flows::changes(parts_.desired, snapshot)) {
    drift = drift || change.change != "none";
    list.push_back({{"object", change.object},
                    {"property", change.property},
                    {"wanted", change.wanted},
                    {"seen", change.seen},
                    {"change", change.change},
                    {"why", change.why}});
  }
  Json findings = Json::array();
  for (const MeshFinding& finding :
       mesh_findings(parts_.desired, snapshot.group, snapshot.sights, snapshot.book)) {
    drift = drift || finding.severity != "info";
    findings.push_back(views::finding(finding));
  }
  for (const MeshFinding& finding :
       membership_findings(parts_.desired.group(GroupName(name)), snapshot.ended)) {
    drift = true;
    findings.push_back(views::finding(finding));
  }
  for (const MeshFinding& finding :
       pair_findings(parts_.desired.group(GroupName(name)), snapshot.group)) {
    drift = true;
    findings.push_back(views::finding(finding));
  }
  return {{"group", name}, {"changes", list}, {"findings", findings}, {"drift", drift}};
}

Json DaemonBackend::links() {
  Json list = Json::array();
  for (const GroupSpec& group : parts_.desired.groups) {
    const std::vector<LinkIncarnation> book = parts_.flow_ports.links.incarnations(group.name);
    const GroupSpec members_now = parts_.watch.now(group);
    for (const Link& link : members_now.links()) list.push_back(view_of(group, link, book));
  }
  return {{"links", list}};
}

Json DaemonBackend::link(const std::string& group, const std::string& from, const std::string& to) {
  const GroupSpec& spec = parts_.desired.group(GroupName(group));
  const Link wanted{ClusterName(from), ClusterName(to)};
  for (const Link& link : parts_.watch.now(spec).links()) {
    if (link != wanted) continue;
    Json view = view_of(spec, link, parts_.flow_ports.links.incarnations(spec.name));
    const auto origin = parts_.observer.latest(link.from);
    const auto target = parts_.observer.latest(link.to);
    view["explanation"] =
        explain(spec.name, link, parts_.watch.link(spec.name, link), origin.get(), target.get(),
                parts_.flow_ports.world.tidb(link.to),
                parts_.desired.cluster(link.to).sink.user_for(link.from), parts_.clock, ask_call());
    return view;
  }
  throw Error(ErrorKind::invalid, "UNKNOWN_LINK",
              "group " + group + " has no link " + to_string(wanted), "bdrmesh link list");
}

Json DaemonBackend::operations(int limit) {
  Json list = Json::array();
  // Of what has ended, which is nearly all, neither plan nor steps are told.
  for (const OperationRecord& header : parts_.store.operation_headers(limit)) {
    list.push_back(is_final(header.state) ? views::summary(header, {})
                                          : views::summary(parts_.store.operation(header.id),
                                                           parts_.store.steps(header.id)));
  }
  return {{"operations", list}};
}

Json DaemonBackend::operation(const std::string& id) {
  views::OperationInputs inputs;
  WholeOperation whole = parts_.store.whole_operation(id);
  inputs.record = std::move(whole.record);
  inputs.steps = std::move(whole.steps);
  inputs.facts = std::move(whole.facts);
  inputs.events = std::move(whole.events);
  inputs.progress = parts_.runner.progress(id);
  inputs.now = parts_.clock.now();
  return views::operation(inputs);
}

Json DaemonBackend::events(std::int64_t after, int limit, const std::string& operation) {
  if (!operation.empty()) (void)parts_.store.operation(operation);
  const auto records = operation.empty() ? parts_.store.events(after, limit)
                                         : parts_.store.operation_events(operation);
  Json list = Json::array();
  for (const EventRecord& record : records) {
    if (record.number > after && list.size() < static_cast<std::size_t>(limit))
      list.push_back(views::event(record));
  }
  return {{"events", list}};
}

std::int64_t DaemonBackend::newest_event() {
  const auto newest = parts_.store.newest_events(1);
  return newest.empty() ? 0 : newest.front().number;
}

/// What the state knows of the operation that closed a gate outranks the note on the cluster.
Json DaemonBackend::with_operation(Json gate) const {
  if (gate.at("operation").is_null()) return gate;
  const auto owner = parts_.store.find_operation(gate.at("operation").get<std::string>());
  if (!owner || is_final(owner->state)) return gate;
  gate["line_crossed"] = owner->line_crossed;
  const bool blocked = owner->state == OperationState::blocked;
  if (owner->kind == "gate.close") return gate;  // gate open is what ends it
  if (!blocked) {
    gate["undo"] = "bdrmesh op watch " + owner->id;
  } else if (owner->line_crossed) {
    // Opened now, rows of two shapes would meet in the links.
    gate["undo"] = "bdrmesh op show " + owner->id + ", then op resume";
  }
  return gate;
}

Json DaemonBackend::gates() {
  Json list = Json::array();
  for (const ClusterSpec& spec : parts_.desired.clusters) {
    const auto seen = parts_.observer.latest(spec.name);
    ClusterSeen unseen;
    unseen.name = spec.name;
    unseen.error = "not asked yet";
    for (Json& gate : views::gates(seen ? *seen : unseen, parts_.clock.now()))
      list.push_back(with_operation(std::move(gate)));
  }
  return {{"gates", list}};
}

Json DaemonBackend::doctor(const Json& args) {
  const std::string wanted = get_or<std::string>(args, "group", "");
  if (!wanted.empty()) (void)parts_.desired.group(GroupName(wanted));
  Json list = Json::array();
  bool ok = true;
  const Call call = ask_call();  // one span for all groups
  for (const GroupSpec& group : parts_.desired.groups) {
    if (!wanted.empty() && group.name.value() != wanted) continue;
    const auto examine = get_or(args, "ids", false) ? &doctor::examine_ids : &doctor::examine;
    for (const auto& finding :
         examine(parts_.desired, without_ended(group, parts_.watch.ended(group)),
                 parts_.flow_ports.world, call, parts_.clock)) {
      ok = ok && finding.severity != doctor::Severity::error;
      list.push_back({{"code", finding.code},
                      {"severity", std::string(to_string(finding.severity))},
                      {"cluster", finding.cluster},
                      {"text", finding.text},
                      {"remedy", finding.remedy}});
    }
  }
  return {{"findings", list}, {"ok", ok}};
}

}  // namespace bdrmesh
