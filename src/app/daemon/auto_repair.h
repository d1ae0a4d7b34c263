// Resumes changefeeds that failed for a passing reason, in groups that want it. When, the policy in
// mesh/judge decides; each try is an operation like a person's. A thread of its own.
#pragma once

#include <thread>

#include "api/backend.h"
#include "mesh/judge/auto_resume.h"
#include "mesh/mesh_watch.h"
#include "model/desired.h"

namespace bdrmesh {

class AutoRepair {
 public:
  /// Everything outlives this.
  struct Parts {
    const Desired& desired;
    const Clock& clock;
    const MeshWatch& watch;
    Backend& backend;
    EventSink& events;
  };

  explicit AutoRepair(Parts parts, AutoResume::Options when = AutoResume::Options{})
      : parts_(parts), policy_(when) {}
  ~AutoRepair() { stop(); }
  AutoRepair(const AutoRepair&) = delete;
  AutoRepair& operator=(const AutoRepair&) = delete;

  /// Does nothing when no group wants it.
  void start();
  void stop();  ///< joins

  /// One round, as the thread does it each second. Asks clusters when a try is due. For tests too.
  void turn();

 private:
  void turn(const GroupSpec& group, const Link& link, WallTime now);

  Parts parts_;
  AutoResume policy_;  // used by the thread only
  std::jthread thread_;
};

}  // namespace bdrmesh
