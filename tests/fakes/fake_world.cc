#include "fakes/fake_world.h"

#include <algorithm>

#include "base/error.h"
#include "fakes/fake_backup.h"
#include "fakes/fake_ddl.h"
#include "fakes/fake_pair.h"
#include "fakes/fake_ticdc.h"
#include "fakes/fake_tidb.h"

namespace bdrmesh::fakes {

class FakePd final : public PdClient {
 public:
  FakePd(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}
  std::uint64_t cluster_id(const Call&) override {
    const std::lock_guard lock(world_.mutex_);
    const ClusterState& cluster = world_.state(name_);
    if (!cluster.pd_up)
      throw Error(ErrorKind::transient, "PD_UNREACHABLE", "PD of " + name_ + " does not answer");
    return cluster.pd_cluster_id;
  }

 private:
  FakeWorld& world_;
  std::string name_;
};

struct FakeWorld::Ports {
  Ports(FakeWorld& world, const std::string& name)
      : tidb(world, name),
        ticdc(world, name),
        pd(world, name),
        backup(world, name),
        users(world, name),
        read_point(world, name) {}
  FakeTidb tidb;
  FakeTicdc ticdc;
  FakePd pd;
  FakeBackup backup;
  FakeUsers users;
  FakeReadPoint read_point;
};

namespace {

std::vector<std::string> manager_grants() {
  return {
      "GRANT PROCESS,SUPER,CONFIG,RELOAD,REPLICATION CLIENT,CREATE USER,SHOW DATABASES ON *.* TO "
      "'bdrmesh'@'%'",
      "GRANT SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,REFERENCES,CREATE VIEW,SHOW VIEW "
      "ON `app`.* TO 'bdrmesh'@'%'",
      "GRANT ALL PRIVILEGES ON `bdrmesh`.* TO 'bdrmesh'@'%'",
      "GRANT ALL PRIVILEGES ON `bdrmesh\\_local`.* TO 'bdrmesh'@'%'",
      "GRANT SELECT ON `mysql`.* TO 'bdrmesh'@'%'",
      "GRANT "
      "SYSTEM_VARIABLES_ADMIN,CONNECTION_ADMIN,BACKUP_ADMIN,RESTORE_ADMIN,RESTRICTED_REPLICA_"
      "WRITER_ADMIN ON "
      "*.* TO 'bdrmesh'@'%'"};
}

std::vector<std::string> sink_grants(const std::string& user) {
  return {
      "GRANT SELECT,INSERT,UPDATE,DELETE,CREATE,DROP,INDEX,ALTER,CREATE VIEW,SUPER ON *.* TO '" +
          user + "'@'%'",
      "GRANT SYSTEM_VARIABLES_ADMIN,RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO '" + user + "'@'%'"};
}

ClusterState healthy_cluster(const std::string& name, int number,
                             const std::vector<std::string>& all) {
  ClusterState cluster;
  cluster.name = name;
  cluster.cluster_id = 7300000000000000000U + static_cast<std::uint64_t>(number);
  cluster.pd_cluster_id = cluster.cluster_id;
  cluster.source_id = number;
  cluster.tso_ahead = Millis{number * 3};
  cluster.sink_address = name + ".sink:4000";
  for (int i = 1; i <= 2; ++i) {
    ServerState server;
    server.info = {ServerAddress(name + "-tidb-" + std::to_string(i) + ":4000"),
                   name + "-tidb-" + std::to_string(i) + ":10080", "8.0.11-TiDB-v8.5.1"};
    cluster.servers.push_back(server);
  }
  cluster.variables = {{"tidb_enable_metadata_lock", "ON"},
                       {"tidb_enable_clustered_index", "ON"},
                       {"tidb_gc_life_time", "10m0s"},
                       {"tidb_gc_enable", "ON"},
                       {"tidb_restricted_read_only", "OFF"},
                       {"tidb_super_read_only", "OFF"},
                       {"tidb_ttl_job_enable", "ON"},
                       {"sql_mode", "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES"},
                       {"autocommit", "ON"}};
  cluster.schemas.insert("app");
  TableState orders;
  orders.id = cluster.next_table_id++;
  orders.columns = {{"id", "bigint NOT NULL"},
                    {"note", "varchar(64) DEFAULT NULL"},
                    {"old_note", "varchar(64) DEFAULT NULL"}};
  orders.keys = {"PRIMARY KEY (`id`) /*T![clustered_index] CLUSTERED */"};
  cluster.tables[{"app", "orders"}] = orders;
  cluster.own_grants = manager_grants();
  cluster.exempt_users.insert("bdrmesh");
  for (const std::string& other : all) {
    if (other == name) continue;
    cluster.exempt_users.insert("cdc_" + other);
    cluster.grants["cdc_" + other] = sink_grants("cdc_" + other);
  }
  return cluster;
}

}  // namespace

FakeWorld::FakeWorld(const Clock& clock, const std::vector<std::string>& names)
    : clock_(clock), names_(names) {
  int number = 0;
  for (const std::string& name : names) {
    clusters_[name] = healthy_cluster(name, ++number, names);
    ports_[name] = std::make_unique<Ports>(*this, name);
  }
}

FakeWorld::~FakeWorld() = default;

const FakeWorld::Ports& FakeWorld::ports(const ClusterName& cluster) const {
  const auto found = ports_.find(cluster.value());
  if (found == ports_.end())
    throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster " + cluster.value());
  return *found->second;
}

TidbCluster& FakeWorld::tidb(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).tidb;
}
TicdcClient& FakeWorld::ticdc(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).ticdc;
}
PdClient& FakeWorld::pd(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).pd;
}

