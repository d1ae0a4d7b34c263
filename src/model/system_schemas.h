// The schemas that belong to TiDB, TiCDC and their tools: no feed carries them (ticdc-api §4.5), no
// schema change of ours touches them, and their tables are nobody's. Names in lower case.
#pragma once

#include <array>
#include <string_view>

namespace bdrmesh {

inline constexpr std::array<std::string_view, 10> kSystemSchemas = {"mysql",
                                                                    "sys",
                                                                    "information_schema",
                                                                    "performance_schema",
                                                                    "metrics_schema",
                                                                    "inspection_schema",
                                                                    "tidb_cdc",
                                                                    "lightning_task_info",
                                                                    "workload_schema",
                                                                    "dm_heartbeat"};

}  // namespace bdrmesh
