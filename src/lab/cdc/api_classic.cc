// Changefeeds over the API of classic TiCDC (ticdc-api §1.5, §3.1; measured.md §2): validation in
// the order of the real server, queued pause and resume that are dropped where they do not suit,
// and the questions that kill the process.

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_changefeeds.h"
#include "lab/cdc/api_checks.h"
#include "lab/cdc/api_tables.h"
#include "lab/config/config_checks.h"
#include "lab/core/uuid.h"
#include "lab/feed/event_filter.h"
#include "lab/feed/sink_session.h"

namespace bdrmesh::lab {

namespace {

/// Steps 11 to 13 of the real order: what the sink itself is asked.
void require_sink(const std::string& text, const ReplicaConfig& config) {
  const SinkUri uri = parse_sink_uri(text);
  const auto refused = [&](const std::string& why) {
    std::string shown = masked_sink_uri(text);
    if (shown == uri.scheme + "://") shown = uri.scheme + ":";  // as Go prints an empty authority
    return ApiError(400, "CDC:ErrSinkURIInvalid", why + shown);
  };
  if (config.sync_point && !uri.is_mysql()) {
    throw refused("sink uri scheme is not supported with syncpoint enabledsink uri: ");
  }
  if (config.bdr_mode && !uri.is_mysql()) {
    throw refused("sink uri scheme is not supported in BDR mode, sink uri: ");
  }
  require_usable(uri);
  probe_downstream(uri, text, config.bdr_mode);
}

class ClassicChangefeeds final : public ChangefeedApi {
 public:
  using ChangefeedApi::ChangefeedApi;

  HttpResponse create(const ApiCall& call) override;
  HttpResponse update(const ApiCall& call) override;
  HttpResponse pause(const ApiCall& call) override;
  HttpResponse resume(const ApiCall& call) override;
  HttpResponse remove(const ApiCall& call) override;
  HttpResponse synced(const ApiCall& call) override;
  HttpResponse detail(const ApiCall& call) override;
  HttpResponse verify_table(const ApiCall& call) override;

 private:
  const std::string& id_of(const ApiCall& call) const;
  void require_config(const ReplicaConfig& config) const;
  void require_update(const ChangefeedInfo& info) const;
  HttpResponse died() const;

