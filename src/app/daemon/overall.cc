#include <algorithm>

#include "app/daemon/backend.h"

namespace bdrmesh {
namespace {

/// Whether an operation that is not final closed this gate: then it is part of the plan and not a
/// fault.
bool is_worked_on(const Json& gate, const Json& operations) {
  for (const Json& operation : operations) {
    const std::string state = operation.at("state");
    if (operation.at("id") == gate.at("operation") && state != "blocked") return true;
  }
  return false;
}

void judge_clusters(const Json& clusters, Overall& overall, bool& unknown) {
  for (const Json& cluster : clusters) {
    const std::string name = cluster.at("name");
    if (cluster.at("seen_at").is_null()) {
      unknown = true;
      continue;
    }
    const bool worked_on = !get_or<Json>(cluster, "maintenance", Json()).is_null();
    if (!worked_on && !cluster.at("error").is_null())
      overall.reasons.push_back("cluster " + name + ": " + cluster.at("error").get<std::string>());
    const bool one_answers = std::ranges::any_of(cluster.at("servers"), [](const Json& server) {
      return server.at("reachable").get<bool>();
    });
    for (const Json& server : cluster.at("servers")) {
      if (worked_on) break;
      if (!one_answers && !cluster.at("error").is_null()) break;  // said as one thing above
      if (!server.at("reachable").get<bool>())
        overall.reasons.push_back("tidb-server " + server.at("address").get<std::string>() +
                                  " of " + name + " does not answer");
    }
    const Json token = get_or<Json>(cluster, "token", Json());
    if (token.is_object() && !token.at("ours").get<bool>()) {
      overall.reasons.push_back("cluster " + name + " is held by manager " +
                                token.at("manager").get<std::string>() + ", epoch " +
                                token.at("epoch").dump() + ": this daemon only reads there");
    }
    const Json& ticdc = cluster.at("ticdc");
    if (!worked_on && !ticdc.at("healthy").get<bool>()) {
      overall.reasons.push_back(
          "TiCDC of " + name + ": " +
          (ticdc.at("error").is_null() ? "not healthy" : ticdc.at("error").get<std::string>()));
    }
  }
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

bool is_pair(const Json& group) { return text_of(group, "kind") == "primary-secondary"; }

/// What is wrong with a pair, and which verb fits, is said in one place.
std::string next_for(const Json& group, const std::string& command, const std::string& more = "") {
  const std::string name = group.at("name");
  if (is_pair(group)) return "bdrmesh dr status " + name;
  return "bdrmesh " + command + " " + name + more;
}

void judge_findings(const Json& group, Overall& overall) {
  for (const Json& finding : get_or<Json>(group, "findings", Json::array())) {
    const std::string code = finding.at("code");
    // Said as a missing link already.
    if (finding.at("severity") == "info" || code == "LINK_MISSING") continue;
    overall.reasons.push_back(finding.at("object").get<std::string>() + ": " + code + ", " +
                              finding.at("text").get<std::string>());
    if (overall.next.empty()) overall.next = next_for(group, "group plan");
  }
}

void judge_groups(const Json& groups, Overall& overall, bool& unknown) {
  for (const Json& group : groups) {
    judge_findings(group, overall);
    std::size_t missing = 0;
    for (const Json& link : group.at("links")) {
      const std::string word = link.at("verdict");
      if (word == "unknown") unknown = true;
      if (word == "missing") ++missing;
      if (word == "unknown" || word == "moving" || word == "missing") continue;
      if (word == "maintenance") continue;
      std::string reason = "link " + link.at("from").get<std::string>() + " to " +
                           link.at("to").get<std::string>() + ": " + word;
      if (const std::string since = text_of(link, "since"); !since.empty())
        reason += " since " + since;
      if (const std::string why = text_of(link, "why"); !why.empty()) reason += ", " + why;
      overall.reasons.push_back(reason);
      if (overall.next.empty())
        overall.next = next_for(
            group, "link explain",
            " " + link.at("from").get<std::string>() + " " + link.at("to").get<std::string>());
    }
    if (missing == 0) continue;
    overall.reasons.push_back(
        "group " + group.at("name").get<std::string>() + ": " + std::to_string(missing) + " of " +
        std::to_string(group.at("links").size()) + " links have no changefeed");
    overall.next =
        next_for(group, missing == group.at("links").size() ? "group apply" : "group plan");
  }
}

}  // namespace

Overall judge_overall(const Json& clusters, const Json& groups, const Json& gates,
                      const Json& operations) {
  Overall overall;
  bool unknown = false;
  judge_clusters(clusters, overall, unknown);
  judge_groups(groups, overall, unknown);
  for (const Json& gate : gates) {
    // That a cluster does not answer has been said above.
    if (gate.at("state") == "unknown" && gate.at("operation").is_null()) continue;
    if (is_worked_on(gate, operations)) continue;
    const bool as_wanted = get_or(gate, "standing", false) && gate.at("state") == "closed";
    if (as_wanted) continue;
    overall.reasons.push_back("the gate of " + gate.at("cluster").get<std::string>() + " is " +
                              gate.at("state").get<std::string>() + ": " +
                              gate.at("reason").get<std::string>());
    overall.next = "bdrmesh gate list";
  }
  for (const Json& operation : operations) {
    if (operation.at("state") != "blocked") continue;
    overall.reasons.push_back("operation " + operation.at("id").get<std::string>() + " is blocked");
    overall.next = "bdrmesh op show " + operation.at("id").get<std::string>();
  }
  overall.verdict = !overall.reasons.empty() ? "degraded" : unknown ? "unknown" : "healthy";
  if (!overall.next.empty()) return overall;
  if (!operations.empty()) {
    overall.next = "bdrmesh op watch " + operations.front().at("id").get<std::string>();
  } else if (overall.verdict == "degraded") {
    const auto pair = std::ranges::find_if(groups, is_pair);
    overall.next = pair == groups.end() ? "bdrmesh doctor" : next_for(*pair, "");
  } else if (!groups.empty()) {
    overall.next = "bdrmesh verify run --group " + groups.front().at("name").get<std::string>();
  }
  return overall;
}

}  // namespace bdrmesh
