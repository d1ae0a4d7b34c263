#include "mesh/chronicle.h"

#include <algorithm>

#include "mesh/judge/span_words.h"

namespace bdrmesh {
namespace {

/// Verdicts that rest on long watching already are told at once.
Millis settles_in(const std::string& word) {
  if (word == "moving" || word == "slow") return Millis{3000};
  if (word == "unknown") return Millis{5000};
  return Millis{0};
}

std::string severity_of(const std::string& word) {
  if (word == "moving") return "info";
  if (word == "failed" || word == "missing" || word == "stuck") return "alarm";
  return "warning";
}

int rank(const std::string& level) {
  if (level == "half") return 1;
  if (level == "short") return 2;
  return level == "gone" ? 3 : 0;
}

bool same_thing(const MeshFinding& a, const MeshFinding& b) {
  return a.code == b.code && a.object == b.object && a.text == b.text;
}

std::string name_of(const GroupName& group, const Link& link) {
  return "link " + group.value() + " " + to_string(link);
}

}  // namespace

void Chronicle::link(const GroupName& group, const Link& link, const LinkVerdict& verdict,
                     WallTime now) {
  const std::string name = name_of(group, link);
  const auto [at, is_new] = links_.try_emplace(name);
  Told& told = at->second;
  if (is_new) {
    // What a daemon that just began does not know yet is no news, and neither is a healthy link.
    told.word = is_fault(verdict) && verdict.word != "unknown" ? "" : "moving";
  }
  if (verdict.word == told.word) {
    told.candidate.clear();
    return;
  }
  if (told.candidate != verdict.word) {
    told.candidate = verdict.word;
    told.since = now;
  }
  if (now - told.since < settles_in(verdict.word)) return;
  std::string text = told.word.empty() ? verdict.word : "was " + told.word + ", is " + verdict.word;
  if (verdict.since && verdict.word != "moving") text += " since " + to_rfc3339(*verdict.since);
  if (verdict.lag) text += ", lag " + in_words(*verdict.lag);
  if (!verdict.why.empty()) text += ": " + verdict.why;
  told.word = verdict.word;
  told.candidate.clear();
  sink_.tell({now, severity_of(verdict.word), name, text});
}

void Chronicle::budget(const GroupName& group, const Link& link, const GcBudget& budget,
                       WallTime now) {
  const std::string name = name_of(group, link);
  std::string& level = levels_[name];
  const bool worse = rank(budget.level) > rank(level);
  level = budget.level;
  if (!worse) return;
  std::string text = "it is " + in_words(budget.used) + " behind";
  if (budget.left && budget.dies_at)
    text += ", and the history that it needs may be gone in " + in_words(*budget.left) + ", at " +
            to_rfc3339(*budget.dies_at);
  sink_.tell(
      {now, rank(budget.level) > 1 ? "alarm" : "warning", name, text + " (" + budget.basis + ")"});
}

void Chronicle::property(const ClusterName& cluster, const std::string& name,
                         const std::string& value, const std::string& severity, WallTime now) {
  if (value.empty()) return;
  std::string& known = properties_[cluster.value() + "\n" + name];
  if (known == value) return;
  const std::string before = known;
  known = value;
  if (before.empty()) return;
  sink_.tell(
      {now, severity, "cluster " + cluster.value(), name + " was " + before + ", is " + value});
}

void Chronicle::condition(const ClusterName& cluster, const std::string& name,
                          const std::string& why, Millis patience, WallTime now) {
  Condition& condition = conditions_[cluster.value() + "\n" + name];
  if (why.empty()) {
    if (condition.told) {
      sink_.tell({now, "info", "cluster " + cluster.value(),
                  name + ": over after " +
                      in_words(std::chrono::duration_cast<Millis>(now - *condition.since))});
    }
    condition = {};
    return;
  }
  if (!condition.since) condition.since = now;
  if (condition.told || now - *condition.since < patience) return;
  condition.told = true;
  sink_.tell({now, "alarm", "cluster " + cluster.value(), name + ": " + why});
}

void Chronicle::findings(const GroupName& group, const std::vector<MeshFinding>& all,
                         WallTime now) {
  static constexpr Millis kLasts{1500};
  std::vector<Known>& before = findings_[group.value()];
  std::vector<Known> present;
  for (const MeshFinding& one : all) {
    const auto known = std::ranges::find_if(
        before, [&](const Known& other) { return same_thing(one, other.finding); });
    present.push_back(known == before.end() ? Known{one, now, false} : *known);
    Known& here = present.back();
    if (here.told || now - here.since < kLasts) continue;
    here.told = true;
    sink_.tell({now, one.severity, one.object, one.code + ": " + one.text + ". " + one.remedy});
  }
  for (const Known& one : before) {
    if (!one.told || one.finding.severity == "info") continue;
    const bool still = std::ranges::any_of(all, [&](const MeshFinding& other) {
      return other.code == one.finding.code && other.object == one.finding.object;
    });
    if (!still) sink_.tell({now, "info", one.finding.object, one.finding.code + " is over"});
  }
  before = std::move(present);
}

}  // namespace bdrmesh