BackupClient& FakeWorld::backup(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).backup;
}
UserKeeper& FakeWorld::users(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).users;
}
ReadPoint& FakeWorld::read_point(const ClusterName& cluster) {
  return const_cast<Ports&>(ports(cluster)).read_point;
}

Secret FakeWorld::sink_password(const Link&) { return Secret("hidden"); }

Secret FakeWorld::sink_uri(const Link& link) {
  const std::lock_guard lock(mutex_);
  return Secret("mysql://cdc_" + link.from.value() + ":hidden@" +
                state(link.to.value()).sink_address + "/");
}

Desired FakeWorld::desired(const std::string& group) const {
  const std::lock_guard lock(mutex_);
  Desired wanted;
  GroupSpec spec;
  spec.name = GroupName(group);
  spec.tables = {"app.*"};
  for (const std::string& name : names_) {
    const ClusterState& cluster = state(name);
    ClusterSpec one;
    one.name = ClusterName(name);
    one.source_id = cluster.source_id;
    for (const ServerState& server : cluster.servers) one.tidb.push_back(server.info.address);
    one.pd = {"http://" + name + "-pd:2379"};
    one.ticdc = {"http://" + name + "-cdc:8300"};
    one.user = "bdrmesh";
    one.password = {"env:PASSWORD"};
    one.sink.address = cluster.sink_address;
    one.sink.user = "cdc_{from}";
    one.sink.password = {"env:SINK_PASSWORD"};
    wanted.clusters.push_back(one);
    spec.members.emplace_back(name);
  }
  wanted.groups = {spec};
  return wanted;
}

void FakeWorld::build_mesh(const std::string& group) {
  for (const std::string& name : names_) {
    tidb(ClusterName(name)).make_token_schema({});
    tidb(ClusterName(name)).make_marker_schema({});
  }
  const GroupSpec spec = desired(group).groups.front();
  for (const Link& link : spec.links()) {
    CreateFeed feed{changefeed_id(spec.name, link, 1), Tso{}, sink_uri(link), Json::object()};
    feed.replica_config = {{"bdr_mode", true},
                           {"check_gc_safe_point", true},
                           {"filter", {{"rules", feed_rules(spec)}}}};
    ticdc(link.from).create(feed, {});
    with_feed(link.from.value(), feed.id.value(),
              [](FeedState& state) { state.newborn_looks = 0; });
  }
  clear_diary();
}

void FakeWorld::set_roles(const std::string& primary) {
  for (const std::string& name : names_) {
    with(name,
         [&](ClusterState& cluster) { cluster.role = name == primary ? "primary" : "secondary"; });
  }
}

void FakeWorld::with(const std::string& cluster, const std::function<void(ClusterState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(state(cluster));
}

void FakeWorld::with_feed(const std::string& cluster, const std::string& feed,
                          const std::function<void(FeedState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(state(cluster).feeds.at(feed));
}

void FakeWorld::open_transaction(const std::string& cluster, const OpenTransaction& row,
                                 int looks_until_gone) {
  const std::lock_guard lock(mutex_);
  state(cluster).transactions.push_back({row, looks_until_gone});
}

bool FakeWorld::try_write(const std::string& cluster, std::size_t server) {
  const std::lock_guard lock(mutex_);
  ClusterState& written = state(cluster);
  if (written.servers.at(server).read_only || !written.servers.at(server).up) return false;
  written.last_app_commit = next_tso(written);
  ++written.rows_written;
  return true;
}

int FakeWorld::times_applied(const std::string& cluster, const std::string& statement) const {
  const std::lock_guard lock(mutex_);
  const auto& applied = state(cluster).applied_statements;
  return static_cast<int>(std::count(applied.begin(), applied.end(), normalized(statement)));
}

std::vector<std::string> FakeWorld::closed_gates() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> closed;
  for (const auto& [name, cluster] : clusters_) {
    if (cluster.read_only) closed.push_back(name);
  }
  return closed;
}

std::vector<std::string> FakeWorld::stored_backups() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> folders;
  for (const auto& [folder, stored] : storage_) folders.push_back(folder);
  return folders;
}

bool FakeWorld::all_gates_open() const { return closed_gates().empty(); }

