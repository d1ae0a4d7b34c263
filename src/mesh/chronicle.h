// Turns what is seen again and again into events: one when something changes, none while it stays.
// What may pass by itself is told only once it lasts. One thread.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "mesh/judge/findings.h"
#include "mesh/judge/gc_budget.h"
#include "mesh/judge/link_verdict.h"

namespace bdrmesh {

struct MeshEvent {
  WallTime at;
  std::string severity;  ///< info, warning, alarm
  std::string subject;   ///< "link orders east-to-west", "cluster east", "group orders"
  std::string text;
};

/// Where events go; the state file implements it. Called by one thread.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void tell(const MeshEvent& event) = 0;
};

class Chronicle {
 public:
  explicit Chronicle(EventSink& sink) : sink_(sink) {}

  /// The first verdict of a link is told only when it is a fault.
  void link(const GroupName& group, const Link& link, const LinkVerdict& verdict, WallTime now);
  /// A budget is told when its level gets worse.
  void budget(const GroupName& group, const Link& link, const GcBudget& budget, WallTime now);
  /// A property of a cluster that should stay: told when it changes, with both values. Empty: not
  /// known now, which is no change.
  void property(const ClusterName& cluster, const std::string& name, const std::string& value,
                const std::string& severity, WallTime now);
  /// A condition that is a fault while `why` is not empty; told once it lasted for `patience`, and
  /// when it ends.
  void condition(const ClusterName& cluster, const std::string& name, const std::string& why,
                 Millis patience, WallTime now);
  /// All findings of a group: those that are new are told once they have lasted a moment, because
  /// our own operations pass through mixtures; then those that are gone.
  void findings(const GroupName& group, const std::vector<MeshFinding>& all, WallTime now);

 private:
  struct Told {
    std::string word;       // the last one that was told
    std::string candidate;  // another one that was seen since
    WallTime since;         // the candidate is seen since
  };
  struct Known {
    MeshFinding finding;
    WallTime since;
    bool told = false;
  };
  struct Condition {
    std::optional<WallTime> since;
    bool told = false;
  };

  EventSink& sink_;
  std::map<std::string, Told> links_;
  std::map<std::string, std::string> levels_;
  std::map<std::string, std::string> properties_;
  std::map<std::string, Condition> conditions_;
  std::map<std::string, std::vector<Known>> findings_;
};

}  // namespace bdrmesh