  const ApiRules& rules_ = context_.rules();
  ClusterState& cluster_ = context_.cluster;
  Owner& owner_ = context_.owner;
};

const std::string& ClassicChangefeeds::id_of(const ApiCall& call) const {
  const std::string& id = call.part("id");
  require_name(rules_, id, "changefeed_id");
  return id;
}

/// Steps 9 and 10: the config by itself, then against the tables that there are.
void ClassicChangefeeds::require_config(const ReplicaConfig& config) const {
  require_valid(config, rules_);
  const EventFilters filters(config.event_filters, config.case_sensitive);
  require_eligible_tables(cluster_, config);
}

HttpResponse ClassicChangefeeds::create(const ApiCall& call) {
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  ReplicaConfig config =
      replica_config_for_create(asked.replica_config.value_or(""), rules_.config_tree);
  if (asked.sink_uri.empty()) throw no_sink_uri();
  ChangefeedInfo info;
  info.id = asked.id.empty() ? random_uuid() : asked.id;
  info.space = asked.space;
  require_name(rules_, info.id, "changefeed_id");
  require_name(rules_, info.space, "namespace");
  if (owner_.exists(info.id)) throw already_exists(rules_, info.id);
  choose_start(context_, asked, info);
  hold_gc(context_, "creating", info, info.start_ts);
  require_target_behind_start(info);
  if (asked.replica_config_is_null) return panicked();  // the entry in PD stays
  info.sink_uri = asked.sink_uri;
  info.config = with_sink_parameters(config, parse_sink_uri(info.sink_uri), rules_.config_tree);
  require_config(info.config);
  require_sink(info.sink_uri, info.config);
  require_runnable(context_, info);
  if (rules_.refuses_same_cluster) require_other_cluster(context_, info.sink_uri, "creating");
  info.create_time = cluster_.clock.now();
  owner_.create(info);
  return ok(render_created(context_.node, ChangefeedView{info, 0, 0, 0, 0, 0}, true));
}

HttpResponse ClassicChangefeeds::update(const ApiCall& call) {
  const ChangefeedInfo old = owner_.stored(id_of(call));
  if (old.state != feed_state::kStopped && old.state != feed_state::kFailed) {
    throw refused_update(
        "changefeed update error: can only update changefeed config when it is stopped or failed");
  }
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  ChangefeedInfo info = old;
  take_target(asked, info);
  if (asked.replica_config) {
    info.config = replica_config_for_update(*asked.replica_config, rules_.config_tree);
  } else {
    info.config.answer = info.config.shown;  // what a load took away is not repeated
  }
  if (!asked.sink_uri.empty()) info.sink_uri = asked.sink_uri;
  if (asked.replica_config || !asked.sink_uri.empty()) require_update(info);
  info.config =
      with_sink_parameters(info.config, parse_sink_uri(info.sink_uri), rules_.config_tree);
  const bool same = info.sink_uri == old.sink_uri && info.target_ts == old.target_ts &&
                    info.config.shown == old.config.shown;
  if (same) {
    throw refused_update(
        "changefeed update error: changefeed config is the same with the old one, do nothing");
  }
  // This connection's failure is reported as it is; only a check of the config is wrapped.
  if (rules_.resume_asks_downstream) require_other_cluster(context_, info.sink_uri, "updating");
  owner_.update(info);
  ChangefeedView view = owner_.view(info.id);
  view.info = info;
  return ok(render_created(context_.node, view, false));
}

void ClassicChangefeeds::require_update(const ChangefeedInfo& info) const {
  try {
    require_config(info.config);
    require_sink(info.sink_uri, info.config);
    require_runnable(context_, info);
  } catch (const ApiError& e) {
    throw refused_update("changefeed update error: " + e.message());
  }
}

HttpResponse ClassicChangefeeds::pause(const ApiCall& call) {
  if (owner_.pause(id_of(call)) == Owner::Asked::killed) return died();
  return ok("{}");
}

HttpResponse ClassicChangefeeds::resume(const ApiCall& call) {
  const ChangefeedView view = owner_.view(id_of(call));
  const std::uint64_t overwrite = bind_resume(call.request.body);
  const std::uint64_t from = overwrite != 0 ? overwrite : view.checkpoint;
  require_past(context_, from);
  hold_gc(context_, "resuming", view.info, from);
  if (rules_.resume_asks_downstream) {
    require_other_cluster(context_, view.info.sink_uri, "resuming");
  }
  owner_.resume(view.info.id, overwrite);
  return ok("{}");
}

HttpResponse ClassicChangefeeds::remove(const ApiCall& call) {
  owner_.remove(id_of(call));  // what does not exist, or is newborn, is answered the same (A3)
  return ok("{}");
}

HttpResponse ClassicChangefeeds::synced(const ApiCall& call) {
  const std::string& id = id_of(call);
  if (owner_.is_deadly(id)) return died();
  ChangefeedView view = owner_.view(id);
  if (!call.request.body.empty()) {
    bind_synced(call.request.body, view.info.config.synced_check_interval,
                view.info.config.checkpoint_interval);
  }
  return ok(render_synced(context_.node, view, cluster_.oracle.next()));
}

HttpResponse ClassicChangefeeds::detail(const ApiCall& call) {
  const ChangefeedView view = owner_.view(id_of(call));
  const bool mask = call.request.path.find("/meta_info") == std::string::npos;
  return ok(
      render_detail(context_.node, view, replicated_table_ids(cluster_, view.info.config), mask));
}

HttpResponse ClassicChangefeeds::verify_table(const ApiCall& call) {
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  if (asked.replica_config_is_null) return panicked();
  const ReplicaConfig config =
      replica_config_for_create(asked.replica_config.value_or(""), rules_.config_tree);
  const TableFilter filter(config.rules, config.case_sensitive);
  if (asked.start_ts == 0) throw snapshot_at_zero(context_);
  return ok(
      render_verified(context_.node, numbered_tables(cluster_, config), config.force_replicate));
}

/// The request that kills the process is never answered.
HttpResponse ClassicChangefeeds::died() const {
  context_.hooks.die();
  return unanswered();
}

}  // namespace

std::unique_ptr<ChangefeedApi> make_classic_changefeeds(const ApiContext& context) {
  return std::make_unique<ClassicChangefeeds>(context);
}

}  // namespace bdrmesh::lab
