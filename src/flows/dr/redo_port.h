// What a failover asks of TiCDC's own tool: how far the redo log reaches, and to write it into the
// secondary (ticdc-api §6.2). Implemented where programs are started.
#pragma once

#include <functional>
#include <string>

#include "base/call.h"
#include "base/secret.h"
#include "model/tso.h"

namespace bdrmesh::flows {

/// The log holds everything that its origin committed up to `resolved`; the target has at least
/// what was committed up to `checkpoint`.
struct RedoPositions {
  Tso checkpoint;
  Tso resolved;
};

class RedoTool {
 public:
  virtual ~RedoTool() = default;

  /// Why it cannot be run on this machine; empty when nothing is known against it.
  virtual std::string fault() = 0;
  /// Reads the positions of the log below `storage`. Blocks.
  /// @throws Error precondition `REDO_UNREADABLE` with the tool's last words, `NO_REDO_LOG` when
  /// nothing is there; transient when it took too long.
  virtual RedoPositions positions(const std::string& storage, const Call& limits) = 0;
  /// Writes the log into `sink_uri`; repeating it is harmless. `begun` is called with a mark of
  /// what was started. Blocks as long as it takes.
  /// @return its last words. @throws Error transient `REDO_APPLY_FAILED` with them.
  virtual std::string apply(const std::string& storage, const Secret& sink_uri,
                            const std::function<void(const std::string&)>& begun,
                            const Call& limits) = 0;
  /// Ends what an earlier process of ours began under this mark, if it still runs.
  virtual void end_leftover(const std::string& mark) = 0;
};

}  // namespace bdrmesh::flows
