// The changefeed that a link wants, and how what TiCDC reads back differs from it. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "clients/ticdc_client.h"
#include "model/desired.h"

namespace bdrmesh {

/// The whole `replica_config` of a feed of `group`: bdr-mode on every link of a mesh, on none of a
/// pair (design §2 rule 2). Redo, where the group has it, goes to a prefix of the feed's own (rule
/// 13). Every key that matters is named, since PUT resets what is not (ticdc-api §1.5.4).
Json wanted_replica_config(const GroupSpec& group, const ChangefeedId& feed);

/// Where `feed` writes its redo log: a folder of its own below the group's storage.
std::string redo_prefix(const RedoSpec& redo, const ChangefeedId& feed);

struct FeedDifference {
  std::string property;
  std::string wanted;
  std::string seen;
};

/// Whom a sink URI names: user and `host:port` of `mysql://user:xxxxx@host:port/?…`.
struct SinkTarget {
  std::string user;
  std::string address;
};
SinkTarget sink_target(const std::string& uri);

/// Compares field by field what was wanted with what the server prints. Keys that the server adds
/// are its defaults; an absent switch counts as off (measured §2 B). Also compared: user and
/// address of the sink, and the upstream's cluster id.
std::vector<FeedDifference> feed_differences(const Json& wanted_config,
                                             const std::string& sink_user,
                                             const std::string& sink_address,
                                             std::uint64_t upstream_id, const FeedDetail& seen);

/// What a feed has that nobody wanted: event filters, transactions to leave out, dispatchers, an
/// end, and parameters of the sink URI other than `wanted_params`.
std::vector<FeedDifference> feed_additions(const std::map<std::string, std::string>& wanted_params,
                                           const FeedDetail& seen);

/// Whether a feed with that difference passes rows by without a word.
bool leaves_rows_out(const std::string& property);

}  // namespace bdrmesh
