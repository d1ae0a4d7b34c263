#include "lab/feed/change_source.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lab/feed/ddl_rules.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kStep{50};

/// Whether an update changes a value of one of its unique keys.
bool moves_unique(const RowChange& change, const std::vector<RowKey>& uniques) {
  if (change.kind != RowKind::update) return false;
  const auto moves = [&](std::size_t i) { return change.image.before[i] != change.image.after[i]; };
  return std::any_of(uniques.begin(), uniques.end(),
                     [&](const RowKey& key) { return std::any_of(key.begin(), key.end(), moves); });
}

/// Changes one value beside the key. @return false when there is none.
bool corrupt(KeyedChange& keyed) {
  for (std::size_t i = 0; i < keyed.change.image.after.size(); ++i) {
    if (std::find(keyed.key.begin(), keyed.key.end(), i) != keyed.key.end()) continue;
    Value& value = keyed.change.image.after[i];
    if (value.kind == Value::Kind::number) {
      value.text = value.text == "7" ? "8" : "7";
      return true;
    }
    if (value.kind == Value::Kind::bytes && !value.text.empty()) {
      value.text[0] = value.text[0] == '#' ? '+' : '#';
      return true;
    }
  }
  return false;
}

}  // namespace

ChangeSource::ChangeSource(ClusterState& cluster, const PositionSampler& sampler,
                           const FeedPlan& plan, FeedFaults& faults, ChangeLog* redo,
                           std::uint64_t from_ts, std::uint64_t replace_up_to)
    : cluster_(cluster),
      sampler_(sampler),
      plan_(plan),
      faults_(faults),
      redo_(redo),
      from_ts_(from_ts),
      replace_up_to_(replace_up_to),
      keys_(engine_login(cluster)),
      reader_(
          engine_login(cluster), sampler.start_for(from_ts),
          [this](const std::string& schema, const std::string& table) {
            return plan_.filter->matches(schema, table);
          },
          [this](const UpstreamTransaction& facts) { return passes(facts); }) {}

std::optional<FeedItem> ChangeSource::next(Millis wait, const std::stop_token& stop) {
  if (!ready_.empty()) {
    FeedItem item = std::move(ready_.front());
    ready_.pop_front();
    return item;
  }
  auto raw = reader_.next(wait);
  if (!redo_) {
    if (!raw) return std::nullopt;
    return make_item(std::move(*raw), stop);
  }
  if (raw) stage(make_item(std::move(*raw), stop));
  if (redo_->flush_is_due()) {
    if (faults_.redo_disk_full()) {
      throw FeedFailure(FeedFailure::Kind::retryable, "CDC:ErrRedoWriterStopped",
                        "[CDC:ErrRedoFileOp]redo file operation: no space left on device");
    }
    redo_->flush(read_to_.is_set() ? sampler_.resolved_at(read_to_) : 0);
    std::swap(ready_, staged_);
  }
  return std::nullopt;
}

void ChangeSource::stage(FeedItem item) {
  read_to_ = item.end;
  const bool is_bare = item.units.empty() && !item.ddl;
  if (is_bare && !staged_.empty() && staged_.back().units.empty() && !staged_.back().ddl) {
    staged_.back().end = std::move(item.end);
  } else {
    staged_.push_back(std::move(item));
  }
}

bool ChangeSource::is_ignored(std::uint64_t start_ts) const {
  return std::find(plan_.ignored_start_ts.begin(), plan_.ignored_start_ts.end(), start_ts) !=
         plan_.ignored_start_ts.end();
}

/// The loop filter looks at the tag alone, whichever cluster wrote it (ticdc-api §4.1).
bool ChangeSource::passes(const UpstreamTransaction& facts) const {
  const bool not_tidbs = facts.commit_ts == 0;
  const bool delivered = facts.commit_ts <= from_ts_;
  const bool foreign = plan_.bdr_mode && facts.write_source != 0;
  const bool beyond = plan_.target_ts != 0 && facts.commit_ts > plan_.target_ts;
  return !not_tidbs && !delivered && !foreign && !beyond && !is_ignored(facts.start_ts);
}

FeedItem ChangeSource::make_item(UpstreamItem raw, const std::stop_token& stop) {
  FeedItem item;
  item.end = std::move(raw.end);
  if (raw.transaction) {
    item.commit_ts = raw.transaction->commit_ts;
    for (RowChange& row : raw.transaction->rows) add_row(item, std::move(row));
  }
  if (raw.ddl_job) item.ddl = take_ddl(*raw.ddl_job, stop);
  return item;
}

void ChangeSource::add_row(FeedItem& item, RowChange change) {
  const TableKeySet& keys = keys_.keys_of(*change.table);
  if (keys.handle.empty() && !plan_.force_replicate) return;
  if (plan_.events && !plan_.events->empty() && plan_.events->ignores(change)) return;
  KeyedChange keyed{std::move(change), keys.handle, false, keys.handle.empty()};
  if (keyed.keyless) {
    for (std::size_t i = 0; i < keyed.change.table->columns.size(); ++i) keyed.key.push_back(i);
  }
  keyed.moves_unique = moves_unique(keyed.change, keys.uniques);
  keyed.replace = plan_.safe_mode || keyed.change.commit_ts <= replace_up_to_;
  if (redo_) redo_->add_row(keyed);
  add_unit(item, std::move(keyed), keys);
}

