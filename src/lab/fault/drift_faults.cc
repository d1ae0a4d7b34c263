// What somebody else does behind the manager's back: roles, gates, source ids, filters, sinks,
// feeds of strangers, and writes to one row in two places.
#include <algorithm>

#include "lab/fault/fault.h"
#include "lab/fault/plain_ticdc.h"
#include "lab/feed/feed_faults.h"
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"

namespace bdrmesh::lab::fault {
namespace {

using site::ClusterView;
using site::Lab;

Done set_role(Lab& lab, const Arguments& words) {
  ClusterState& state = lab.state(words.text("CLUSTER"));
  const std::string before = state.bdr_role();
  const std::string& role = words.text("ROLE");
  state.set_bdr_role(role == "none" ? "" : role);
  return {"", "BDR role of " + words.text("CLUSTER") + " is now " + role + ", set by somebody else",
          "set-role " + words.text("CLUSTER") + " " + (before.empty() ? "none" : before), true};
}

Done open_gate(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  lab.run_sql(cluster, "SET GLOBAL tidb_super_read_only = OFF");
  return {"", "tidb_super_read_only of " + cluster + " was set OFF by user dba",
          "close-gate " + cluster, true};
}

Done close_gate(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  lab.run_sql(cluster, "SET GLOBAL tidb_super_read_only = ON");
  return {"", "tidb_super_read_only of " + cluster + " was set ON by user dba",
          "open-gate " + cluster, true};
}

Done set_source_id(Lab& lab, const Arguments& words) {
  const std::string& cluster = words.text("CLUSTER");
  const int before = lab.state(cluster).source_id();
  const int wanted = lab.view().cluster(cluster).source_id;
  const int now = words.number_or("COUNT", wanted);
  lab.run_sql(cluster, "SET GLOBAL tidb_source_id = " + std::to_string(now));
  return {"source id " + cluster,
          "tidb_source_id of " + cluster + " is now " + std::to_string(now) + ", was " +
              std::to_string(before),
          now == wanted ? "" : "set-source-id " + cluster + " " + std::to_string(wanted),
          now == wanted};
}

/// The feed of a link with TiCDC's API beside it.
struct ApiLink {
  ApiLink(Lab& lab, const Arguments& words)
      : from(lab.view().cluster(words.text("FROM"))),
        to(lab.view().cluster(words.text("TO"))),
        api(lab.clock(), from.ticdc) {
    lab.feed(from.name, to.name, id);
    for (const ChangefeedView& feed : lab.node(from.name).ticdc.feeds()) {
      if (feed.info.id == id) sink_uri = feed.info.sink_uri;
    }
  }
  std::string words() const { return from.name + " " + to.name; }

