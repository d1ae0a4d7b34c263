#include "fakes/fake_ticdc.h"

#include <algorithm>

#include "base/error.h"
#include "fakes/fake_ddl.h"

namespace bdrmesh::fakes {
namespace {

bool part_matches(const std::string& pattern, const std::string& name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    for (std::size_t skip = 0; skip <= name.size(); ++skip) {
      if (part_matches(pattern.substr(1), name.substr(skip))) return true;
    }
    return false;
  }
  if (name.empty() || (pattern.front() != '?' && pattern.front() != name.front())) return false;
  return part_matches(pattern.substr(1), name.substr(1));
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t start = text.find(from);
  if (start == std::string::npos) return {};
  const std::size_t begin = start + from.size();
  return text.substr(begin, text.find_first_of(to, begin) - begin);
}

std::string masked(std::string uri) {
  const std::size_t at = uri.find('@');
  const std::size_t colon = uri.find(':', uri.find("://") + 3);
  if (at != std::string::npos && colon < at) uri.replace(colon + 1, at - colon - 1, "xxxxx");
  return uri;
}

std::string host_of(const std::string& uri) {
  return uri.find('@') == std::string::npos ? between(uri, "://", "/?") : between(uri, "@", "/?");
}

}  // namespace

bool rules_take(const std::vector<std::string>& rules, const TableName& table) {
  for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
    const bool negative = rule->rfind('!', 0) == 0;
    const std::string text = negative ? rule->substr(1) : *rule;
    const std::size_t dot = text.find('.');
    if (dot == std::string::npos) continue;
    if (!part_matches(text.substr(0, dot), table.schema) ||
        !part_matches(text.substr(dot + 1), table.table))
      continue;
    return !negative;
  }
  return false;
}

ClusterState& FakeTicdc::here() {
  ClusterState& cluster = world_.state(name_);
  if (!cluster.ticdc_up)
    throw Error(ErrorKind::transient, "TICDC_UNREACHABLE",
                "TiCDC of " + name_ + " does not answer");
  return cluster;
}

TicdcServer FakeTicdc::server(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return {here().ticdc_version, "capture-" + name_, true};
}

bool FakeTicdc::healthy(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return world_.state(name_).ticdc_up;
}

std::vector<FeedSummary> FakeTicdc::list(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<FeedSummary> found;
  for (auto& [id, feed] : here().feeds) {
    const bool newborn = feed.newborn_looks > 0;
    if (newborn) --feed.newborn_looks;
    if (!newborn) world_.flow(here(), feed);
    FeedSummary line{feed.detail.id, feed.detail.state, feed.detail.checkpoint,
                     feed.detail.upstream_id, feed.detail.error};
    if (newborn) line.checkpoint = Tso{};
    found.push_back(line);
  }
  return found;
}

FeedState* FakeTicdc::grown(const ChangefeedId& id) {
  const auto found = here().feeds.find(id.value());
  if (found == here().feeds.end()) return nullptr;
  FeedState& feed = found->second;
  if (feed.newborn_looks > 0) {
    --feed.newborn_looks;
    return nullptr;
  }
  world_.flow(here(), feed);
  return &feed;
}

std::optional<FeedDetail> FakeTicdc::find(const ChangefeedId& id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  FeedState* feed = grown(id);
  if (feed == nullptr) return std::nullopt;
  FeedDetail detail = feed->detail;
  if (feed->old_config_looks > 0) {
    --feed->old_config_looks;
    detail.config = feed->old_config;
  }
  return detail;
}

std::optional<FeedStatus> FakeTicdc::status(const ChangefeedId& id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const FeedState* feed = grown(id);
  if (feed == nullptr) return std::nullopt;
  return FeedStatus{feed->detail.state, feed->detail.checkpoint, feed->detail.resolved,
                    feed->detail.error, std::nullopt};
}

