// What the API says about certificates, and about when tables were last proven.
#include <algorithm>

#include "app/daemon/backend.h"
#include "app/daemon/store_certificates.h"
#include "app/daemon/store_coverage.h"

namespace bdrmesh {

Json DaemonBackend::certificates() {
  Json list = Json::array();
  const std::vector<DocumentRecord> all = parts_.store.documents(kCertificateDocument);
  // The newest first, as everywhere.
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    const Json& body = one->body;
    const Json plan = get_or(body, "plan", Json::object());
    list.push_back({{"id", one->key},
                    {"operation", get_required<std::string>(body, "operation")},
                    {"kind", get_or<std::string>(plan, "kind", "")},
                    {"title", get_or<std::string>(plan, "title", "")},
                    {"issued_at", get_required<std::string>(body, "issued_at")},
                    {"proof", get_required<bool>(body, "proof")},
                    {"verdict", get_required<std::string>(body, "verdict")},
                    {"not_proven", get_or(body, "not_proven", Json::array()).size()},
                    {"digest", get_required<std::string>(body, "digest")}});
  }
  return {{"certificates", list}};
}

Json DaemonBackend::certificate(const std::string& id) {
  if (auto found = parts_.store.document(kCertificateDocument, id)) return std::move(found->body);
  throw Error(ErrorKind::invalid, "UNKNOWN_CERTIFICATE", "there is no certificate " + id,
              "bdrmesh certificate list");
}

Json DaemonBackend::coverage() {
  Json list = Json::array();
  for (const DocumentRecord& one : parts_.store.documents(kCoverageDocument)) {
    // Groups that the configuration does not know any more are history.
    const std::string group = get_required<std::string>(one.body, "group");
    const auto& groups = parts_.desired.groups;
    if (std::ranges::find(groups, GroupName(group), &GroupSpec::name) == groups.end()) continue;
    list.push_back(one.body);
  }
  return {{"at", to_rfc3339(parts_.clock.now())}, {"tables", list}};
}

}  // namespace bdrmesh
