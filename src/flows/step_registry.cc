#include "flows/step_registry.h"

#include "flows/backup/backup_steps.h"
#include "flows/backup/gc_hold.h"
#include "flows/backup/storage_probe.h"
#include "flows/backup/target_steps.h"
#include "flows/ddl/ddl_follow_steps.h"
#include "flows/ddl/ddl_open_healthy.h"
#include "flows/ddl/ddl_steps.h"
#include "flows/ddl/row_search_step.h"
#include "flows/ddl/take_back_steps.h"
#include "flows/dr/after_turn.h"
#include "flows/dr/failover_steps.h"
#include "flows/dr/pair_steps.h"
#include "flows/gate/gate_close.h"
#include "flows/gate/gate_steps.h"
#include "flows/gate/left_transactions.h"
#include "flows/gate/maintenance.h"
#include "flows/gate/opening_steps.h"
#include "flows/group/cluster_steps.h"
#include "flows/group/examine_step.h"
#include "flows/group/proof_steps.h"
#include "flows/hook/hook_step.h"
#include "flows/link/link_change_steps.h"
#include "flows/link/link_steps.h"
#include "flows/link/resume_once.h"
#include "flows/link/rotate_password.h"
#include "flows/members/evict_steps.h"
#include "flows/members/join_steps.h"
#include "flows/members/membership_steps.h"
#include "flows/stop/certificate_step.h"
#include "flows/stop/stop_proofs.h"
#include "flows/stop/stop_steps.h"
#include "flows/tables/tables_steps.h"
#include "flows/verify/definition_step.h"
#include "flows/verify/repair_steps.h"
#include "flows/verify/row_steps.h"
#include "flows/verify/syncpoint_step.h"

