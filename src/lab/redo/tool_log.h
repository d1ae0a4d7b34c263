// Log lines in the form of TiDB's and TiCDC's logs, as the `cdc` tool writes them to stdout:
// `[2026/11/21 10:57:03.502 +00:00] [INFO] [memory.go:37] ["no cgroup memory limit"] [k=v]`.
#pragma once

#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace bdrmesh::lab {

enum class ToolLevel { debug, info, warn, error };

/// `info`, `warn` … as --log-level takes them; everything unknown is info.
ToolLevel tool_level(const std::string& name);

class ToolLog {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;

  ToolLog(std::ostream& out, const Clock& clock, ToolLevel least)
      : out_(out), clock_(clock), least_(least) {}

  /// @param always  written whatever --log-level says: the logger is not set up yet.
  void line(ToolLevel level, const std::string& place, const std::string& text,
            const Fields& fields = {}, bool always = false);

 private:
  std::ostream& out_;
  const Clock& clock_;
  const ToolLevel least_;
};

}  // namespace bdrmesh::lab
