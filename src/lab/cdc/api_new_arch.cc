// Changefeeds over the API of the new architecture (ticdc-api §1.5, §3.2; measured.md §3): pause
// and DELETE block for the ticker of the coordinator, a refused update is half applied, a client
// that leaves too early stops its own request.
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>

#include "lab/cdc/api_answers.h"
#include "lab/cdc/api_changefeeds.h"
#include "lab/cdc/api_checks.h"
#include "lab/cdc/api_tables.h"
#include "lab/config/config_checks.h"
#include "lab/feed/event_filter.h"
#include "lab/feed/sink_session.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kTicker{1003};       ///< measured.md §3: pause and DELETE, always
constexpr Millis kCreateTakes{60};    ///< a client that leaves before it created nothing
constexpr Millis kChangeTakes{25};    ///< the same for resume and DELETE
constexpr Millis kRemovalLook{5000};  ///< a create looks this often whether a removal is over
constexpr int kRemovalLooks = 10;

/// The text of a URI that cannot be parsed is not repeated.
ApiError without_uri(const ApiError& error) {
  std::string text = error.what();
  const std::size_t from = text.find("parse \"");
  const std::size_t to = from == std::string::npos ? from : text.find("\": ", from);
  if (to == std::string::npos) return error;
  return {error.status, error.code,
          "sink uri invalid '<invalid uri>': parse \"<invalid uri>" + text.substr(to)};
}

SinkUri parsed_sink(const std::string& text) {
  try {
    return parse_sink_uri(text);
  } catch (const ApiError& e) {
    throw without_uri(e);
  }
}

void require_sink(const std::string& text) {
  const SinkUri uri = parsed_sink(text);
  if (!uri.is_mysql()) {
    const std::string why = "sink uri invalid '" + masked_sink_uri(text) + "'";
    throw ApiError(400, "CDC:ErrSinkURIInvalid", why + ": [CDC:ErrSinkURIInvalid]" + why);
  }
  require_usable(uri);
  probe_downstream(uri, text, false);  // no probe for BDR in this family
}

class NewArchChangefeeds final : public ChangefeedApi {
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
  void require_update(const ChangefeedRequest& asked, const ChangefeedInfo& info) const;
  bool works_on(Millis duration, const ApiCall& call) const;
  bool is_removing(const std::string& id) const;

  const ApiRules& rules_ = context_.rules();
  ClusterState& cluster_ = context_.cluster;
  Owner& owner_ = context_.owner;
  mutable std::mutex mutex_;  // guards removing_
  std::set<std::string> removing_;
};

/// Spends the time that a request takes. @return false when its client has left meanwhile, which
/// cancels it (measured.md §3.28), or the node stops.
bool NewArchChangefeeds::works_on(Millis duration, const ApiCall& call) const {
  constexpr Millis kLook{5};
  const MonoTime until = cluster_.clock.mono() + duration;
  while (cluster_.clock.mono() < until) {
    if (call.request.client != nullptr && call.request.client->peer_is_gone()) return false;
    if (!cluster_.clock.wait_for(kLook, call.stop)) return false;
  }
  return true;
}

bool NewArchChangefeeds::is_removing(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  return removing_.contains(id);
}

HttpResponse NewArchChangefeeds::create(const ApiCall& call) {
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  if (asked.replica_config_is_null) return panicked();
  const ReplicaConfig given =
      replica_config_for_create(asked.replica_config.value_or(""), rules_.config_tree);
  ChangefeedInfo info;
  std::mt19937_64 random(std::random_device{}());
  info.gid_low = random();
  info.gid_high = random();
  info.id = asked.id.empty() ? std::to_string(info.gid_low) + std::to_string(info.gid_high)
                             : asked.id;  // a generated id is the identity in digits
  require_name(rules_, info.id, "changefeed_id");
  if (owner_.exists(info.id)) throw already_exists(rules_, info.id);
  if (asked.sink_uri.empty()) throw no_sink_uri();
  info.sink_uri = asked.sink_uri;
  const SinkUri sink = parsed_sink(info.sink_uri);
  choose_start(context_, asked, info);
  require_target_behind_start(info);
  info.config = with_sink_parameters(given, sink, rules_.config_tree);
  require_valid(info.config, rules_, &sink);
  hold_gc(context_, "creating", info, info.start_ts);
  const EventFilters filters(info.config.event_filters, info.config.case_sensitive);
  require_eligible_tables(cluster_, info.config);
  if (sink.is_mysql()) require_other_cluster(context_, info.sink_uri, "creating");
  require_sink(info.sink_uri);
  require_runnable(context_, info);
  if (!works_on(kCreateTakes, call)) return unanswered();
  for (int look = 0; is_removing(info.id); ++look) {
    if (look == kRemovalLooks) {
      throw ApiError(500, "", "changefeed is still in scheduling, please try again later");
    }
    if (!works_on(kRemovalLook, call)) return unanswered();
  }
  info.create_time = cluster_.clock.now();
  owner_.create(info);
  return ok(render_created(context_.node, ChangefeedView{info, info.start_ts, 0, 0, 0, 0}, true));
}

