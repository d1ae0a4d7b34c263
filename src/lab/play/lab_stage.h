// A running lab as a stage: its commands for faults, SQL as user dba, plain TiCDC calls for the
// mesh, and a load of its own. Blocking; one thread.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "lab/play/stagehand.h"
#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::play {

class LabStage final : public Stagehand {
 public:
  /// Sends one command to the lab and gives its answer; throws as the lab does.
  using Ask = std::function<Json(const Json& request)>;

  /// @param ledger  where loads write what applications were told.
  LabStage(const Clock& clock, site::LabView lab, Ask ask, std::filesystem::path ledger);
  ~LabStage() override;

  Json order(const fault::Words& words) override;
  std::string sql(const std::string& cluster, const std::string& statement) override;
  void start_load(const load::LoadOptions& options) override;
  void stop_load() override;
  void make_mesh() override;
  std::vector<std::string> feed_states() override;
  std::string lost(Millis patience) override;

  /// What the last load's applications met, as a table; empty when there was none.
  std::string load_table() const { return load_table_; }

 private:
  /// The clusters as one of their users sees them.
  std::vector<load::LoadTarget> targets(site::Account site::ClusterView::*who) const;
  void wait_for_feeds(Millis patience);

  const Clock& clock_;
  site::LabView lab_;
  Ask ask_;
  std::filesystem::path ledger_;
  std::unique_ptr<load::LoadRun> load_;
  std::string load_table_;
};

/// Id of the changefeed that make_mesh() creates.
std::string mesh_feed_id(const std::string& from, const std::string& to);

}  // namespace bdrmesh::lab::play