  const ClusterView& from;
  const ClusterView& to;
  PlainTicdc api;
  std::string id;
  std::string sink_uri;  ///< with its password: not for messages
};

std::string joined_rules(const Json& config) {
  std::string text;
  const Json filter = get_or<Json>(config, "filter", Json::object());
  for (const std::string& rule : get_or<std::vector<std::string>>(filter, "rules", {"*.*"})) {
    text += (text.empty() ? "" : ",") + rule;
  }
  return text;
}

Done drift_filter(Lab& lab, const Arguments& words) {
  const ApiLink link(lab, words);
  Json config = get_required<Json>(link.api.detail(link.id), "config");
  const std::string before = joined_rules(config);
  Json rules = Json::array();
  std::string rest = words.text("RULES");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    rules.push_back(rest.substr(0, comma));
    rest.erase(0, comma + 1);
  }
  config["filter"]["rules"] = rules;
  link.api.change(link.id, {{"replica_config", config}});
  return {"", "feed " + link.id + " has the filter " + words.text("RULES") + ", was " + before,
          "drift-filter " + link.words() + " " + joined({before}), true};
}

Done drift_sink(Lab& lab, const Arguments& words) {
  const ApiLink link(lab, words);
  const std::size_t wanted = static_cast<std::size_t>(words.number_or("SERVER", 2) - 1);
  std::string uri = link.sink_uri;
  std::size_t before = wanted;
  for (std::size_t i = 0; i < link.to.tidb.size(); ++i) {
    const std::size_t at = uri.find("@" + link.to.tidb[i]);
    if (at == std::string::npos) continue;
    before = i;
    uri.replace(at + 1, link.to.tidb[i].size(), link.to.tidb[wanted]);
    break;
  }
  const Json config = get_required<Json>(link.api.detail(link.id), "config");
  link.api.change(link.id, {{"sink_uri", uri}, {"replica_config", config}});
  return {"",
          "feed " + link.id + " writes through tidb-server " + words.text("SERVER") + " of " +
              link.to.name,
          "drift-sink " + link.words() + " " + std::to_string(before + 1), true};
}

Done pause_feed(Lab& lab, const Arguments& words) {
  const ApiLink link(lab, words);
  link.api.pause(link.id);
  return {"paused " + link.id, "feed " + link.id + " was paused by somebody else",
          "resume-feed " + link.words()};
}

Done resume_feed(Lab& lab, const Arguments& words) {
  const ApiLink link(lab, words);
  link.api.resume(link.id);
  return {"paused " + link.id, "feed " + link.id + " was resumed", "", true};
}

Done foreign_feed(Lab& lab, const Arguments& words) {
  const ClusterView& from = lab.view().cluster(words.text("FROM"));
  const ClusterView& to = lab.view().cluster(words.text("TO"));
  const std::string id = "foreign-" + from.name + "-" + to.name;
  const site::Account& sink = to.sinks.at(from.name);
  const std::string uri =
      "mysql://" + sink.name + ":" + sink.password.reveal() + "@" + to.tidb.front() + "/";
  PlainTicdc(lab.clock(), from.ticdc)
      .create({{"changefeed_id", id},
               {"sink_uri", uri},
               {"replica_config",
                {{"bdr_mode", true}, {"filter", {{"rules", {words.text_or("TABLE", "app.*")}}}}}}});
  return {"foreign " + id, "changefeed " + id + " of somebody else carries the same rows",
          "remove-feed " + from.name + " " + id};
}

Done remove_feed(Lab& lab, const Arguments& words) {
  const ClusterView& from = lab.view().cluster(words.text("FROM"));
  PlainTicdc(lab.clock(), from.ticdc).remove(words.text("ID"));
  return {"foreign " + words.text("ID"), "changefeed " + words.text("ID") + " was removed", "",
          true};
}

/// The feed of a link held back for a while; nothing when there is none.
class HeldFeed {
 public:
  HeldFeed(Lab& lab, const std::string& from, const std::string& to) {
    try {
      std::string id;
      faults_ = lab.feed(from, to, id);
      was_frozen_ = faults_->frozen();
      faults_->freeze();
    } catch (const Error&) {
      faults_.reset();
    }
  }
  ~HeldFeed() {
    if (faults_ && !was_frozen_) faults_->thaw();
  }
  HeldFeed(const HeldFeed&) = delete;
  HeldFeed& operator=(const HeldFeed&) = delete;

 private:
  std::shared_ptr<FeedFaults> faults_;
  bool was_frozen_ = false;
};

Done conflicting_writes(Lab& lab, const Arguments& words) {
  const std::string& one = words.text("CLUSTER");
  const std::string& other = words.text("TO");
  if (one == other) bad_fault("conflicting writes need two clusters");
  {
    // Neither write reaches the other cluster before that one has written too.
    const HeldFeed there(lab, one, other);
    const HeldFeed back(lab, other, one);
    for (const std::string& cluster : {one, other}) {
      lab.run_sql(cluster, "UPDATE app.orders SET note = 'written on " + cluster +
                               "' WHERE id = " + words.text_or("COUNT", "1"));
    }
  }
  return {"", "the same order was changed on " + one + " and on " + other + " at once", "", true};
}

}  // namespace

const Family& drift_faults() {
  static const Family family{
      {"set-role", "CLUSTER ROLE:primary|secondary|none", "changes the BDR role unasked", set_role},
      {"open-gate", "CLUSTER", "somebody else turns read-only off", open_gate},
      {"close-gate", "CLUSTER", "somebody else turns read-only on", close_gate},
      {"set-source-id", "CLUSTER [COUNT]", "changes tidb_source_id; without a number back",
       set_source_id, true},
      {"drift-filter", "FROM TO RULES", "changes a feed's filter, rules with commas", drift_filter,
       true},
      {"drift-sink", "FROM TO SERVER", "makes a feed write through another tidb-server",
       drift_sink},
      {"pause-feed", "FROM TO", "somebody else pauses a feed", pause_feed},
      {"resume-feed", "FROM TO", "and resumes it", resume_feed},
      {"foreign-feed", "FROM TO [TABLE]", "a changefeed that is not the manager's", foreign_feed,
       true},
      {"remove-feed", "FROM ID", "somebody else removes a changefeed", remove_feed, true},
      {"conflicting-writes", "CLUSTER TO [COUNT]", "changes one order on two clusters at once",
       conflicting_writes, true},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
