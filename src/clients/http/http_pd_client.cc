#include "clients/http/http_pd_client.h"

#include "base/error.h"
#include "base/json.h"
#include "clients/http/base_urls.h"
#include "clients/http/noted.h"

namespace bdrmesh {

std::uint64_t read_pd_cluster_id(std::string_view body) {
  const Json value = Json::parse(body, nullptr, false);
  if (value.is_object()) {
    const auto id = value.find("id");
    if (id != value.end() && id->is_number_unsigned() && id->get<std::uint64_t>() != 0)
      return id->get<std::uint64_t>();
  }
  throw Error(ErrorKind::invalid, "PD_BAD_ANSWER", "PD's /cluster names no id");
}

std::uint64_t HttpPdClient::cluster_id(const Call& call) {
  std::string refusals;
  for (const std::string& base : base_urls_) {
    HttpRequest request;
    request.url = join_url(base, "/pd/api/v1/cluster");
    const HttpAnswer answer = send_noted(http_, label_, request, call, clock_);
    if (answer.ok()) return read_pd_cluster_id(answer.body);
    if (answer.outcome == HttpOutcome::stopped || answer.outcome == HttpOutcome::stopped_before) {
      throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop while asking PD at " + base);
    }
    if (answer.outcome == HttpOutcome::refused_tls) {
      throw Error(ErrorKind::precondition, "PD_TLS", "PD at " + base + ": " + answer.trouble);
    }
    const std::string why = answer.outcome == HttpOutcome::answered
                                ? "HTTP " + std::to_string(answer.status)
                                : answer.trouble;
    refusals += (refusals.empty() ? "" : "; ") + base + ": " + why;
  }
  throw Error(ErrorKind::transient, "PD_UNREACHABLE", "no PD answers: " + refusals);
}

}  // namespace bdrmesh
