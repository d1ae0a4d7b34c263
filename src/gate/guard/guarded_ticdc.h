// One cluster's TiCDC behind a ChangePermit: the token stands on the cluster that it reads from.
// Thread-safe as what it wraps.
#pragma once

#include "gate/guard/change_permit.h"

namespace bdrmesh {

class GuardedTicdc final : public TicdcClient {
 public:
  GuardedTicdc(TicdcClient& inner, ChangePermit permit)
      : inner_(inner), permit_(std::move(permit)) {}

  TicdcServer server(const Call& call) override { return inner_.server(call); }
  bool healthy(const Call& call) override { return inner_.healthy(call); }
  std::vector<FeedSummary> list(const Call& call) override { return inner_.list(call); }
  std::optional<FeedDetail> find(const ChangefeedId& id, const Call& call) override {
    return inner_.find(id, call);
  }
  std::optional<FeedStatus> status(const ChangefeedId& id, const Call& call) override {
    return inner_.status(id, call);
  }
  void create(const CreateFeed& feed, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.create(feed, call);
  }
  void update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
              const Json& replica_config, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.update(id, sink_uri, replica_config, call);
  }
  void pause(const ChangefeedId& id, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.pause(id, call);
  }
  void resume(const ChangefeedId& id, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.resume(id, call);
  }
  void remove(const ChangefeedId& id, const Call& call) override {
    permit_.ask_for_long(call);
    inner_.remove(id, call);
  }
  EligibleTables verify_table(Tso start_ts, const Secret& sink_uri, const Json& replica_config,
                              const Call& call) override {
    return inner_.verify_table(start_ts, sink_uri, replica_config, call);
  }
  Tso tso(const Call& call) override { return inner_.tso(call); }
  TicdcTraits traits(const Call& call) override { return inner_.traits(call); }

 private:
  TicdcClient& inner_;
  ChangePermit permit_;
};

}  // namespace bdrmesh