/// Here the faults of rows in flight strike.
void ChangeSource::add_unit(FeedItem& item, KeyedChange keyed, const TableKeySet& keys) {
  const std::shared_ptr<const TableMap> table = keyed.change.table;
  if (faults_.takes_drop(table->schema, table->name)) return;
  if (faults_.takes_corrupt(table->schema, table->name) && !corrupt(keyed)) {
    faults_.corrupt_next(table->schema, table->name);
  }
  SinkUnit unit;
  unit.hashes = key_hashes(keyed.change, keys.handle, keys.uniques);
  if (faults_.takes_duplicate(table->schema, table->name)) {
    unit.rows.push_back(keyed);
    keyed.replace = true;
  }
  unit.rows.push_back(std::move(keyed));
  deliver(item, std::move(unit), faults_.takes_reorder(table->schema, table->name));
}

void ChangeSource::deliver(FeedItem& item, SinkUnit unit, bool swaps) {
  if (swaps && !held_back_) {
    held_back_ = std::move(unit);
    return;
  }
  const bool releases =
      held_back_ &&
      std::find_first_of(held_back_->hashes.begin(), held_back_->hashes.end(), unit.hashes.begin(),
                         unit.hashes.end()) != held_back_->hashes.end();
  const auto shares_unit = [&] {
    if (!plan_.options.whole_table_txns || item.units.empty()) return false;
    return item.units.back().rows.back().change.table == unit.rows.front().change.table;
  };
  if (shares_unit()) {
    SinkUnit& last = item.units.back();
    std::move(unit.rows.begin(), unit.rows.end(), std::back_inserter(last.rows));
    last.hashes.insert(last.hashes.end(), unit.hashes.begin(), unit.hashes.end());
  } else {
    item.units.push_back(std::move(unit));
  }
  if (releases) item.units.push_back(*std::exchange(held_back_, std::nullopt));
}

std::optional<DdlJob> ChangeSource::take_ddl(std::int64_t job_id, const std::stop_token& stop) {
  std::optional<DdlJob> job;
  while (!job && !stop.stop_requested()) {
    if (!cluster_.jobs.find(job_id)) return std::nullopt;
    job = cluster_.jobs.wait_final(job_id, cluster_.clock.mono() + kStep, stop);
  }
  if (!job || job->state != JobState::synced) return std::nullopt;
  keys_.forget();
  const bool beyond = plan_.target_ts != 0 && event_commit_ts(*job) > plan_.target_ts;
  if (job->finished_ts < from_ts_ || beyond || !wants_ddl(*job)) return std::nullopt;
  const bool forwarded = passes_gate(*job);
  if (redo_ && (forwarded || !cluster_.profile.is_classic())) {
    // The new architecture logs what the BDR gate holds back (measured.md §3 20).
    redo_->add_ddl(*job, event_commit_ts(*job));
  }
  if (!forwarded) return std::nullopt;
  return job;
}

/// Every job goes through the schema tracker first, whatever the role.
bool ChangeSource::wants_ddl(const DdlJob& job) {
  const bool passes = passes_filter(job, *plan_.filter);
  if (const auto renamed = new_name_of(job.query, job.db); renamed && !passes) {
    if (plan_.filter->matches(renamed->schema, renamed->table)) {
      throw FeedFailure(FeedFailure::Kind::unretryable,
                        cluster_.profile.is_classic() ? "CDC:ErrSyncRenameTableFailed"
                                                      : "CDC:ErrChangefeedUnretryable",
                        "[CDC:ErrSyncRenameTableFailed]table's old name is not in filter rule, "
                        "and its new name in filter rule table id '" +
                            std::to_string(job.table_id) + "', ddl query: [" + job.query + "]");
    }
  }
  if (!passes || is_ignored(job.start_ts) ||
      !is_replicated_kind(job.type, cluster_.profile.is_classic())) {
    return false;
  }
  if (plan_.events && plan_.events->ignores(job)) return false;
  if (can_change_keys(job) && !plan_.force_replicate && !job.table.empty() &&
      keys_.has_key(job.db, job.table) == false) {
    if (job.type != "create table") require_key(job);
    return false;  // discarded without a word (measured.md A11)
  }
  return true;
}

/// Classic refuses to go on since v6.5.10, v7.1.6, v7.5.2 and v8.1.0 (ticdc-api §4.5).
void ChangeSource::require_key(const DdlJob& job) const {
  const Version& version = cluster_.profile.ticdc;
  const bool refuses =
      cluster_.profile.is_classic() &&
      (version >= Version{8, 1, 0} || (version >= Version{7, 5, 2} && version < Version{7, 6, 0}) ||
       (version >= Version{7, 1, 6} && version < Version{7, 2, 0}) ||
       (version >= Version{6, 5, 10} && version < Version{6, 6, 0}));
  if (!refuses) return;
  throw FeedFailure(
      FeedFailure::Kind::retryable, "CDC:ErrProcessorUnknown",
      "An eligible table become ineligible after DDL: [" + job.query +
          "] it is a dangerous operation and may cause data loss. If you want to replicate "
          "this ddl safely, pelase pause the changefeed and update the `force-replicate=true` "
          "in the changefeed configuration, then resume the changefeed.");
}

/// Before v7.6 a feed in bdr mode carries no DDL at all.
bool ChangeSource::passes_gate(const DdlJob& job) const {
  if (!plan_.bdr_mode) return true;
  return cluster_.profile.ticdc >= Version{7, 6, 0} && job.bdr_role == "primary";
}

}  // namespace bdrmesh::lab
