// What every check gets and gives. A check asks the ports and judges their answers; it changes
// nothing and keeps nothing.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/error.h"
#include "clients/world.h"
#include "doctor/finding.h"
#include "model/desired.h"

namespace bdrmesh::doctor {

struct Definitions;

/// The findings of one check, with shorter ways to add one.
class Findings {
 public:
  void ok(std::string code, const ClusterName& cluster, std::string text);
  void warn(std::string code, const ClusterName& cluster, std::string text, std::string remedy);
  void error(std::string code, const ClusterName& cluster, std::string text, std::string remedy);
  std::vector<Finding> take() { return std::move(all_); }

 private:
  std::vector<Finding> all_;
};

/// One examination. The sets are filled by the first check, reachability; later ones leave out whom
/// they cannot ask.
struct CheckContext {
  const Desired& desired;
  const GroupSpec& group;
  World& world;
  const Call& call;
  const Clock& clock;
  std::set<ClusterName> with_tidb;
  std::set<ClusterName> with_pd;
  std::set<ClusterName> with_ticdc;
  std::shared_ptr<const Definitions> definitions;  ///< filled by the first check that needs them

  /// The members that `answering` holds, in the order of the group.
  std::vector<ClusterName> members_in(const std::set<ClusterName>& answering) const;

  /// Runs `ask`; a failure of it becomes a finding "could not be read", as one silent thing must
  /// not hide the others. Being stopped is no finding. @throws Error cancelled, bug.
  bool asked(Findings& findings, const ClusterName& cluster, const std::string& what,
             const std::function<void()>& ask) const;
};

class Check {
 public:
  virtual ~Check() = default;
  virtual std::string name() const = 0;
  virtual std::vector<Finding> run(CheckContext& ctx) const = 0;
};

}  // namespace bdrmesh::doctor