HttpResponse NewArchChangefeeds::update(const ApiCall& call) {
  ChangefeedInfo info = owner_.stored(call.part("id"));
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  if (info.state != feed_state::kStopped && info.state != feed_state::kFailed) {
    throw refused_update(
        "changefeed update error: can only update changefeed config when it is stopped or failed");
  }
  take_target(asked, info);
  if (asked.replica_config) {
    info.config = replica_config_for_update(*asked.replica_config, rules_.config_tree);
  } else {
    info.config.answer = info.config.shown;  // what a load took away is not repeated
  }
  if (!asked.sink_uri.empty()) info.sink_uri = asked.sink_uri;
  try {
    require_update(asked, info);
  } catch (const ApiError&) {
    // What was refused has changed the coordinator's memory all the same (measured.md §3.1).
    owner_.show_refused(info);
    throw;
  }
  info.config = with_sink_parameters(info.config, parsed_sink(info.sink_uri), rules_.config_tree);
  owner_.update(info);
  ChangefeedView view = owner_.view(info.id);
  view.info = info;
  return ok(render_created(context_.node, view, false));
}

void NewArchChangefeeds::require_update(const ChangefeedRequest& asked,
                                        const ChangefeedInfo& info) const {
  if (asked.start_ts != 0) throw invalid_param("start_ts can not be updated");
  try {
    const TableFilter filter(info.config.rules, info.config.case_sensitive);
  } catch (const ApiError& e) {
    throw refused_update("changefeed update error: " + e.message());
  }
  const SinkUri sink = parsed_sink(info.sink_uri);
  require_valid(info.config, rules_, &sink);
  const EventFilters filters(info.config.event_filters, info.config.case_sensitive);
  require_eligible_tables(cluster_, info.config);
  if (sink.is_mysql()) require_other_cluster(context_, info.sink_uri, "updating");
  require_sink(info.sink_uri);
  require_runnable(context_, info);
}

/// From any state. The state changes first, the answer waits for the ticker: only the answer shows
/// that the feed stands (measured.md §3.2).
HttpResponse NewArchChangefeeds::pause(const ApiCall& call) {
  owner_.stop_now(call.part("id"));
  if (!works_on(kTicker, call)) return unanswered();
  return ok("{}");
}

HttpResponse NewArchChangefeeds::resume(const ApiCall& call) {
  const ChangefeedView view = owner_.view(call.part("id"));
  std::uint64_t overwrite = 0;
  if (!call.request.body.empty()) {
    try {
      overwrite = bind_resume(call.request.body);
    } catch (ApiError& e) {
      e.plain_text_header = false;  // measured.md §3.29
      throw;
    }
  }
  const std::string& state = view.info.state;
  if (state != feed_state::kStopped && state != feed_state::kFailed &&
      state != feed_state::kFinished) {
    throw refused_update(
        "changefeed update error: can only resume changefeed when it is stopped, failed, or "
        "finished, but current state is " +
        state);
  }
  const std::uint64_t from = overwrite != 0 ? overwrite : view.checkpoint;
  require_past(context_, from);
  hold_gc(context_, "resuming", view.info, from);  // it stays for its hour (measured.md §3.15)
  require_other_cluster(context_, view.info.sink_uri, "resuming");
  if (!works_on(kChangeTakes, call)) return unanswered();
  owner_.resume_now(view.info.id, overwrite);
  return ok("{}");
}

HttpResponse NewArchChangefeeds::remove(const ApiCall& call) {
  const std::string& id = call.part("id");
  if (!owner_.exists(id)) return ok("null");
  if (!works_on(kChangeTakes, call)) return unanswered();
  {
    const std::lock_guard lock(mutex_);
    removing_.insert(id);
  }
  const bool removed = owner_.remove(id);
  const bool heard = works_on(kTicker - kChangeTakes, call);
  const std::lock_guard lock(mutex_);
  removing_.erase(id);
  return heard ? ok(removed ? "{}" : "null") : unanswered();
}

HttpResponse NewArchChangefeeds::synced(const ApiCall& call) {
  return ok(render_synced(context_.node, owner_.view(call.part("id")), cluster_.oracle.next()));
}

HttpResponse NewArchChangefeeds::detail(const ApiCall& call) {
  return ok(render_detail(context_.node, owner_.view(call.part("id")), {}, true));
}

HttpResponse NewArchChangefeeds::verify_table(const ApiCall& call) {
  const ChangefeedRequest asked = bind_changefeed(call.request.body);
  if (asked.replica_config_is_null) return panicked();
  const ReplicaConfig config =
      replica_config_for_create(asked.replica_config.value_or(""), rules_.config_tree);
  const TableFilter filter(config.rules, config.case_sensitive);
  if (asked.start_ts == 0) throw snapshot_at_zero(context_);
  return ok(
      render_verified(context_.node, numbered_tables(cluster_, config), config.force_replicate));
}

}  // namespace

std::unique_ptr<ChangefeedApi> make_new_arch_changefeeds(const ApiContext& context) {
  return std::make_unique<NewArchChangefeeds>(context);
}

}  // namespace bdrmesh::lab
