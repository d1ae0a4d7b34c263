// What History does around a DDL.
#include <algorithm>

#include "lab/history/history.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

constexpr Millis kPatience{30'000};

bool is_one_of(const std::string& type, std::initializer_list<const char*> types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

/// Whether rows or values of the present definition cannot be told from the next one's.
bool loses(const DdlClause& clause, const std::string& definition) {
  if (clause.job_type == "drop index") {
    // What was unique may not be so later.
    return definition.find("UNIQUE KEY " + quote_name(clause.old_name)) != std::string::npos;
  }
  return is_one_of(clause.job_type, {"drop column", "drop columns", "modify column",
                                     "drop partition", "truncate partition", "exchange partition",
                                     "drop primary key", "modify table charset and collate"});
}

ObjectName in_schema(ObjectName name, const std::string& schema) {
  if (name.schema.empty()) name.schema = schema;
  return name;
}

/// Ends with the DDL's own connection working on the job again.
class Worker {
 public:
  Worker(const ComingDdl& coming, SqlSession& session) : coming_(coming) {
    if (!coming_.works_on) return;
    const auto rows = session.query("SELECT CONNECTION_ID()", kPatience);
    coming_.works_on(static_cast<std::uint32_t>(std::stoul(rows.front().front().value_or("0"))));
  }
  ~Worker() {
    if (coming_.works_on) coming_.works_on(0);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

 private:
  const ComingDdl& coming_;
};

std::vector<ObjectName> tables_of(SqlSession& session, const std::string& schema) {
  std::vector<ObjectName> tables;
  for (const auto& row : session.query(
           "SELECT table_name FROM information_schema.tables WHERE table_type='BASE TABLE' AND "
           "table_schema=" +
               quote_text(schema),
           kPatience)) {
    tables.push_back({schema, row.front().value_or("")});
  }
  return tables;
}

PastDdl describe_ddl(const DdlStatement& ddl, std::int64_t job, const ObjectName& table) {
  PastDdl past;
  past.job = job;
  past.table = table;
  if (ddl.drops || ddl.job_type == "truncate table") {
    past.kind = PastDdl::Kind::gone;
  } else if (!ddl.new_name.name.empty()) {
    past.kind = PastDdl::Kind::renamed;
    past.new_name = in_schema(ddl.new_name, table.schema);
  }
  return past;
}

bool loses_anything(const DdlStatement& ddl, const PastDdl& past) {
  if (past.kind == PastDdl::Kind::gone) return true;
  return std::any_of(ddl.clauses.begin(), ddl.clauses.end(),
                     [&](const DdlClause& clause) { return loses(clause, past.definition); });
}

}  // namespace

std::unique_ptr<History::Keeping> History::before_ddl(const DdlStatement& ddl,
                                                      const ComingDdl& coming) {
  std::unique_ptr<Keeping> keeping(new Keeping(*this));
  const bool is_table = ddl.object_kind == ObjectKind::table;
  if (ddl.creates && (is_table || ddl.object_kind == ObjectKind::view)) {
    PastDdl created;
    created.job = coming.job;
    created.kind = PastDdl::Kind::created;
    created.table = in_schema(ddl.objects.front(), coming.default_schema);
    keeping->created_.push_back(std::move(created));
    return keeping;
  }
  const bool drops_schema = ddl.object_kind == ObjectKind::schema && ddl.drops;
  if (!is_table && ddl.object_kind != ObjectKind::index && !drops_schema) return keeping;
  SqlSession session = open_past_session(cluster_);
  session.query("SET lock_wait_timeout=" + std::to_string(coming.lock_wait.count() / 1000),
                kPatience);
  const Worker worker(coming, session);
  std::vector<ObjectName> tables;
  if (drops_schema) {
    tables = tables_of(session, ddl.objects.front().name);
  } else {
    for (const ObjectName& object : ddl.objects)
      tables.push_back(in_schema(object, coming.default_schema));
  }
  for (const ObjectName& table : tables) {
    PastDdl past = describe_ddl(ddl, coming.job, table);
    try {
      past.definition = TableKeeper::definition_of(session, table);
    } catch (const SqlError&) {
      continue;  // it is for the DDL itself to say so
    }
    if (past.definition.rfind("CREATE TABLE", 0) != 0) continue;  // a view
    if (coming.shown) past.shown = coming.shown(table);
    const bool loses_rows = loses_anything(ddl, past);
    keep_table(*keeping, session, std::move(past), loses_rows, coming);
  }
  return keeping;
}

void History::keep_table(Keeping& keeping, SqlSession& session, PastDdl ddl, bool loses_rows,
                         const ComingDdl& coming) {
  if (loses_rows) ddl.kept = TableKeeper::nothing_to_keep(session, ddl.table, ddl.definition);
  if (!ddl.kept && ddl.kind == PastDdl::Kind::gone && coming.may_drop &&
      coming.may_drop(ddl.table) && !TableKeeper::has_ties(session, ddl.table)) {
    return swap(keeping, session, std::move(ddl));
  }
  if (loses_rows && !ddl.kept) {
    ddl.kept = keeper_.copy_aside(session, ddl.table, ddl.definition);
    keeping.copies_.push_back(ddl.kept->table);
  }
  const std::lock_guard lock(mutex_);
  keeping.ids_.push_back(timeline_.add(std::move(ddl)));
}

void History::swap(Keeping& keeping, SqlSession& session, PastDdl ddl) {
  const Keeping::Swapped swapped{ddl.table, keeper_.fresh_name('k')};
  const auto is_this = [&](const Keeping::Swapped& other) { return other.aside == swapped.aside; };
  {
    const std::lock_guard lock(mutex_);
    swapping_.push_back(swapped);
  }
  try {
    TableKeeper::swap_aside(session, ddl.table, swapped.aside);
  } catch (...) {
    const std::lock_guard lock(mutex_);
    std::erase_if(swapping_, is_this);
    throw;
  }
  ddl.kept = KeptRows{swapped.aside, true, {}, {}};
  const std::lock_guard lock(mutex_);
  std::erase_if(swapping_, is_this);
  keeping.swapped_.push_back(swapped);
  keeping.ids_.push_back(timeline_.add(std::move(ddl)));
}

void History::Keeping::done(std::uint64_t ts) {
  const std::lock_guard lock(history_->mutex_);
  for (const std::int64_t id : ids_) history_->timeline_.finish(id, ts);
  for (PastDdl& ddl : created_) {
    ddl.ts = ts;
    history_->timeline_.add(std::move(ddl));
  }
  done_ = true;
}

History::Keeping::~Keeping() {
  if (done_ || ids_.empty()) return;
  try {
    SqlSession session = open_past_session(history_->cluster_);
    for (const Swapped& swapped : swapped_)
      TableKeeper::swap_back(session, swapped.table, swapped.aside);
  } catch (const Error&) {
    // The engine is gone, and with it the table.
  }
  const std::lock_guard lock(history_->mutex_);
  for (const std::int64_t id : ids_) history_->timeline_.withdraw(id);
  history_->garbage_.insert(history_->garbage_.end(), copies_.begin(), copies_.end());
}

void History::note_filled(const Filling& filling) {
  PastDdl filled;
  filled.kind = PastDdl::Kind::changed;
  filled.table = filling.table;
  filled.definition = filling.definition;
  filled.shown = filling.shown;
  filled.kept = KeptRows{"", false, filling.began, filling.ended};
  const std::lock_guard lock(mutex_);
  timeline_.finish(timeline_.add(std::move(filled)), filling.ts);
}

}  // namespace bdrmesh::lab
