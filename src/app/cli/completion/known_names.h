// Names for completion: clusters and groups of the configuration file, where there is one, else of
// the daemon; operations and plans of the daemon. Quick and silent: whoever presses Tab must not
// wait, nor read errors. One thread.
#pragma once

#include <string>

#include "app/cli/completion/candidates.h"

namespace bdrmesh {

class KnownNames final : public NameSource {
 public:
  /// `config`: may be empty. `server`: URL of the daemon; empty: none is asked.
  KnownNames(std::string config, std::string server);
  /// Blocks for half a second at most. Never throws.
  std::vector<std::string> names(Names kind) override;

 private:
  std::vector<std::string> of_config(Names kind) const;
  std::vector<std::string> of_daemon(Names kind) const;

  std::string config_;
  std::string server_;
};

}  // namespace bdrmesh