std::vector<std::string> FakeWorld::announced_gates() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> noted;
  for (const auto& [name, cluster] : clusters_) {
    if (cluster.token && !cluster.token->gates.empty())
      noted.push_back(name + ": " + cluster.token->gates.dump());
  }
  return noted;
}

std::string FakeWorld::role(const std::string& cluster) const {
  const std::lock_guard lock(mutex_);
  return state(cluster).role;
}

std::vector<Act> FakeWorld::diary() const {
  const std::lock_guard lock(mutex_);
  return diary_;
}

std::string FakeWorld::diary_text() const {
  std::string text;
  for (const Act& act : diary()) text += act.cluster + "  " + act.what + "  " + act.detail + "\n";
  return text;
}

void FakeWorld::clear_diary() {
  const std::lock_guard lock(mutex_);
  diary_.clear();
}

std::vector<std::string> FakeWorld::hazards() const {
  const std::lock_guard lock(mutex_);
  return hazards_;
}

ClusterState& FakeWorld::state(const std::string& name) {
  const auto found = clusters_.find(name);
  if (found == clusters_.end())
    throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster " + name);
  return found->second;
}

const ClusterState& FakeWorld::state(const std::string& name) const {
  return const_cast<FakeWorld*>(this)->state(name);
}

Tso FakeWorld::next_tso(ClusterState& cluster) {
  const Tso now = Tso::at(clock_.now() + cluster.tso_ahead);
  cluster.last_tso = std::max(now, Tso(cluster.last_tso.value() + 1));
  return cluster.last_tso;
}

void FakeWorld::note(const std::string& cluster, const std::string& what,
                     const std::string& detail) {
  diary_.push_back({cluster, what, detail});
}

void FakeWorld::judge_unreplicated_ddl(const ClusterState& changing, const std::string& sql) {
  if (documented_without_pause(sql)) return;
  for (const auto& [name, cluster] : clusters_) {
    for (const ServerState& server : cluster.servers) {
      if (server.up && !server.read_only) {
        hazard(changing.name + ": '" + normalized(sql) + "' while " + server.info.address.value() +
               " takes writes");
      }
    }
    for (const auto& [id, feed] : cluster.feeds) {
      if (feed.detail.checkpoint <= cluster.last_app_commit) {
        hazard(changing.name + ": '" + normalized(sql) + "' while rows of " + name +
               " are under way in " + id);
      }
    }
  }
}

void FakeWorld::arrive(ClusterState& target, const ReplicatedDdl& ddl) {
  DdlJob job;
  job.id = target.next_job_id++;
  job.schema = schema_of(ddl.sql, ddl.session);
  job.table = table_of(ddl.sql);
  job.type = "alter table";
  job.state = "running";
  job.query = normalized(ddl.sql);  // a feed does not keep comments
  if (target.hold_next_for) {
    // An index that the feed passes before it is public (tidb-sql §1.5).
    target.held = HeldDdl{{}, job.id, ddl.sql, ddl.session, *target.hold_next_for};
    target.hold_next_for.reset();
    target.jobs.push_back(job);
    return;
  }
  try {
    if (target.within_job) target.within_job(ddl.sql, ddl.session);
    apply_ddl(target, ddl.sql, ddl.session);
    job.state = "synced";
    target.applied_statements.push_back(normalized(ddl.sql));
    note(target.name, "replicated_ddl", normalized(ddl.sql));
  } catch (const Error&) {
    job.state = "cancelled";
  }
  target.jobs.push_back(job);
}

void FakeWorld::flow(ClusterState& origin, FeedState& feed) {
  const auto found = clusters_.find(feed.target);
  if (feed.detail.state != "normal" || feed.frozen || found == clusters_.end()) return;
  ClusterState& target = found->second;
  // A sink without the exemption is refused by a closed gate, and the state stays normal (measured
  // §2 A19).
  if (target.read_only && !target.exempt_users.contains(feed.sink_user)) return;
  if (!target.reachable() || target.shuts_out(feed.sink_user)) return;
  if (target.syncpoints)
    target.synced[feed.detail.id.value()] = {feed.target_position, target.last_tso};
  const Tso reached = feed.target_position;
  const auto rules = get_or<Json>(feed.detail.config, "filter", Json::object())
                         .value("rules", std::vector<std::string>{"*.*"});
  const bool carries_markers = rules_take(rules, {"bdrmesh", "marker"});
  for (const auto& [key, marker] : origin.markers) {
    if (!carries_markers || !marker.local || marker.commit_ts > reached) continue;
    MarkerState& copy = target.markers[key];
    if (copy.commit_ts < marker.commit_ts) copy = {marker.nonce, marker.commit_ts, false};
  }
  for (const ReplicatedDdl& ddl : origin.replicated) {
    if (ddl.finished <= feed.detail.checkpoint || ddl.finished > reached) continue;
    arrive(target, ddl);
  }
  feed.detail.checkpoint = std::max(feed.detail.checkpoint, reached);
  feed.detail.resolved = feed.detail.checkpoint;
  feed.target_position = next_tso(origin);
}

}  // namespace bdrmesh::fakes
