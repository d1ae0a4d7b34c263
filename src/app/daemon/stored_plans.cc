#include "app/daemon/stored_plans.h"

#include "api/refusal.h"
#include "base/random_id.h"
#include "flows/seen.h"

namespace bdrmesh {
namespace {

constexpr const char* kKind = "plan";

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// Definitions of tables are long: whoever reads the sentence needs the beginning.
std::string shortened(const Json& value) {
  static constexpr std::size_t kMost = 80;
  if (value.is_null()) return "absent";
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

}  // namespace

std::string StoredPlans::keep(StoredPlan plan) {
  plan.id = "pl" + random_id(10);
  plan.made = clock_.now();
  put(plan);
  store_.forget_documents(kKind, clock_.now() - kKept, kMost);
  return plan.id;
}

void StoredPlans::put(const StoredPlan& plan) {
  store_.put_document({kKind,
                       plan.id,
                       plan.made,
                       {{"kind", plan.kind},
                        {"args", plan.args},
                        {"plan", to_json(plan.plan)},
                        {"seen", plan.seen},
                        {"answer", plan.answer},
                        {"operation", plan.operation}}});
}

StoredPlan StoredPlans::find(const std::string& id) const {
  const auto document = store_.document(kKind, id);
  if (!document) {
    throw Error(ErrorKind::invalid, "UNKNOWN_PLAN", "no plan is called '" + id + "'",
                "plans are kept for a day: make it again with --dry-run");
  }
  if (document->at + kKept < clock_.now()) {
    throw Error(ErrorKind::precondition, "PLAN_EXPIRED",
                "plan " + id + " was made at " + to_rfc3339(document->at) + ", more than a day ago",
                "make it again with --dry-run");
  }
  const Json& body = document->body;
  return {id,
          get_required<std::string>(body, "kind"),
          get_required<Json>(body, "args"),
          plan_from_json(get_required<Json>(body, "plan")),
          get_required<Json>(body, "seen"),
          get_required<Json>(body, "answer"),
          document->at,
          get_required<std::string>(body, "operation")};
}

void StoredPlans::ran(StoredPlan plan, const std::string& operation) {
  plan.operation = operation;
  put(plan);
}

Json StoredPlans::view(const StoredPlan& plan) {
  Json view = plan.answer;
  view["plan_id"] = plan.id;
  view["made"] = to_rfc3339(plan.made);
  view["expires"] = to_rfc3339(plan.made + kKept);
  view["operation"] = text_or_null(plan.operation);
  return view;
}

void refuse_changed_world(const StoredPlan& plan, const Json& now, bool partial) {
  const auto changed = flows::differences(plan.seen, now, partial);
  if (changed.empty()) return;
  Json list = Json::array();
  std::string sentence;
  for (const flows::SeenDifference& one : changed) {
    list.push_back({{"what", one.what}, {"planned", one.planned}, {"now", one.now}});
    sentence += (sentence.empty() ? "" : "; ") + one.what + " was " + shortened(one.planned) +
                ", is " + shortened(one.now);
  }
  throw Refusal(ErrorKind::conflict, "WORLD_CHANGED",
                "not as it was when plan " + plan.id + " was made: " + sentence,
                "nothing was changed; make the plan again with --dry-run, read it, run that one",
                {{"plan", plan.id}, {"changed", list}});
}

}  // namespace bdrmesh
