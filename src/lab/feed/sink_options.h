// Options of the MySQL sink, from the sink URI or from replica_config (ticdc-api §7.1, §1.6). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "lab/feed/sink_uri.h"

namespace bdrmesh::lab {

struct SinkOptions {
  std::size_t worker_count = 16;
  std::size_t max_txn_row = 256;
  std::size_t max_multi_update_row = 40;
  bool safe_mode = false;
  bool batch_dml = true;
  bool multi_statements = true;
  bool pessimistic = false;       ///< tidb-txn-mode
  bool whole_table_txns = false;  ///< transaction-atomicity=table
  std::optional<Millis> read_timeout;
  std::optional<Millis> write_timeout;
};

/// @param mysql_config  `sink.mysql_config` of the replica_config as JSON text, may be empty.
/// @throws ApiError 400 CDC:ErrMySQLInvalidConfig.
SinkOptions sink_options(const SinkUri& uri, const std::string& mysql_config, bool safe_mode,
                         const std::string& atomicity);

/// A Go duration such as `2m`, `1m30s`, `500ms`; std::nullopt when it is none.
std::optional<Millis> go_millis(const std::string& text);

}  // namespace bdrmesh::lab
