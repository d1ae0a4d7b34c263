#include "lab/cdc/metrics_page.h"

#include <map>

#include "lab/cdc/api_tables.h"
#include "lab/cdc/prometheus_text.h"
#include "lab/feed/sink_uri.h"
#include "model/tso.h"

namespace bdrmesh::lab {

namespace {

using Labels = PrometheusText::Labels;

double millis_of(std::uint64_t tso) { return static_cast<double>(to_millis(Tso(tso).time())); }

int number_of_state(const std::string& state) {
  static const std::map<std::string, int> numbers = {
      {feed_state::kNormal, 0},  {feed_state::kPending, 1},  {feed_state::kFailed, 2},
      {feed_state::kStopped, 3}, {feed_state::kFinished, 4}, {feed_state::kWarning, 6}};
  const auto found = numbers.find(state);
  return found == numbers.end() ? 7 : found->second;
}

/// Series of feeds that somebody works on; those of others are taken away.
bool has_series(const ChangefeedView& view) {
  const std::string& state = view.info.state;
  return state == feed_state::kNormal || state == feed_state::kWarning ||
         state == feed_state::kPending;
}

/// Metrics of the owner stand on its own page alone.
bool is_owner(const ApiContext& context) {
  for (const CaptureView& capture : context.captures()) {
    if (capture.id == context.node.capture_id) return capture.is_owner;
  }
  return false;
}

/// One scrape.
class Page {
 public:
  explicit Page(const ApiContext& context)
      : context_(context),
        new_arch_(context.rules().new_arch),
        views_(context.owner.list()),
        is_owner_(is_owner(context)),
        now_(millis_of(context.cluster.oracle.next())) {}

  std::string text() {
    if (context_.rules().has_build_info) build_info();
    if (is_owner_) {
      owner();
      garbage_collection();
    }
    sinks();
    redo();
    if (new_arch_) {
      coordinator();
      maintainers();
    } else {
      processors();
    }
    return out_.text();
  }

 private:
  Labels labels(const ChangefeedView& view, Labels more = {}) const {
    more.emplace_back("namespace", view.info.space);
    more.emplace_back("changefeed", view.info.id);
    return more;
  }

  template <class Value>
  void per_feed(const std::string& name, const std::string& type, const std::string& help,
                Value value) {
    out_.begin(name, type, help);
    for (const ChangefeedView& view : views_) {
      if (has_series(view)) out_.sample(labels(view), value(view));
    }
  }

  double lag(std::uint64_t tso) const { return (now_ - millis_of(tso)) / 1000; }

  /// The puller's position: the only resolved-ts that means something in the new architecture.
  static std::uint64_t resolved_of(const ChangefeedView& view) {
    return std::max(view.puller_resolved, view.checkpoint);
  }

  void build_info() {
    out_.begin("ticdc_server_build_info", "gauge", "Build information of the server");
    out_.sample({{"git_hash", context_.node.git_hash},
                 {"kernel_type", "Classic"},
                 {"release_version", context_.node.version},
                 {"ticdc_arch", "newarch"},
                 {"utc_build_time", "None"}},
                1);
  }

  void owner();
  void garbage_collection();
  void sinks();
  void redo();
  void coordinator();
  void maintainers();
  void processors();

