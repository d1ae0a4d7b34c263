// One TiCDC cluster over its open API v2: one method per remote call, no policy, no retry
// (ticdc-api §1). Methods block until `call.deadline` and throw Error: transient (unreachable,
// owner changing, `FEED_NOT_FOUND`), ambiguous (a change was sent, the answer lost), precondition /
// conflict / invalid with TiCDC's own error code in the message. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/json.h"
#include "base/secret.h"
#include "model/names.h"
#include "model/tso.h"

namespace bdrmesh {

struct FeedError {
  std::string code;
  std::string message;  ///< values masked
  std::string time;
};

/// A line of the list; the only call that is safe on a newborn feed (measured §2 A1).
struct FeedSummary {
  ChangefeedId id;
  std::string state;  ///< as printed: normal, warning, stopped, failed, finished, …
  Tso checkpoint;     ///< 0 for a newborn feed
  std::uint64_t upstream_id = 0;
  std::optional<FeedError> error;
};

struct FeedDetail {
  ChangefeedId id;
  std::string state;
  Tso checkpoint;
  Tso resolved;
  Tso start_ts;
  std::uint64_t upstream_id = 0;
  std::string sink_uri;  ///< password masked by the server
  Json config;           ///< replica_config as the server prints it
  std::string creator_version;
  std::optional<FeedError> error;
  Tso target_ts{};  ///< 0: it never ends
};

struct FeedStatus {
  std::string state;
  Tso checkpoint;
  Tso resolved;
  std::optional<FeedError> last_error;
  std::optional<FeedError> last_warning;
};

struct CreateFeed {
  ChangefeedId id;
  Tso start_ts;
  Secret sink_uri;  ///< with user and password
  Json replica_config;
};

struct EligibleTables {
  std::vector<TableName> eligible;
  std::vector<TableName> ineligible;
};

struct TicdcServer {
  std::string version;
  std::string id;
  bool is_owner = false;
};

/// How its servers are set up; first what decides how long a feed may stand still (ticdc-api §2.2).
/// Absent: the server does not tell.
struct TicdcTraits {
  std::optional<Millis> gc_ttl;
  std::optional<bool> new_architecture;
  bool user_required = false;  ///< changes need HTTP Basic credentials (ticdc-api §1.2)
  std::string time_zone{};     ///< `tz`; empty: that of its machine, or not told
};

class TicdcClient {
 public:
  virtual ~TicdcClient() = default;

  virtual TicdcServer server(const Call& call) = 0;             ///< GET /api/v2/status
  virtual bool healthy(const Call& call) = 0;                   ///< GET /api/v2/health
  virtual std::vector<FeedSummary> list(const Call& call) = 0;  ///< all states
  virtual std::optional<FeedDetail> find(const ChangefeedId& id, const Call& call) = 0;
  virtual std::optional<FeedStatus> status(const ChangefeedId& id, const Call& call) = 0;
  /// @throws Error conflict `FEED_EXISTS` when the id is taken.
  virtual void create(const CreateFeed& feed, const Call& call) = 0;
  virtual void update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
                      const Json& replica_config, const Call& call) = 0;
  virtual void pause(const ChangefeedId& id, const Call& call) = 0;  ///< classic: 200 means queued
  virtual void resume(const ChangefeedId& id, const Call& call) = 0;
  virtual void remove(const ChangefeedId& id, const Call& call) = 0;
  virtual EligibleTables verify_table(Tso start_ts, const Secret& sink_uri,
                                      const Json& replica_config, const Call& call) = 0;
  virtual Tso tso(const Call& call) = 0;
  virtual TicdcTraits traits(const Call& call) = 0;  ///< GET /config; old versions have none
};

}  // namespace bdrmesh
