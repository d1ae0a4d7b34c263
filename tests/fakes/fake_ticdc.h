// The TiCDC of one cluster of a FakeWorld, with the classic family's quirks (measured §2): newborn
// feeds that only the list shows, deletes that are lost in that window, updates that the next read
// does not show. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/ticdc_client.h"
#include "fakes/fake_world.h"

namespace bdrmesh::fakes {

class FakeTicdc final : public TicdcClient {
 public:
  FakeTicdc(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

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
  ClusterState& here();  ///< @throws Error transient when TiCDC is down
  /// One look: the feed is older and further afterwards. @return nullptr when absent or newborn.
  FeedState* grown(const ChangefeedId& id);
  FeedState& existing(const ChangefeedId& id);

  FakeWorld& world_;
  std::string name_;
};

/// Does a TiCDC filter of that kind (`app.*`, `*.*`, `!app.log`) take the table? The last rule that
/// matches decides.
bool rules_take(const std::vector<std::string>& rules, const TableName& table);

}  // namespace bdrmesh::fakes
