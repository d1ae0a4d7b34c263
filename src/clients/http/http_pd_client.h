// PdClient over HTTP: any PD of the list. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "clients/http/http_client.h"
#include "clients/pd_client.h"

namespace bdrmesh {

class HttpPdClient final : public PdClient {
 public:
  /// `label` names the service to observers of calls: "pd east".
  HttpPdClient(std::vector<std::string> base_urls, TlsFiles tls, const Clock& clock,
               std::string label = "pd")
      : base_urls_(std::move(base_urls)),
        http_(std::move(tls), clock),
        clock_(clock),
        label_(std::move(label)) {}

  /// @throws Error transient `PD_UNREACHABLE`, `PD_NOT_READY`; precondition `PD_TLS`; invalid
  /// `PD_BAD_ANSWER`; cancelled.
  std::uint64_t cluster_id(const Call& call) override;

 private:
  std::vector<std::string> base_urls_;
  HttpClient http_;
  const Clock& clock_;
  std::string label_;
};

/// The member `id` of PD's /cluster. @throws Error invalid `PD_BAD_ANSWER`.
std::uint64_t read_pd_cluster_id(std::string_view body);

}  // namespace bdrmesh
