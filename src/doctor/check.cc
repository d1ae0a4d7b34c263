#include "doctor/check.h"

#include <algorithm>

namespace bdrmesh::doctor {

void Findings::ok(std::string code, const ClusterName& cluster, std::string text) {
  all_.push_back({std::move(code), Severity::ok, cluster.value(), std::move(text), {}});
}

void Findings::warn(std::string code, const ClusterName& cluster, std::string text,
                    std::string remedy) {
  all_.push_back(
      {std::move(code), Severity::warning, cluster.value(), std::move(text), std::move(remedy)});
}

void Findings::error(std::string code, const ClusterName& cluster, std::string text,
                     std::string remedy) {
  all_.push_back(
      {std::move(code), Severity::error, cluster.value(), std::move(text), std::move(remedy)});
}

std::vector<ClusterName> CheckContext::members_in(const std::set<ClusterName>& answering) const {
  std::vector<ClusterName> members;
  std::ranges::copy_if(group.members, std::back_inserter(members),
                       [&](const ClusterName& name) { return answering.contains(name); });
  return members;
}

bool CheckContext::asked(Findings& findings, const ClusterName& cluster, const std::string& what,
                         const std::function<void()>& ask) const {
  try {
    ask();
    return true;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::cancelled || error.kind() == ErrorKind::bug) throw;
    findings.error(error.code(), cluster, what + ": " + error.message(), error.remedy());
    return false;
  }
}

}  // namespace bdrmesh::doctor