  const ApiContext& context_;
  const bool new_arch_;
  const std::vector<ChangefeedView> views_;
  const bool is_owner_;
  const double now_;
  PrometheusText out_;
};

void Page::owner() {
  per_feed("ticdc_owner_checkpoint_ts", "gauge", "checkpoint ts of changefeeds",
           [](const auto& view) { return millis_of(view.checkpoint); });
  per_feed("ticdc_owner_checkpoint_ts_lag", "gauge", "checkpoint ts lag of changefeeds in seconds",
           [this](const auto& view) { return lag(view.checkpoint); });
  per_feed("ticdc_owner_resolved_ts", "gauge", "resolved ts of changefeeds",
           [](const auto& view) { return millis_of(resolved_of(view)); });
  per_feed("ticdc_owner_resolved_ts_lag", "gauge", "resolved ts lag of changefeeds in seconds",
           [this](const auto& view) { return lag(resolved_of(view)); });
  out_.begin("ticdc_owner_status", "gauge", "The status of changefeeds");
  for (const ChangefeedView& view : views_) {
    const bool known = has_series(view) || view.info.state == feed_state::kFailed;
    if (known) out_.sample(labels(view), number_of_state(view.info.state));
  }
  out_.begin("ticdc_owner_ownership_counter", "counter", "The counter of ownership in seconds");
  const auto seconds =
      std::chrono::duration<double>(context_.cluster.clock.mono().time_since_epoch());
  out_.sample({}, seconds.count());  // only ever grows, as while a node is in office
  if (new_arch_) return;
  out_.begin("ticdc_owner_current_pd_ts", "gauge", "The current PD ts");
  for (const ChangefeedView& view : views_) {
    if (has_series(view)) out_.sample(labels(view), now_);
  }
  per_feed("ticdc_owner_barrier_ts", "gauge", "barrier ts of changefeeds",
           [](const auto& view) { return millis_of(resolved_of(view)); });
  out_.begin("ticdc_owner_changefeed_start_time", "gauge", "The start time of changefeeds");
  for (const ChangefeedView& view : views_) {
    if (has_series(view)) out_.sample(labels(view), millis_of(view.info.start_ts));
  }
}

void Page::garbage_collection() {
  const std::string own = context_.owner.gc_service();
  out_.begin("ticdc_gc_min_service_gc_safepoint", "gauge",
             "The min value all of service GC safepoint");
  out_.sample({}, millis_of(context_.owner.gc_safepoint()));
  out_.begin("ticdc_gc_cdc_gc_safepoint", "gauge", "the value of CDC GC safepoint");
  for (const ServiceSafepoint& entry : context_.cluster.safepoints.list()) {
    if (entry.service_id == own) out_.sample({}, millis_of(entry.safe_point));
  }
}

void Page::sinks() {
  out_.begin("ticdc_sink_execution_error", "counter", "Total count of execution errors.");
  for (const ChangefeedView& view : views_) {
    if (!has_series(view)) continue;
    const std::string key = new_arch_ ? "event_type" : "type";
    out_.sample(labels(view, {{key, "dml"}}), static_cast<double>(view.dml_errors));
    out_.sample(labels(view, {{key, "ddl"}}), static_cast<double>(view.ddl_errors));
  }
  out_.begin("ticdc_sink_batch_row_count", "histogram", "Row count number for a given batch.");
  for (const ChangefeedView& view : views_) {
    if (!has_series(view)) continue;
    out_.sample(labels(view), static_cast<double>(view.rows), "_sum");
    out_.sample(labels(view), view.rows == 0 ? 0 : 1, "_count");
  }
  if (!new_arch_) return;
  per_feed("ticdc_sink_dml_event_count", "counter", "Total count of DML events.",
           [](const auto& view) { return static_cast<double>(view.rows); });
  // With several statements in one packet the server never learns what each changed: the default
  // counts totals alone, and those as expected only (measured.md §3.7, §3.26).
  out_.begin("ticdc_sink_dml_event_affected_row_count", "counter", "Affected rows of DML events.");
  for (const ChangefeedView& view : views_) {
    if (!has_series(view)) continue;
    out_.sample(labels(view, {{"count_type", "actual"}, {"row_type", "total"}}), 0);
    out_.sample(labels(view, {{"count_type", "expected"}, {"row_type", "total"}}),
                static_cast<double>(view.rows));
  }
}

void Page::redo() {
  if (!new_arch_) return;
  const auto each = [this](const std::string& name, const std::string& help, auto value) {
    out_.begin(name, "gauge", help);
    for (const ChangefeedView& view : views_) {
      if (view.info.config.redo() && has_series(view)) out_.sample(labels(view), value(view));
    }
  };
  each("ticdc_redo_checkpoint_ts", "checkpoint ts in the redo log",
       [](const auto& view) { return millis_of(view.checkpoint); });
  each("ticdc_redo_resolved_ts", "resolved ts in the redo log",
       [](const auto& view) { return millis_of(resolved_of(view)); });
}

void Page::coordinator() {
  if (!is_owner_) return;
  std::map<std::string, int> counts = {
      {"Absent", 0}, {"Scheduling", 0}, {"Stopped", 0}, {"Total", 0}, {"Working", 0}};
  for (const ChangefeedView& view : views_) {
    ++counts["Total"];
    if (!has_series(view)) {
      ++counts["Stopped"];
    } else {
      ++counts[view.resolved == 0 ? "Scheduling" : "Working"];
    }
  }
  out_.begin("ticdc_coordinator_changefeed_state", "gauge",
             "The total number of changefeed in different replication states");
  for (const auto& [state, count] : counts) out_.sample({{"state", state}}, count);
  out_.begin("ticdc_owner_changefeed_downstream_info", "gauge", "The downstream of changefeeds");
  for (const ChangefeedView& view : views_) {
    if (has_series(view)) out_.sample(labels(view, {{"downstream_type", "mysql/tidb"}}), 1);
  }
  out_.begin("ticdc_owner_changefeed_error_info", "gauge", "The last error of changefeeds");
  for (const ChangefeedView& view : views_) {
    const auto& error = view.info.error ? view.info.error : view.info.warning;
    if (!error) continue;
    out_.sample(labels(view, {{"state", view.info.state},
                              {"error_time", go_nano_time(error->time)},
                              {"code", error->code},
                              {"message", error->message}}),
                1);
  }
}

void Page::maintainers() {
  per_feed("ticdc_maintainer_checkpoint_ts", "gauge", "checkpoint ts of maintainer",
           [](const auto& view) { return millis_of(view.checkpoint); });
  per_feed("ticdc_maintainer_checkpoint_ts_lag", "gauge",
           "checkpoint ts lag of maintainer in seconds",
           [this](const auto& view) { return lag(view.checkpoint); });
  per_feed("ticdc_maintainer_resolved_ts", "gauge", "resolved ts of maintainer",
           [](const auto& view) { return millis_of(resolved_of(view)); });
  per_feed("ticdc_maintainer_resolved_ts_lag", "gauge", "resolved ts lag of maintainer in seconds",
           [this](const auto& view) { return lag(resolved_of(view)); });
}

void Page::processors() {
  out_.begin("ticdc_processor_num_of_tables", "gauge", "number of synchronized table of processor");
  for (const ChangefeedView& view : views_) {
    if (view.resolved == 0) continue;
    const auto tables = replicated_table_ids(context_.cluster, view.info.config);
    out_.sample(labels(view), static_cast<double>(tables.size()));
  }
  per_feed("ticdc_processor_exit_with_error_count", "counter",
           "counter for processor exits with error",
           [](const auto& view) { return static_cast<double>(view.dml_errors); });
}

}  // namespace

HttpResponse metrics_page(const ApiContext& context) {
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = Page(context).text();
  return response;
}

}  // namespace bdrmesh::lab
