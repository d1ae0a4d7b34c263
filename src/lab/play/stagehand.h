// What a player of scenarios can do to a lab, and see of it. A test plays on another stage.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "lab/fault/fault_words.h"
#include "lab/load/load_run.h"

namespace bdrmesh::lab::play {

class Stagehand {
 public:
  virtual ~Stagehand() = default;

  /// What the lab answers to the fault's words: `did` and `undo`. These throw Error.
  virtual Json order(const fault::Words& words) = 0;
  /// Fields of each row with blanks between; empty when there are no rows.
  virtual std::string sql(const std::string& cluster, const std::string& statement) = 0;
  virtual void start_load(const load::LoadOptions& options) = 0;
  virtual void stop_load() = 0;
  /// Creates a changefeed in bdr mode from each cluster to each other one.
  virtual void make_mesh() = 0;
  /// State of every changefeed of every cluster, as `east t-east-west normal`.
  virtual std::vector<std::string> feed_states() = 0;
  /// Compares the ledger of all loads so far with every cluster; waits for what is on its way.
  /// @return what is wrong; empty when nothing is.
  virtual std::string lost(Millis patience) = 0;
};

}  // namespace bdrmesh::lab::play