namespace bdrmesh::flows {
namespace {

template <class StepType>
void add(StepRegistry& registry, const FlowPorts& ports, const std::string& type) {
  registry.add(type, [ports](const PlannedStep& planned) {
    return std::make_unique<StepType>(ports, planned);
  });
}

}  // namespace

StepRegistry make_step_registry(const FlowPorts& ports) {
  StepRegistry registry;
  add<ExamineGroup>(registry, ports, "examine_group");
  add<ClaimToken>(registry, ports, "claim_token");
  add<SetSourceId>(registry, ports, "set_source_id");
  add<MakeMarkerSchema>(registry, ports, "make_marker_schema");
  add<SetRole>(registry, ports, "set_role");
  add<RestoreRole>(registry, ports, "restore_role");
  add<RequireQuietDdlQueue>(registry, ports, "require_quiet_ddl_queue");
  add<CloseGate>(registry, ports, "close_gate");
  add<AnnounceLine>(registry, ports, "announce_line");
  add<DrainTransactions>(registry, ports, "drain_transactions");
  add<RequireGateClosed>(registry, ports, "require_gate_closed");
  add<OpenGate>(registry, ports, "open_gate");
  add<NameLeftTransactions>(registry, ports, "name_left_transactions");
  add<OpenForGood>(registry, ports, "open_for_good");
  add<ReopenGateOf>(registry, ports, "reopen_gate_of");
  add<ReopenForGood>(registry, ports, "reopen_for_good");
  add<CheckTables>(registry, ports, "check_tables");
  add<CreateLink>(registry, ports, "create_link");
  add<PauseLink>(registry, ports, "pause_link");
  add<ResumeLink>(registry, ports, "resume_link");
  add<ResumeOnce>(registry, ports, "resume_once");
  add<RemoveLink>(registry, ports, "remove_link");
  add<RequireSinkUser>(registry, ports, "require_sink_user");
  add<SetSinkPassword>(registry, ports, "set_sink_password");
  add<AdoptLink>(registry, ports, "adopt_link");
  add<RequireHealthyLink>(registry, ports, "require_healthy_link");
  add<TakeFence>(registry, ports, "take_fence");
  add<WriteMarker>(registry, ports, "write_marker");
  add<DrainLink>(registry, ports, "drain_link");
  add<AwaitMarker>(registry, ports, "await_marker");
  add<LookAgain>(registry, ports, "look_again");
  add<SearchRows>(registry, ports, "search_rows");
  add<Rehearse>(registry, ports, "rehearse");
  add<NoteDdlJobs>(registry, ports, "note_ddl_jobs");
  add<ApplyDdl>(registry, ports, "apply_ddl");
  add<CompareSchemas>(registry, ports, "compare_schemas");
  add<ForgetEnded>(registry, ports, "forget_ended");
  add<RequireNoTables>(registry, ports, "require_no_tables");
  add<RequireRestorable>(registry, ports, "require_restorable");
  add<ProbeStorage>(registry, ports, "probe_storage");
  add<RunBackup>(registry, ports, "run_backup");
  add<RunRestore>(registry, ports, "run_restore");
  add<HoldGc>(registry, ports, "hold_gc");
  add<GiveBackGc>(registry, ports, "give_back_gc");
  // As plans of earlier versions call them.
  add<HoldGc>(registry, ports, "hold_history");
  add<GiveBackGc>(registry, ports, "release_history");
  add<TakeSyncpoint>(registry, ports, "take_syncpoint");
  add<CompareRows>(registry, ports, "compare_rows");
  add<SettleRows>(registry, ports, "settle_rows");
  add<ReportRows>(registry, ports, "report_rows");
  add<CompareDefinitions>(registry, ports, "compare_definitions");
  add<DraftRepair>(registry, ports, "draft_repair");
  add<WriteRepair>(registry, ports, "write_repair");
  add<RecheckRepair>(registry, ports, "recheck_repair");
  add<TakeBackDdl>(registry, ports, "take_back_ddl");
  add<TellDdlOutcome>(registry, ports, "tell_ddl_outcome");
  add<RequireRole>(registry, ports, "require_role");
  add<FollowDdl>(registry, ports, "follow_ddl");
  add<RequireChanged>(registry, ports, "require_changed");
  add<OpenWithoutFailed>(registry, ports, "open_without_failed");
  add<CarryOnLink>(registry, ports, "carry_on_link");
  add<RunHook>(registry, ports, "run_hook");
  add<NoteEnded>(registry, ports, "note_ended");
  add<KeepGateClosed>(registry, ports, "keep_gate_closed");
  add<TakeOverGate>(registry, ports, "take_over_gate");
  add<LookAgainToLeave>(registry, ports, "look_again_to_leave");
  add<ReportDeparture>(registry, ports, "report_departure");
  add<RequireMemberGone>(registry, ports, "require_member_gone");
  add<StateMemberLoss>(registry, ports, "state_member_loss");
  add<ApplyMemberRedo>(registry, ports, "apply_member_redo");
  add<AbandonLink>(registry, ports, "abandon_link");
  add<StopWhatAnswers>(registry, ports, "stop_what_answers");
  add<ReportEviction>(registry, ports, "report_eviction");
  add<HoldGate>(registry, ports, "hold_gate");
  add<NoteMaintenance>(registry, ports, "note_maintenance");
  add<HoldMaintenance>(registry, ports, "hold_maintenance");
  add<SeeWhatIsBack>(registry, ports, "see_what_is_back");
  add<EndMaintenance>(registry, ports, "end_maintenance");
  add<AskToEndMaintenance>(registry, ports, "ask_to_end_maintenance");
  add<IssueCertificate>(registry, ports, "issue_certificate");
  add<RequireRowsProven>(registry, ports, "require_rows_proven");
  add<RequireEqualSchemas>(registry, ports, "require_equal_schemas");
  add<DigestSchema>(registry, ports, "digest_schema");
  add<NoteCluster>(registry, ports, "note_cluster");
  add<RequireWholeLink>(registry, ports, "require_whole_link");
  add<ConcludeStop>(registry, ports, "conclude_stop");
  add<StopLink>(registry, ports, "stop_link");
  add<TakeCut>(registry, ports, "take_cut");
  add<KeepStoppedGate>(registry, ports, "keep_stopped_gate");
  add<RemoveProvenLink>(registry, ports, "remove_proven_link");
  add<UnsetProvenRole>(registry, ports, "unset_proven_role");
  add<RequireTablesEqual>(registry, ports, "require_tables_equal");
  add<LookAgainAtTables>(registry, ports, "look_again_at_tables");
  add<OpenGateOntoNewFeeds>(registry, ports, "open_gate_onto_new_feeds");
  add<TellGcBudget>(registry, ports, "tell_gc_budget");
  add<StandClosed>(registry, ports, "stand_closed");
  add<LookAtSecondary>(registry, ports, "look_at_secondary");
  add<OpenNewPrimary>(registry, ports, "open_new_primary");
  add<NoteNewPrimary>(registry, ports, "note_new_primary");
  add<SetReads>(registry, ports, "set_reads");
  add<SetTtlJobs>(registry, ports, "set_ttl_jobs");
  add<NamePastReaders>(registry, ports, "name_past_readers");
  add<NameTtlOff>(registry, ports, "name_ttl_off");
  add<ComparePairSchemas>(registry, ports, "compare_pair_schemas");
  add<RequireReturnPath>(registry, ports, "require_return_path");
  add<RequireGone>(registry, ports, "require_gone");
  add<ShutOutUser>(registry, ports, "shut_out_user");
  add<LetInUser>(registry, ports, "let_in_user");
  add<StateLoss>(registry, ports, "state_loss");
  add<ApplyRedo>(registry, ports, "apply_redo");
  return registry;
}

}  // namespace bdrmesh::flows