void FakeTicdc::create(const CreateFeed& wanted, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  if (cluster.feeds.contains(wanted.id.value())) {
    throw Error(ErrorKind::conflict, "FEED_EXISTS",
                "CDC:ErrChangeFeedAlreadyExists: " + wanted.id.value());
  }
  FeedState feed;
  feed.password_uri = wanted.sink_uri.reveal();
  for (const auto& [name, other] : world_.clusters_) {
    if (other.sink_address == host_of(feed.password_uri)) feed.target = name;
  }
  feed.sink_user = between(feed.password_uri, "://", ":@");
  feed.newborn_looks = 2;
  const Tso start = wanted.start_ts.is_set() ? wanted.start_ts : world_.next_tso(cluster);
  if (start > world_.next_tso(cluster))
    throw Error(ErrorKind::invalid, "TICDC_REFUSED", "CDC:ErrStartTsAfterNow");
  feed.detail = {wanted.id,
                 "normal",
                 start,
                 start,
                 start,
                 cluster.pd_cluster_id,
                 masked(feed.password_uri),
                 wanted.replica_config,
                 cluster.ticdc_version,
                 std::nullopt};
  feed.target_position = start;
  cluster.feeds[wanted.id.value()] = feed;
  world_.note(name_, "create", wanted.id.value());
}

FeedState& FakeTicdc::existing(const ChangefeedId& id) {
  const auto found = here().feeds.find(id.value());
  if (found == here().feeds.end() || found->second.newborn_looks > 0) {
    throw Error(ErrorKind::transient, "FEED_NOT_FOUND",
                "CDC:ErrChangeFeedNotExists: " + id.value());
  }
  return found->second;
}

void FakeTicdc::update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
                       const Json& replica_config, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  FeedState& feed = existing(id);
  if (feed.detail.state == "normal")
    throw Error(ErrorKind::conflict, "TICDC_REFUSED",
                "CDC:ErrChangefeedUpdateRefused: not stopped");
  feed.old_config = feed.detail.config;
  feed.old_config_looks = 1;
  feed.detail.config = replica_config;  // what is not named is reset
  if (sink_uri) {
    feed.password_uri = sink_uri->reveal();
    feed.detail.sink_uri = masked(feed.password_uri);
  }
  world_.note(name_, "update", id.value());
}

void FakeTicdc::pause(const ChangefeedId& id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().feeds.find(id.value());
  if (found != here().feeds.end() && found->second.newborn_looks > 0) {
    world_.hazard(name_ + ": pause of the newborn feed " + id.value() + " kills TiCDC");
  }
  existing(id).detail.state = "stopped";
  world_.note(name_, "pause", id.value());
}

void FakeTicdc::resume(const ChangefeedId& id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  FeedState& feed = existing(id);
  feed.detail.state = "normal";
  feed.detail.error.reset();
  world_.note(name_, "resume", id.value());
}

void FakeTicdc::remove(const ChangefeedId& id, const Call&) {
  const std::lock_guard lock(world_.mutex_);
  const auto found = here().feeds.find(id.value());
  if (found == here().feeds.end() || found->second.newborn_looks > 0)
    return;  // 200, and a newborn lives on (A3)
  here().feeds.erase(found);
  world_.note(name_, "remove", id.value());
}

EligibleTables FakeTicdc::verify_table(Tso, const Secret&, const Json& replica_config,
                                       const Call&) {
  const std::lock_guard lock(world_.mutex_);
  std::vector<std::string> rules{"*.*"};
  if (replica_config.contains("filter") && replica_config["filter"].contains("rules")) {
    rules = replica_config["filter"]["rules"].get<std::vector<std::string>>();
  }
  EligibleTables answer;
  for (const auto& [name, table] : here().tables) {
    if (!rules_take(rules, name)) continue;
    (has_usable_key(table) ? answer.eligible : answer.ineligible).push_back(name);
  }
  return answer;
}

TicdcTraits FakeTicdc::traits(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  return here().ticdc_traits;
}

Tso FakeTicdc::tso(const Call&) {
  const std::lock_guard lock(world_.mutex_);
  ClusterState& cluster = here();
  const auto shift = static_cast<std::uint64_t>(cluster.ticdc_tso_ahead.count()) << 18;
  return Tso(world_.next_tso(cluster).value() + shift);
}

}  // namespace bdrmesh::fakes
