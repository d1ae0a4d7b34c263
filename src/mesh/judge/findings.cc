#include "mesh/judge/findings.h"

#include <algorithm>
#include <map>

#include "model/table_filter.h"

namespace bdrmesh {
namespace {

constexpr const char* kWarning = "warning";
constexpr const char* kAlarm = "alarm";

/// A table that the rule would take: `app.ord*` becomes app.ordx. std::nullopt for one that takes
/// away, or is quoted.
std::optional<TableName> example_of(const std::string& rule) {
  if (rule.empty() || rule.front() == '!' || rule.find_first_of("\"`[\\") != std::string::npos)
    return std::nullopt;
  const std::size_t dot = rule.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto filled = [](std::string text) {
    std::ranges::replace(text, '*', 'x');
    std::ranges::replace(text, '?', 'x');
    return text;
  };
  return TableName{filled(rule.substr(0, dot)), filled(rule.substr(dot + 1))};
}

bool takes_an_example_of(const std::vector<std::string>& rules,
                         const std::vector<std::string>& others) {
  try {
    const TableFilter filter(rules);
    const TableFilter own(others);
    return std::ranges::any_of(others, [&](const std::string& rule) {
      const auto example = example_of(rule);
      return example && example->schema != kMarkerSchema && filter.matches(*example) &&
             own.matches(*example);
    });
  } catch (const Error&) {
    return true;  // rules that we cannot read may take anything
  }
}

bool bdr_mode_of(const FeedDetail& feed) {
  const auto found = feed.config.find("bdr_mode");
  return found != feed.config.end() && found->is_boolean() && found->get<bool>();
}

/// Everything that the parts of the judgement share.
struct Judgement {
  const Desired& desired;
  const GroupSpec& group;
  const std::vector<ClusterSight>& seen;
  const std::vector<LinkIncarnation>& book;
  std::vector<MeshFinding> out;

