#include "lab/feed/row_sql.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kLongestStatement = 1 << 20;

std::string full_name(const TableMap& table) {
  return quoted(table.schema) + "." + quoted(table.name);
}

std::string column_list(const TableMap& table) {
  std::string out;
  for (const Column& column : table.columns) out += (out.empty() ? "" : ",") + quoted(column.name);
  return out;
}

std::string value_list(const Row& row) {
  std::string out = "(";
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (i > 0) out += ',';
    out += sql_literal(row[i]);
  }
  return out + ")";
}

std::string marks(std::size_t count) {
  std::string out = "(";
  for (std::size_t i = 0; i < count; ++i) out += i == 0 ? "?" : ",?";
  return out + ")";
}

/// `(k1 = v1 AND k2 = v2)`; with `mark` the values are question marks.
std::string condition(const KeyedChange& keyed, const Row& row, bool mark) {
  std::string out = "(";
  for (const std::size_t index : keyed.key) {
    if (out.size() > 1) out += " AND ";
    out += quoted(keyed.change.table->columns[index].name);
    if (mark) {
      out += " = ?";
    } else if (row[index].kind == Value::Kind::null) {
      out += " IS NULL";
    } else {
      out += " = " + sql_literal(row[index]);
    }
  }
  return out + ")";
}

bool key_changes(const KeyedChange& keyed) {
  for (const std::size_t index : keyed.key) {
    if (keyed.change.image.before[index] != keyed.change.image.after[index]) return true;
  }
  return false;
}

/// Whether a value keeps its type and bytes as a branch of CASE.
bool fits_case(const Column& column) {
  switch (column.type) {
    case ColumnType::float4:
    case ColumnType::float8:
    case ColumnType::bit:
    case ColumnType::geometry:
      return false;
    default:
      return true;
  }
}

bool can_share_update(const KeyedChange& keyed) {
  const auto& columns = keyed.change.table->columns;
  return !keyed.keyless && std::all_of(columns.begin(), columns.end(), fits_case);
}

bool same_key(const KeyedChange& a, const KeyedChange& b) {
  if (a.key != b.key) return true;  // the table's keys changed: do not mix
  return std::all_of(a.key.begin(), a.key.end(), [&](std::size_t index) {
    return a.change.image.before[index] == b.change.image.before[index];
  });
}

RowStatement single_update(const KeyedChange& keyed) {
  const TableMap& table = *keyed.change.table;
  const RowImage& image = keyed.change.image;
  const std::string head = "UPDATE " + full_name(table) + " SET ";
  RowStatement out{head, head, 0, 1};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name = (i == 0 ? "" : ", ") + quoted(table.columns[i].name);
    out.sql += name + " = " + sql_literal(image.after[i]);
    out.shape += name + " = ?";
  }
  out.sql += " WHERE " + condition(keyed, image.before, false) + " LIMIT 1";
  out.shape += " WHERE " + condition(keyed, image.before, true) + " LIMIT 1";
  return out;
}

/// One statement for several rows: `SET c = CASE WHEN k = 1 THEN x WHEN … END … WHERE k = 1 OR …`.
RowStatement shared_update(const std::vector<const KeyedChange*>& updates) {
  if (updates.size() == 1) return single_update(*updates.front());
  const KeyedChange& first = *updates.front();
  const TableMap& table = *first.change.table;
  RowStatement out;
  out.rows = updates.size();
  out.sql = "UPDATE " + full_name(table) + " SET ";
  out.shape = out.sql;
  std::vector<std::string> conditions;
  conditions.reserve(updates.size());
  for (const KeyedChange* keyed : updates) {
    conditions.push_back(condition(*keyed, keyed->change.image.before, false));
  }
  const std::string mark = condition(first, first.change.image.before, true);
  const char* comma = "";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const bool is_key = std::find(first.key.begin(), first.key.end(), i) != first.key.end();
    if (is_key && table.columns.size() > first.key.size()) continue;  // it does not change
    const std::string head = comma + quoted(table.columns[i].name) + " = CASE";
    out.sql += head;
    out.shape += head;
    for (std::size_t n = 0; n < updates.size(); ++n) {
      out.sql +=
          " WHEN " + conditions[n] + " THEN " + sql_literal(updates[n]->change.image.after[i]);
      out.shape += " WHEN " + mark + " THEN ?";
    }
    out.sql += " END";
    out.shape += " END";
    comma = ", ";
  }
  for (std::size_t n = 0; n < updates.size(); ++n) {
    out.sql += (n == 0 ? " WHERE " : " OR ") + conditions[n];
    out.shape += (n == 0 ? " WHERE " : " OR ") + mark;
  }
  return out;
}

/// Gathers neighbours that fit into one statement.
class Gatherer {
 public:
  enum class Verb { none, insert, replace, remove, update };

