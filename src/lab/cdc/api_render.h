// Answers of TiCDC's Open API v2 as text, of both families (ticdc-api §1.3, §1.5; recorded answers
// in tests/data). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/cdc/api_tables.h"
#include "lab/config/api_rules.h"
#include "lab/owner/changefeed.h"

namespace bdrmesh::lab {

/// Who answers.
struct NodeFacts {
  std::string version = "v8.5.3";
  std::string git_hash = "None";
  std::string capture_id;
  std::string address;
  std::uint64_t upstream_id = 0;
  int pid = 0;
  bool is_owner = true;
  std::vector<std::string> client_users;  ///< client-allowed-user; empty: nobody has to log in
  ApiRules rules;
};

/// A node as GET /captures lists it.
struct CaptureView {
  std::string id;
  std::string address;
  bool is_owner = false;
};

std::string render_error(const std::string& message, const std::string& code);
/// The answer to create and update: config with nothing left out, no task status.
std::string render_created(const NodeFacts& node, const ChangefeedView& view, bool created);
/// @param table_ids  of classic's task status.
std::string render_detail(const NodeFacts& node, const ChangefeedView& view,
                          const std::vector<std::int64_t>& table_ids, bool mask_password);
/// @param state  what was asked for: a state, `all`, or nothing.
std::string render_list(const NodeFacts& node, const std::vector<ChangefeedView>& views,
                        const std::string& state);
std::string render_status(const NodeFacts& node, const ChangefeedView& view);
/// @param now  the cluster's TSO.
std::string render_synced(const NodeFacts& node, const ChangefeedView& view, std::uint64_t now);

std::string render_server_status(const NodeFacts& node);
std::string render_captures(const std::vector<CaptureView>& captures);
std::string render_processors(const NodeFacts& node, const std::vector<ChangefeedView>& views);
std::string render_processor(const std::vector<std::int64_t>& table_ids);
std::string render_tso(std::uint64_t tso);
std::string render_verified(const NodeFacts& node, const std::vector<NumberedTable>& tables,
                            bool all_eligible);
std::string render_server_config(const NodeFacts& node, std::int64_t gc_ttl_seconds);
/// What etcd holds, passwords in clear (ticdc-api §1.5.10).
std::string render_metadata(const NodeFacts& node, const std::vector<ChangefeedView>& views);

/// `2026-11-21 10:07:28.989`, UTC; of 0 the zero time of Go.
std::string go_json_time(std::uint64_t tso);
/// RFC 3339 in UTC with as many digits of the second as it has.
std::string go_nano_time(std::chrono::sys_time<std::chrono::nanoseconds> time);

}  // namespace bdrmesh::lab