  bool is_member(const ClusterName& name) const {
    return std::ranges::find(group.members, name) != group.members.end();
  }
  const ClusterSight* sight_of(const ClusterName& name) const {
    const auto found = std::ranges::find(seen, name, &ClusterSight::name);
    return found == seen.end() ? nullptr : &*found;
  }
  void add(std::string code, const char* severity, std::string object, std::string text,
           std::string remedy) {
    out.push_back(
        {std::move(code), severity, std::move(object), std::move(text), std::move(remedy)});
  }
};

/// The link of the configuration's groups that a feed's id belongs to.
struct Owner {
  GroupName group;
  Link link;
  int incarnation = 0;
};

std::optional<Owner> owner_of(const Desired& desired, const ClusterName& origin,
                              const ChangefeedId& id) {
  for (const GroupSpec& group : desired.groups) {
    for (const Link& link : full_mesh(group.members)) {
      if (link.from != origin) continue;
      if (const int number = incarnation_of(id, group.name, link); number > 0)
        return Owner{group.name, link, number};
    }
  }
  return std::nullopt;
}

const FeedSight* feed_in_use(const ClusterSight& origin, const GroupName& group, const Link& link) {
  const FeedSight* newest = nullptr;
  int highest = 0;
  for (const FeedSight& feed : origin.feeds) {
    const int number = incarnation_of(feed.summary.id, group, link);
    if (number <= highest) continue;
    highest = number;
    newest = &feed;
  }
  return newest;
}

std::string feed_words(const FeedSight& feed, const ClusterName& at) {
  return "changefeed " + feed.summary.id.value() + " of the TiCDC of " + at.value();
}

void judge_foreign_feed(Judgement& all, const ClusterSight& origin, const FeedSight& feed) {
  const std::string object = "changefeed " + feed.summary.id.value() + " of " + origin.name.value();
  if (!feed.detail || !may_overlap(rules_of(*feed.detail), all.group.tables)) return;
  const auto target = target_of(all.desired, *feed.detail);
  const std::string words = feed_words(feed, origin.name);
  if (target && all.is_member(origin.name) && all.is_member(*target)) {
    all.add("FOREIGN_FEED", kAlarm, object,
            words + " writes tables of group " + all.group.name.value() + " into " +
                target->value() + ", and bdrmesh did not make it: rows arrive twice",
            "find out whose it is and stop it; bdrmesh leaves it alone");
  } else if (target && all.is_member(*target)) {
    all.add("CASCADE_INTO_MEMBER", kAlarm, object,
            words + " writes tables of group " + all.group.name.value() + " into its member " +
                target->value() + " from outside: no other member gets these rows",
            "make " + origin.name.value() + " a member, or stop that changefeed");
  } else if (target && all.is_member(origin.name)) {
    const bool pair = all.group.kind == GroupKind::primary_secondary;
    all.add(pair ? "SECOND_SECONDARY" : "CASCADE_FROM_MEMBER", kWarning, object,
            words + " carries tables of group " + all.group.name.value() + " on to " +
                target->value() +
                (pair ? ", a second secondary" : ", which is no member: a cascade"),
            "make " + target->value() + " a member, or stop that changefeed");
  } else if (all.is_member(origin.name)) {
    all.add("FEED_TO_OUTSIDE", "info", object,
            words + " carries tables of group " + all.group.name.value() +
                " to a place that bdrmesh does not know",
            "nothing, if it is wanted: DDL operations do not wait for it");
  }
}

void judge_mixture(Judgement& all, const ClusterSight& origin, const FeedSight& feed,
                   bool wanted_bdr) {
  if (!feed.detail || bdr_mode_of(*feed.detail) == wanted_bdr) return;
  if (!may_overlap(rules_of(*feed.detail), all.group.tables)) return;
  all.add("MIXED_FEEDS", kAlarm,
          "changefeed " + feed.summary.id.value() + " of " + origin.name.value(),
          feed_words(feed, origin.name) + " is " + (wanted_bdr ? "not " : "") +
              "in bdr mode, unlike the links of group " + all.group.name.value() +
              " over the same tables: rows may go round in circles or get lost",
          "stop that changefeed; never mix both kinds on one TiCDC");
}

void judge_strangers(Judgement& all) {
  const bool wanted_bdr = all.group.kind == GroupKind::multi_active;
  for (const ClusterSight& origin : all.seen) {
    for (const FeedSight& feed : origin.feeds) {
      const auto owner = owner_of(all.desired, origin.name, feed.summary.id);
      if (owner && owner->group == all.group.name) continue;  // judged as a link
      if (owner) {
        if (all.is_member(origin.name)) judge_mixture(all, origin, feed, wanted_bdr);
        continue;
      }
      judge_foreign_feed(all, origin, feed);
      if (all.is_member(origin.name)) judge_mixture(all, origin, feed, wanted_bdr);
    }
  }
}

bool is_at_rest(const FeedSummary& feed) {
  return feed.state == "stopped" || feed.state == "failed" || feed.state == "finished" ||
         feed.state == "removed";
}

void judge_incarnations(Judgement& all, const ClusterSight& origin, const Link& link,
                        const FeedSight& in_use) {
  for (const FeedSight& feed : origin.feeds) {
    if (&feed == &in_use || incarnation_of(feed.summary.id, all.group.name, link) == 0) continue;
    if (is_at_rest(feed.summary)) {
      all.add("OLD_INCARNATION", "info", "link " + to_string(link),
              feed_words(feed, origin.name) + " is an earlier incarnation, " + feed.summary.state +
                  "; it holds back garbage collection",
              "bdrmesh link repair " + all.group.name.value() + " " + link.from.value() + " " +
                  link.to.value() + " removes it once its successor is proven");
    } else {
      all.add("TWO_FEEDS", kAlarm, "link " + to_string(link),
              feed_words(feed, origin.name) + " runs beside " + in_use.summary.id.value() +
                  ": every row is written twice",
              "find out who resumed it, and pause it there");
    }
  }
}

/// Classic shows where a feed that was moved begins now; the new architecture does not (ticdc-api
/// §1.5.7, measured §3 31).
void judge_start(Judgement& all, const Link& link, const FeedSight& feed) {
  const auto known = std::ranges::find_if(all.book, [&](const LinkIncarnation& one) {
    return one.changefeed == feed.summary.id && !one.removed;
  });
  if (known == all.book.end() || !known->start.is_set()) return;
  if (feed.detail->start_ts <= known->start) return;
  const std::string object = "link " + to_string(link);
  const std::string heal = "bdrmesh verify run --group " + all.group.name.value() + " --level rows";
  all.add("FEED_MOVED", kAlarm, object,
          "changefeed " + feed.summary.id.value() + " was made at " + to_string(known->start) +
              " and begins at " + to_string(feed.detail->start_ts) +
              " now: somebody moved it forward (overwrite_checkpoint_ts) or made it anew, and what "
              "it skipped is not on " +
              link.to.value(),
          "find out who; " + heal);
  all.add("LINK_UNPROVEN", "info", object,
          "rows that " + link.from.value() + " committed before " +
              to_string(feed.detail->start_ts) + " may be missing on " + link.to.value(),
          heal);
}

void judge_link_feed(Judgement& all, const ClusterSight& origin, const Link& link,
                     const FeedSight& feed) {
  const std::string object = "link " + to_string(link);
  const std::string names =
      all.group.name.value() + " " + link.from.value() + " " + link.to.value();
  const bool in_book = std::ranges::any_of(all.book, [&](const LinkIncarnation& one) {
    return one.changefeed == feed.summary.id && !one.removed;
  });
  if (!in_book) {
    all.add("FEED_NOT_IN_BOOK", kWarning, object,
            feed_words(feed, origin.name) +
                " has a name of ours, but this manager's state does "
                "not know where it started",
            "bdrmesh link adopt " + names);
  }
  if (const auto gap = gap_before(all.book, feed.summary.id)) {
    all.add("LINK_UNPROVEN", "info", object,
            "rows that " + link.from.value() + " committed between " + to_string(gap->from) +
                " and " + to_string(gap->to) + " may be missing on " + link.to.value() +
                ": this changefeed began after its predecessor was last proven",
            "bdrmesh verify run --group " + all.group.name.value() + " --level rows");
  }
  if (!feed.detail) return;
  judge_start(all, link, feed);
  for (const FeedDifference& one : link_differences(all.desired, all.group, link, *feed.detail,
                                                    origin.pd_cluster_id.value_or(0))) {
    const bool mode = one.property == "bdr_mode";
    const bool upstream = one.property == "upstream cluster";
    const bool lossy = leaves_rows_out(one.property);
    all.add(mode       ? "BDR_MODE_WRONG"
            : upstream ? "FEED_OF_ANOTHER_CLUSTER"
            : lossy    ? "FEED_LEAVES_ROWS_OUT"
                       : "FEED_DIFFERS",
            mode || upstream || lossy ? kAlarm : kWarning, object,
            feed_words(feed, origin.name) + " has " + one.property + " = " + one.seen +
                ", wanted " + one.wanted,
            upstream ? "check `ticdc` and `pd` of [[cluster]] " + link.from.value()
                     : "bdrmesh link repair " + names);
  }
}

void judge_links(Judgement& all) {
  std::vector<Link> missing;
  bool any = false;
  for (const Link& link : all.group.links()) {
    const ClusterSight* origin = all.sight_of(link.from);
    if (origin == nullptr || !origin->feeds_known) continue;
    const FeedSight* feed = feed_in_use(*origin, all.group.name, link);
    if (feed == nullptr) {
      missing.push_back(link);
      continue;
    }
    any = true;
    judge_incarnations(all, *origin, link, *feed);
    judge_link_feed(all, *origin, link, *feed);
  }
  if (!any) return;  // not brought up yet: the plan says so
  for (const Link& link : missing) {
    all.add("LINK_MISSING", kAlarm, "link " + to_string(link),
            "no changefeed carries rows from " + link.from.value() + " to " + link.to.value() +
                ", while other links of group " + all.group.name.value() +
                " run: " + link.to.value() + " does not get the rows of " + link.from.value(),
            "bdrmesh group plan " + all.group.name.value());
  }
}

void judge_roles(Judgement& all) {
  std::string primaries;
  std::size_t count = 0;
  std::size_t none = 0;
  std::size_t known = 0;
  for (const ClusterName& member : all.group.members) {
    const ClusterSight* sight = all.sight_of(member);
    if (sight == nullptr || !sight->role || !sight->role_supported) continue;
    ++known;
    if (*sight->role == "none") ++none;
    if (*sight->role != "primary") continue;
    ++count;
    primaries += (primaries.empty() ? "" : ", ") + member.value();
  }
  const std::string object = "group " + all.group.name.value();
  const std::string remedy = "bdrmesh group plan " + all.group.name.value();
  if (count > 1) {
    all.add("TWO_PRIMARIES", kAlarm, object,
            primaries + " all have BDR role primary: DDL goes back and forth between them", remedy);
  } else if (known == all.group.members.size() && none > 0 && none < known) {
    all.add("ROLES_MIXED", kAlarm, object,
            "some members have a BDR role and some have none: DDL run on those without one is "
            "replicated by nobody",
            remedy);
  }
}

void judge_ids(Judgement& all) {
  std::map<int, ClusterName> ids;
  std::map<std::uint64_t, ClusterName> stores;
  for (const ClusterName& member : all.group.members) {
    const ClusterSight* sight = all.sight_of(member);
    if (sight == nullptr) continue;
    if (sight->source_id) {
      const auto [twin, is_new] = ids.emplace(*sight->source_id, member);
      if (!is_new) {
        all.add("SOURCE_ID_TWICE", kWarning, "cluster " + member.value(),
                member.value() + " and " + twin->second.value() + " both have tidb_source_id " +
                    std::to_string(*sight->source_id),
                "bdrmesh group apply " + all.group.name.value());
      }
      if (*sight->source_id > 8) {
        all.add("SOURCE_ID_TOO_HIGH", kAlarm, "cluster " + member.value(),
                "tidb_source_id of " + member.value() + " is " + std::to_string(*sight->source_id) +
                    ": classic TiCDC cannot commit rows with more than 8",
                "bdrmesh group apply " + all.group.name.value());
      }
    }
    if (!sight->pd_cluster_id) continue;
    const auto [twin, is_new] = stores.emplace(*sight->pd_cluster_id, member);
    if (!is_new) {
      all.add("SAME_CLUSTER_TWICE", kAlarm, "cluster " + member.value(),
              member.value() + " and " + twin->second.value() + " are one cluster under two names",
              "check the addresses of both [[cluster]] sections");
    }
  }
}

}  // namespace

bool may_overlap(const std::vector<std::string>& rules, const std::vector<std::string>& others) {
  return takes_an_example_of(rules, others) || takes_an_example_of(others, rules);
}

std::vector<std::string> rules_of(const FeedDetail& feed) {
  std::vector<std::string> rules;
  const auto filter = feed.config.find("filter");
  if (filter != feed.config.end() && filter->is_object()) {
    const auto listed = filter->find("rules");
    if (listed != filter->end() && listed->is_array()) {
      for (const Json& rule : *listed) {
        if (rule.is_string()) rules.push_back(rule.get<std::string>());
      }
    }
  }
  if (rules.empty()) rules.emplace_back("*.*");
  return rules;
}

std::optional<ClusterName> target_of(const Desired& desired, const FeedDetail& feed) {
  const std::string address = sink_target(feed.sink_uri).address;
  for (const ClusterSpec& cluster : desired.clusters) {
    if (cluster.sink.address == address) return cluster.name;
    for (const ServerAddress& server : cluster.tidb) {
      if (server.value() == address) return cluster.name;
    }
  }
  return std::nullopt;
}

std::vector<FeedDifference> link_differences(const Desired& desired, const GroupSpec& group,
                                             const Link& link, const FeedDetail& seen,
                                             std::uint64_t upstream_id) {
  const SinkSpec& sink = desired.cluster(link.to).sink;
  std::vector<FeedDifference> all =
      feed_differences(wanted_replica_config(group, seen.id), sink.user_for(link.from),
                       sink.address, upstream_id == 0 ? seen.upstream_id : upstream_id, seen);
  std::ranges::move(feed_additions(sink.params, seen), std::back_inserter(all));
  return all;
}

std::vector<MeshFinding> mesh_findings(const Desired& desired, const GroupSpec& group,
                                       const std::vector<ClusterSight>& seen,
                                       const std::vector<LinkIncarnation>& book) {
  Judgement all{desired, group, seen, book, {}};
  judge_links(all);
  judge_strangers(all);
  if (group.kind == GroupKind::multi_active) judge_roles(all);
  judge_ids(all);
  return std::move(all.out);
}

}  // namespace bdrmesh
