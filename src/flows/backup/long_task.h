// What BACKUP and RESTORE have in common as steps: sent once on a connection that is journaled
// first, followed from outside, found again after a restart, begun anew when nothing is left of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "flows/step_args.h"

namespace bdrmesh::flows {

class LongTask : public ClusterStep {
 public:
  LongTask(FlowPorts ports, const PlannedStep& planned, BackupKind kind)
      : ClusterStep(ports, planned), kind_(kind) {}

  Verdict verify(StepContext& ctx) override;
  void execute(StepContext& ctx) override;

 protected:
  BackupClient& backup() const { return ports_.world.backup(cluster()); }
  /// "BACKUP of 12 tables of east".
  std::string what(const StepContext& ctx) const;
  std::vector<TableName> tables(const StepContext& ctx) const;
  /// Where the copy is, or is to be made by this attempt.
  virtual std::string folder(const StepContext& ctx, int attempt) const = 0;
  /// Before the statement leaves (again).
  virtual void prepare(StepContext&, int /*attempt*/) {}
  /// Sets what the operation rests on from now on.
  virtual void done(StepContext& ctx, const std::string& folder) = 0;
  virtual bool is_done(const StepContext& ctx) const = 0;
  virtual Tso position(const StepContext&) const { return {}; }

  bool was_sent(const StepContext& ctx) const { return ctx.fact(sent_fact(), scope()).has_value(); }
  /// Afterwards it does not run any more. Blocks for a minute at most: a statement looks only now
  /// and then whether it was killed. @throws Error transient while it still runs.
  void stop(StepContext& ctx);
  /// What is left of a task of which nobody tells any more; a sentence for people.
  virtual std::string remains(StepContext& ctx) const = 0;

 private:
  enum class Seen { nothing, runs, ended, failed };
  struct Look {
    Seen seen = Seen::nothing;
    BackupTask task;
    SentBackup sent;
    std::string folder;
    int attempt = 0;
  };
  std::string sent_fact() const {
    return kind_ == BackupKind::backup ? "backup_sent" : "restore_sent";
  }
  std::string code(const char* suffix) const {
    return (kind_ == BackupKind::backup ? "BACKUP_" : "RESTORE_") + std::string(suffix);
  }
  Look look(StepContext& ctx) const;
  Verdict lost(StepContext& ctx, const Look& seen) const;
  std::optional<BackupTask> told_by_its_server(StepContext& ctx, const SentBackup& sent) const;
  std::uint64_t rate_limit(const StepContext& ctx) const;

  BackupKind kind_;
  /// By this process, or found running by it: what is lost now is not begun anew behind one's back.
  bool sent_here_ = false;
  bool follows_ = false;
};

/// `120MB/s` as megabytes per second; 0 for an empty text.
/// @throws Error precondition `BAD_RATE_LIMIT`. Pure.
std::uint64_t megabytes_per_second(const std::string& rate_limit);

/// `name` below a storage URL, whose parameters stay at the end. Pure.
std::string folder_below(const std::string& storage, const std::string& name);

}  // namespace bdrmesh::flows
