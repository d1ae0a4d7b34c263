#include "lab/history/history.h"

#include <algorithm>

#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{30'000};
constexpr Millis kSampling{500};
constexpr Millis kPoll{2};
constexpr Millis kUnused{300'000};
constexpr std::size_t kMostTables = 64;
constexpr int kTries = 20;
constexpr int kNoSuchTable = 1146;
constexpr int kNoSuchSchema = 1049;

std::string hidden_name(const std::string& table) {
  return quote_name(kPastSchema) + "." + quote_name(table);
}

bool is_view(const std::string& definition) {
  return definition.rfind("CREATE TABLE", 0) != 0 && definition.find(" VIEW ") != std::string::npos;
}

std::string view_query(SqlSession& session, const ObjectName& view) {
  const auto rows =
      session.query("SELECT view_definition FROM information_schema.views WHERE table_schema=" +
                        quote_text(view.schema) + " AND table_name=" + quote_text(view.name),
                    kPatience);
  return rows.empty() ? "" : rows.front().front().value_or("");
}

}  // namespace

History::History(ClusterState& cluster)
    : cluster_(cluster),
      sampler_(cluster, kSampling),
      keeper_(cluster),
      builder_(cluster, sampler_) {}

void History::start() {
  SqlSession session = open_past_session(cluster_);
  const std::string schema = quote_name(kPastSchema);
  session.query("CREATE DATABASE IF NOT EXISTS " + schema, kPatience);
  session.query("GRANT SELECT ON " + schema + ".* TO PUBLIC", kPatience);
  begins_at_ = cluster_.oracle.next();
  sampler_.start();
}

void History::stop() { sampler_.stop(); }

std::shared_ptr<const PastTable> History::table_at(const ObjectName& table, std::uint64_t ts,
                                                   const std::stop_token& stop) {
  sweep();
  std::unique_lock lock(mutex_);
  const auto wanted = [&](const Slot& slot) {
    return slot.ts == ts && same_table(slot.table, table);
  };
  for (;;) {
    const auto found = std::find_if(slots_.begin(), slots_.end(), wanted);
    if (found == slots_.end()) break;
    found->used = cluster_.clock.mono();
    if (found->made) return found->made;
    changed_.wait(lock);
  }
  const auto slot = slots_.insert(slots_.end(), {table, ts, nullptr, cluster_.clock.mono()});
  lock.unlock();
  try {
    auto made = std::make_shared<const PastTable>(make(table, ts, stop));
    lock.lock();
    slot->made = made;
    changed_.notify_all();
    return made;
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    slots_.erase(slot);
    changed_.notify_all();
    throw;
  }
}

void History::wait_until_complete(std::uint64_t ts, const std::stop_token& stop) {
  while (cluster_.ledger.resolved() < ts) {
    if (!cluster_.clock.wait_for(kPoll, stop)) {
      throw Error(ErrorKind::cancelled, "LAB_STOPPED", "the cluster ends");
    }
  }
}

PastTable History::make(const ObjectName& table, std::uint64_t ts, const std::stop_token& stop) {
  wait_until_complete(ts, stop);
  PastTable made;
  made.asked = table;
  made.ts = ts;
  std::string last_failure = "it changes faster than it can be read";
  for (int i = 0; i < kTries; ++i) {
    if (try_make(made, last_failure, stop)) return made;
  }
  throw Error(ErrorKind::transient, "LAB_HISTORY",
              "table " + table.name + " at " + std::to_string(ts) + ": " + last_failure);
}

/// @return false when a DDL came between.
bool History::try_make(PastTable& made, std::string& last_failure, const std::stop_token& stop) {
  PastOrigin origin;
  {
    const std::lock_guard lock(mutex_);
    origin = timeline_.origin(made.asked, made.ts);
  }
  made.exists = origin.existed;
  if (!origin.existed) return true;
  SqlSession session = open_past_session(cluster_);
  try {
    const std::string definition = origin.definition.empty()
                                       ? TableKeeper::definition_of(session, made.asked)
                                       : origin.definition;
    if (is_view(definition)) {
      made.is_view = true;
      made.view_query = view_query(session, made.asked);
      return still_holds(origin, made, session);
    }
    if (definition.find(" SEQUENCE=1") != std::string::npos) return true;  // has no past
    made.hidden = keeper_.fresh_name('m');
    builder_.build(origin, definition, made.ts, made.hidden);
  } catch (const SqlError& e) {
    if (!still_holds(origin, made, session) || !origin.path.empty()) {
      if (!cluster_.clock.wait_for(kPoll, stop)) throw;
      last_failure = e.message();
      return false;
    }
    if (e.number != kNoSuchTable && e.number != kNoSuchSchema) throw;
    made.exists = false;
    return true;
  }
  if (still_holds(origin, made, session)) return true;
  drop({made.hidden});
  cluster_.clock.wait_for(kPoll, stop);
  return false;
}

bool History::still_holds(const PastOrigin& origin, const PastTable& made, SqlSession& session) {
  std::vector<std::string> asides;
  {
    const std::lock_guard lock(mutex_);
    const PastOrigin now = timeline_.origin(made.asked, made.ts);
    if (now.path != origin.path || now.existed != origin.existed) return false;
    for (const Keeping::Swapped& swapped : swapping_) {
      if (!now.kept && same_table(swapped.table, now.present())) asides.push_back(swapped.aside);
    }
  }
  // A RENAME is on its way. If it has come through, it may have come before our reading.
  return std::all_of(asides.begin(), asides.end(), [&](const std::string& aside) {
    return session
        .query("SELECT 1 FROM information_schema.tables WHERE table_schema=" +
                   quote_text(kPastSchema) + " AND table_name=" + quote_text(aside),
               kPatience)
        .empty();
  });
}

std::string History::shown_at(const ObjectName& table, std::uint64_t ts) const {
  const std::lock_guard lock(mutex_);
  return timeline_.origin(table, ts).shown;
}

std::vector<ObjectName> History::touched_since(std::uint64_t ts, const std::string& schema) const {
  const std::lock_guard lock(mutex_);
  return timeline_.touched_since(ts, schema);
}

void History::sweep() {
  std::vector<std::string> hidden;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t safe_point = cluster_.gc.safe_point();
    const MonoTime now = cluster_.clock.mono();
    for (auto slot = slots_.begin(); slot != slots_.end();) {
      const bool is_free = slot->made && slot->made.use_count() == 1;
      const bool is_old = now - slot->used > kUnused || slot->ts < safe_point;
      if (is_free && (is_old || slots_.size() > kMostTables)) {
        if (!slot->made->hidden.empty()) hidden.push_back(slot->made->hidden);
        slot = slots_.erase(slot);
      } else {
        ++slot;
      }
    }
    for (std::string& name : timeline_.forget_before(safe_point)) hidden.push_back(std::move(name));
    hidden.insert(hidden.end(), garbage_.begin(), garbage_.end());
    garbage_.clear();
  }
  if (!hidden.empty()) drop(hidden);
}

void History::drop(const std::vector<std::string>& hidden) {
  SqlSession session = open_past_session(cluster_);
  for (const std::string& name : hidden) {
    try {
      session.query("DROP TABLE IF EXISTS " + hidden_name(name) + " NOWAIT", kPatience);
    } catch (const SqlError&) {
      // A transaction still holds it.
      const std::lock_guard lock(mutex_);
      garbage_.push_back(name);
    }
  }
}

}  // namespace bdrmesh::lab