  explicit Gatherer(const RowSqlOptions& options) : options_(options) {}

  void add_row(Verb verb, const KeyedChange& keyed, std::size_t index) {
    open(verb, keyed, index);
    const Row& row = keyed.change.image.after;
    current_.sql += (rows_ == 0 ? "" : ",") + value_list(row);
    current_.shape += (rows_ == 0 ? "" : ",") + marks(row.size());
    ++rows_;
  }

  void add_removal(const KeyedChange& keyed, std::size_t index) {
    open(Verb::remove, keyed, index);
    const Row& row = keyed.change.image.before;
    current_.sql += (rows_ == 0 ? "" : " OR ") + condition(keyed, row, false);
    current_.shape += (rows_ == 0 ? "" : " OR ") + condition(keyed, row, true);
    ++rows_;
  }

  void add_update(const KeyedChange& keyed, std::size_t index) {
    // Within one statement rows change in the server's order, so a value might not be free yet.
    const bool alone = !can_share_update(keyed) || keyed.moves_unique ||
                       (!updates_.empty() && updates_.back()->moves_unique) ||
                       std::any_of(updates_.begin(), updates_.end(), [&](const KeyedChange* other) {
                         return same_key(*other, keyed);
                       });
    if (alone || updates_.size() >= options_.updates_per_statement) close();
    open(Verb::update, keyed, index);
    updates_.push_back(&keyed);
    ++rows_;
  }

  std::vector<RowStatement> finish() {
    close();
    return std::move(done_);
  }

 private:
  void open(Verb verb, const KeyedChange& keyed, std::size_t index) {
    const TableMap* table = keyed.change.table.get();
    if (options_.batch && verb == verb_ && table == table_ && rows_ < options_.rows_per_statement &&
        current_.sql.size() < kLongestStatement) {
      return;
    }
    close();
    verb_ = verb;
    table_ = table;
    current_.first = index;
    if (verb == Verb::update) return;
    if (verb == Verb::remove) {
      current_.sql = "DELETE FROM " + full_name(*table) + " WHERE ";
    } else {
      current_.sql = (verb == Verb::replace ? "REPLACE INTO " : "INSERT INTO ") +
                     full_name(*table) + " (" + column_list(*table) + ") VALUES ";
    }
    current_.shape = current_.sql;
  }

  void close() {
    if (rows_ > 0) {
      const std::size_t first = current_.first;
      if (verb_ == Verb::update) {
        current_ = shared_update(updates_);
        updates_.clear();
      } else if (verb_ == Verb::remove) {
        const std::string limit = " LIMIT " + std::to_string(rows_);
        current_.sql += limit;
        current_.shape += limit;
      }
      current_.first = first;
      current_.rows = rows_;
      done_.push_back(std::exchange(current_, {}));
    }
    rows_ = 0;
    verb_ = Verb::none;
    table_ = nullptr;
  }

  const RowSqlOptions& options_;
  Verb verb_ = Verb::none;
  const TableMap* table_ = nullptr;
  std::size_t rows_ = 0;
  RowStatement current_;
  std::vector<const KeyedChange*> updates_;
  std::vector<RowStatement> done_;
};

}  // namespace

std::string quoted(const std::string& identifier) {
  std::string out = "`";
  for (const char c : identifier) {
    if (c == '`') out += '`';
    out += c;
  }
  return out + "`";
}

std::vector<RowStatement> row_statements(const std::vector<KeyedChange>& changes,
                                         const RowSqlOptions& options) {
  Gatherer gatherer(options);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const KeyedChange& keyed = changes[i];
    const auto verb = keyed.replace ? Gatherer::Verb::replace : Gatherer::Verb::insert;
    switch (keyed.change.kind) {
      case RowKind::insert:
        gatherer.add_row(verb, keyed, i);
        break;
      case RowKind::remove:
        gatherer.add_removal(keyed, i);
        break;
      case RowKind::update:
        if (keyed.replace || key_changes(keyed)) {
          gatherer.add_removal(keyed, i);
          gatherer.add_row(verb, keyed, i);
        } else {
          gatherer.add_update(keyed, i);
        }
        break;
    }
  }
  return gatherer.finish();
}

std::string shown_values(const std::vector<KeyedChange>& changes, const RowStatement& statement,
                         const char* between) {
  std::string out;
  const std::size_t end = std::min(changes.size(), statement.first + statement.rows);
  for (std::size_t i = statement.first; i < end; ++i) {
    const RowImage& image = changes[i].change.image;
    for (const Value& value : image.after.empty() ? image.before : image.after) {
      if (!out.empty()) out += between;
      out += value.kind == Value::Kind::null ? "<nil>" : value.text;
    }
  }
  return out;
}

}  // namespace bdrmesh::lab
