#include "flows/link/link_kinds.h"

#include <algorithm>

#include "flows/link/link_changes.h"
#include "flows/step_args.h"
#include "mesh/judge/feed_errors.h"

namespace bdrmesh::flows {
namespace {

std::string words_of(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  return snapshot.group.name.value() + " " + link.link.from.value() + " " + link.link.to.value();
}

PlannedStep step_for(const std::string& type, const GroupSnapshot& snapshot,
                     const LinkSnapshot& link, const ChangefeedId& feed,
                     const Json& more = Json::object()) {
  Json args{{"group", snapshot.group.name.value()}, {"changefeed", feed.value()}};
  args.update(more);
  return on_link(type, link.link, std::move(args));
}

PlanBuilder begin(const std::string& kind, const std::string& verb, const GroupSnapshot& snapshot,
                  const LinkSnapshot& link) {
  PlanBuilder plan(
      kind, verb + " link " + to_string(link.link) + " of group " + snapshot.group.name.value());
  plan.subject({{"group", snapshot.group.name.value()},
                {"from", link.link.from.value()},
                {"to", link.link.to.value()},
                {"changefeed", link.changefeed.value()}});
  plan.lock("group:" + snapshot.group.name.value());
  return plan;
}

void require_feed(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  if (link.feed) return;
  throw Error(ErrorKind::precondition, "LINK_MISSING",
              "link " + to_string(link.link) + " has no changefeed",
              "bdrmesh group plan " + snapshot.group.name.value());
}

void prove(PlanBuilder& plan, const GroupSnapshot& snapshot, const std::vector<LinkSnapshot>& links,
           const std::vector<ChangefeedId>& feeds) {
  std::vector<ClusterName> origins;
  for (const LinkSnapshot& link : links) {
    if (std::ranges::find(origins, link.link.from) == origins.end())
      origins.push_back(link.link.from);
  }
  // A fact of its own: a marker that an earlier stage of the plan wrote went through the old feed.
  const Json args{{"fact", "marker_through_" + feeds.front().value()}};
  plan.stage("mark");
  for (const ClusterName& name : origins) plan.step(on_cluster("write_marker", name, args));
  plan.stage("prove");
  for (std::size_t i = 0; i < links.size(); ++i)
    plan.step(step_for("await_marker", snapshot, links[i], feeds[i], args));
}

const Change* first_with(const std::string& change, const std::vector<Change>& rows) {
  const auto found = std::ranges::find(rows, change, &Change::change);
  return found == rows.end() ? nullptr : &*found;
}

bool history_is_lost(const LinkSnapshot& link) {
  return link.feed && link.feed->state == "failed" && link.feed->error &&
         meaning_of(*link.feed->error).area == "history";
}

ChangefeedId next_feed(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  return changefeed_id(snapshot.group.name, link.link, next_incarnation(snapshot, link));
}

/// The newest that the book knows.
ChangefeedId last_feed(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  return changefeed_id(snapshot.group.name, link.link, last_incarnation(snapshot.book, link.link));
}

PlannedStep create_step(const GroupSnapshot& snapshot, const LinkSnapshot& link, Json from) {
  from["incarnation"] = next_incarnation(snapshot, link);
  return step_for("create_link", snapshot, link, next_feed(snapshot, link), from);
}

[[noreturn]] void refuse_loss(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  const std::string words = words_of(snapshot, link);
  throw Error(ErrorKind::precondition, "REPAIR_LOSES_ROWS",
              "the history that link " + to_string(link.link) + " needs is gone: rows written on " +
                  link.link.from.value() + " since its last position cannot be delivered to " +
                  link.link.to.value() + " any more",
              "try `bdrmesh link resume " + words +
                  "` for some minutes first; to begin anew from now, leaving the link unproven: "
                  "bdrmesh link repair " +
                  words + " --lose-rows-of " + to_string(link.link));
}

[[noreturn]] void refuse_unknown_start(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  throw Error(ErrorKind::precondition, "START_UNKNOWN",
              "link " + to_string(link.link) +
                  " has no changefeed and was never proven: nothing says from where on " +
                  link.link.to.value() + " lacks rows of " + link.link.from.value(),
              "to begin from now, leaving the link unproven until rows are verified: bdrmesh link "
              "repair " +
                  words_of(snapshot, link) + " --lose-rows-of " + to_string(link.link));
}

/// A feed that waits for its next try is let go on at once by a pause and a resumption only: a
/// resumption alone is ignored or refused (ticdc-api §1.5.7, measured §3 12).
void pause_if_it_waits(PlanBuilder& plan, const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  if (link.feed->state != "warning" && link.feed->state != "pending") return;
  plan.stage("pause and confirm").step(step_for("pause_link", snapshot, link, link.changefeed));
}

/// The feed is gone; its history is kept by nothing but the origin's GC life time.
Plan recreate(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  PlanBuilder plan = begin("link.repair", "make anew the changefeed of", snapshot, link);
  plan.stage("new incarnation")
      .step(create_step(snapshot, link,
                        {{"start_tso", to_string(*link.proven)},
                         {"in_place_of", last_feed(snapshot, link).value()}}));
  prove(plan, snapshot, {link}, {next_feed(snapshot, link)});
  return plan.build();
}

Plan begin_from_now(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  PlanBuilder plan = begin("link.repair", "begin anew, losing rows,", snapshot, link);
  if (link.feed)
    plan.stage("pause and confirm").step(step_for("pause_link", snapshot, link, link.changefeed));
  plan.stage("from now")
      .step(on_cluster("take_fence", link.link.from, {{"fact", "start"}, {"durable", true}}));
  plan.stage("new incarnation")
      .step(create_step(snapshot, link, {{"start_fact", "start"}, {"unproven", true}}));
  prove(plan, snapshot, {link}, {next_feed(snapshot, link)});
  if (!link.feed) return plan.build();
  plan.point_of_no_return("the old changefeed is deleted");
  plan.stage("remove the old one").step(step_for("remove_link", snapshot, link, link.changefeed));
  return plan.build();
}

/// What a feed keeps beside the rows that it delivers.
bool is_only_storage(const std::string& property) {
  return property == "redo" || property == "enable_sync_point" ||
         property == "sync_point_interval" || property == "sync_point_retention" ||
         property.starts_with("consistent.");
}

/// Whether the old feed carried everything to where it should: then its checkpoint proves as much.
bool carried_all(const Desired& desired, const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  return std::ranges::none_of(link_changes(desired, snapshot, link), [](const Change& row) {
    return row.change != "none" && row.property != "state" && !is_only_storage(row.property);
  });
}

Plan replace_one(const Desired& desired, const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  PlanBuilder plan = begin("link.repair", "replace the changefeed of", snapshot, link);
  replace_feeds(plan, desired, snapshot, {link});
  return plan.build();
}

void require_confirmed(const LinkSnapshot& link, const std::string& typed) {
  if (typed == to_string(link.link)) return;
  throw Error(ErrorKind::precondition, "NOT_CONFIRMED",
              "'" + typed + "' is not the name of the link: " + to_string(link.link),
              "type the link's name to confirm that rows are lost");
}

}  // namespace

int next_incarnation(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  return std::max(link.feed ? link.incarnation : 0, last_incarnation(snapshot.book, link.link)) + 1;
}

const LinkSnapshot& link_of(const GroupSnapshot& snapshot, const Link& link) {
  const auto found = std::ranges::find(snapshot.links, link, &LinkSnapshot::link);
  if (found != snapshot.links.end()) return *found;
  throw Error(ErrorKind::invalid, "UNKNOWN_LINK",
              "group " + snapshot.group.name.value() + " has no link " + to_string(link),
              "bdrmesh link list");
}

void replace_feeds(PlanBuilder& plan, const Desired& desired, const GroupSnapshot& snapshot,
                   const std::vector<LinkSnapshot>& links) {
  plan.stage("pause and confirm");
  for (const LinkSnapshot& link : links)
    plan.step(step_for("pause_link", snapshot, link, link.changefeed));
  plan.stage("new incarnations");
  std::vector<ChangefeedId> feeds;
  for (const LinkSnapshot& link : links) {
    feeds.push_back(next_feed(snapshot, link));
    Json from{{"start_fact", "position"}, {"start_scope", to_string(link.link)}};
    if (carried_all(desired, snapshot, link)) from["carries_on"] = link.changefeed.value();
    plan.step(create_step(snapshot, link, std::move(from)));
  }
  prove(plan, snapshot, links, feeds);
  plan.point_of_no_return("the first old changefeed is deleted");
  plan.stage("remove the old ones");
  for (const LinkSnapshot& link : links)
    plan.step(step_for("remove_link", snapshot, link, link.changefeed));
}

Plan plan_link_pause(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  require_feed(snapshot, link);
  PlanBuilder plan = begin("link.pause", "pause", snapshot, link);
  plan.stage("pause and confirm").step(step_for("pause_link", snapshot, link, link.changefeed));
  return plan.build();
}

Plan plan_link_resume(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  require_feed(snapshot, link);
  PlanBuilder plan = begin("link.resume", "resume", snapshot, link);
  pause_if_it_waits(plan, snapshot, link);
  plan.stage("resume").step(step_for("resume_link", snapshot, link, link.changefeed));
  prove(plan, snapshot, {link}, {link.changefeed});
  return plan.build();
}

Plan plan_link_resume_once(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  require_feed(snapshot, link);
  if (link.feed->state != "failed") {
    throw Error(
        ErrorKind::precondition, "LINK_NOT_FAILED",
        "changefeed " + link.changefeed.value() + " is " + link.feed->state + ", not failed",
        "bdrmesh link show " + words_of(snapshot, link));
  }
  PlanBuilder plan = begin("link.resume", "resume once", snapshot, link);
  plan.stage("resume once").step(step_for("resume_once", snapshot, link, link.changefeed));
  return plan.build();
}

Plan plan_link_adopt(const GroupSnapshot& snapshot, const LinkSnapshot& link) {
  require_feed(snapshot, link);
  if (link.in_book) {
    throw Error(ErrorKind::precondition, "LINK_IN_BOOK",
                "changefeed " + link.changefeed.value() + " is known already",
                "bdrmesh link show " + words_of(snapshot, link));
  }
  PlanBuilder plan = begin("link.adopt", "adopt the changefeed of", snapshot, link);
  plan.stage("adopt").step(
      step_for("adopt_link", snapshot, link, link.changefeed, {{"incarnation", link.incarnation}}));
  prove(plan, snapshot, {link}, {link.changefeed});
  return plan.build();
}

Plan plan_link_repair(const Desired& desired, const GroupSnapshot& snapshot,
                      const LinkSnapshot& link, const RepairOptions& options) {
  const std::vector<Change> rows = link_changes(desired, snapshot, link);
  const bool credentials =
      link.feed && link.feed->error && meaning_of(*link.feed->error).area == "credentials";
  const bool anew = !options.lose_rows_of.empty() || !link.feed || options.replace || credentials ||
                    first_with("repair", rows) != nullptr;
  if (anew) refuse_changed_rules(snapshot, "a repair of link " + to_string(link.link));
  if (!options.lose_rows_of.empty()) {
    require_confirmed(link, options.lose_rows_of);
    return begin_from_now(snapshot, link);
  }
  if (!link.feed) {
    if (!link.ever_in_book || !link.proven) require_feed(snapshot, link);
    if (!link.proven->is_set()) refuse_unknown_start(snapshot, link);
    return recreate(snapshot, link);
  }
  if (history_is_lost(link)) refuse_loss(snapshot, link);
  if (anew) return replace_one(desired, snapshot, link);
  if (const Change* stop = first_with("refused", rows)) {
    throw Error(ErrorKind::precondition, "DRIFT",
                stop->object + ", " + stop->property + ": wanted " + stop->wanted + ", seen " +
                    stop->seen + ": " + stop->why,
                "bdrmesh group plan " + snapshot.group.name.value());
  }
  PlanBuilder plan = begin("link.repair", "repair", snapshot, link);
  pause_if_it_waits(plan, snapshot, link);
  plan.stage("resume").step(step_for("resume_link", snapshot, link, link.changefeed));
  prove(plan, snapshot, {link}, {link.changefeed});
  return plan.build();
}

}  // namespace bdrmesh::flows
