// TicdcClient over HTTP: any node of the list, as nodes forward to their owner by themselves
// (ticdc-api §1.2); first the one that answered last. A question goes to the next node when one
// does not answer, a change only when the connection was never made. No retry, no policy.
// Thread-safe.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "clients/http/http_client.h"
#include "clients/ticdc_client.h"

namespace bdrmesh {

class HttpTicdcClient final : public TicdcClient {
 public:
  /// `label` names the service to observers of calls: "ticdc east".
  HttpTicdcClient(std::vector<std::string> base_urls, TlsFiles tls, const Clock& clock,
                  std::string label = "ticdc");

  TicdcServer server(const Call& call) override;
  bool healthy(const Call& call) override;
  std::vector<FeedSummary> list(const Call& call) override;
  std::optional<FeedDetail> find(const ChangefeedId& id, const Call& call) override;
  std::optional<FeedStatus> status(const ChangefeedId& id, const Call& call) override;
  void create(const CreateFeed& feed, const Call& call) override;
  void update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
              const Json& replica_config, const Call& call) override;
  void pause(const ChangefeedId& id, const Call& call) override;
  void resume(const ChangefeedId& id, const Call& call) override;
  void remove(const ChangefeedId& id, const Call& call) override;
  EligibleTables verify_table(Tso start_ts, const Secret& sink_uri, const Json& replica_config,
                              const Call& call) override;
  Tso tso(const Call& call) override;
  TicdcTraits traits(const Call& call) override;

 private:
  struct Ask;
  /// @return the answer of the first node that gives one, or the last node's trouble; with that
  /// node's URL.
  struct Told {
    HttpAnswer answer;
    std::string url;
  };
  Told send(const Ask& ask, const Call& call) const;
  /// @throws Error for every answer that is no success.
  std::string require(const Ask& ask, const Call& call) const;

  std::vector<std::string> base_urls_;
  mutable std::atomic<std::size_t> first_{0};  ///< of base_urls_: who answered last
  HttpClient http_;
  const Clock& clock_;
  std::string label_;
};

}  // namespace bdrmesh
