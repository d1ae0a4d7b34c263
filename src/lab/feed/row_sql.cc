#include "lab/feed/row_sql.h"

#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kRowsPerStatement = 64;

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

RowStatement update(const KeyedChange& keyed) {
  const TableMap& table = *keyed.change.table;
  const RowImage& image = keyed.change.image;
  const std::string head = "UPDATE " + full_name(table) + " SET ";
  RowStatement out{head, head};
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const std::string name = (i == 0 ? "" : ", ") + quoted(table.columns[i].name);
    out.sql += name + " = " + sql_literal(image.after[i]);
    out.shape += name + " = ?";
  }
  out.sql += " WHERE " + condition(keyed, image.before, false) + " LIMIT 1";
  out.shape += " WHERE " + condition(keyed, image.before, true) + " LIMIT 1";
  return out;
}

/// Gathers neighbours that fit into one statement.
class Gatherer {
 public:
  enum class Verb { none, insert, replace, remove };

  void add_row(Verb verb, const KeyedChange& keyed) {
    open(verb, *keyed.change.table);
    const Row& row = keyed.change.image.after;
    current_.sql += (rows_ == 0 ? "" : ",") + value_list(row);
    current_.shape += (rows_ == 0 ? "" : ",") + marks(row.size());
    ++rows_;
  }

  void add_removal(const KeyedChange& keyed) {
    open(Verb::remove, *keyed.change.table);
    const Row& row = keyed.change.image.before;
    current_.sql += (rows_ == 0 ? "" : " OR ") + condition(keyed, row, false);
    current_.shape += (rows_ == 0 ? "" : " OR ") + condition(keyed, row, true);
    ++rows_;
  }

  void add_alone(RowStatement statement) {
    close();
    done_.push_back(std::move(statement));
  }

  std::vector<RowStatement> finish() {
    close();
    return std::move(done_);
  }

 private:
  void open(Verb verb, const TableMap& table) {
    if (verb == verb_ && &table == table_ && rows_ < kRowsPerStatement) return;
    close();
    verb_ = verb;
    table_ = &table;
    if (verb == Verb::remove) {
      current_.sql = "DELETE FROM " + full_name(table) + " WHERE ";
    } else {
      current_.sql = (verb == Verb::replace ? "REPLACE INTO " : "INSERT INTO ") + full_name(table) +
                     " (" + column_list(table) + ") VALUES ";
    }
    current_.shape = current_.sql;
  }

  void close() {
    if (rows_ > 0) {
      if (verb_ == Verb::remove) {
        const std::string limit = " LIMIT " + std::to_string(rows_);
        current_.sql += limit;
        current_.shape += limit;
      }
      done_.push_back(std::exchange(current_, {}));
    }
    rows_ = 0;
    verb_ = Verb::none;
    table_ = nullptr;
  }

  Verb verb_ = Verb::none;
  const TableMap* table_ = nullptr;
  std::size_t rows_ = 0;
  RowStatement current_;
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

std::vector<RowStatement> row_statements(const std::vector<KeyedChange>& changes) {
  Gatherer gatherer;
  for (const KeyedChange& keyed : changes) {
    const auto verb = keyed.replace ? Gatherer::Verb::replace : Gatherer::Verb::insert;
    switch (keyed.change.kind) {
      case RowKind::insert:
        gatherer.add_row(verb, keyed);
        break;
      case RowKind::remove:
        gatherer.add_removal(keyed);
        break;
      case RowKind::update:
        if (keyed.replace || key_changes(keyed)) {
          gatherer.add_removal(keyed);
          gatherer.add_row(verb, keyed);
        } else {
          gatherer.add_alone(update(keyed));
        }
        break;
    }
  }
  return gatherer.finish();
}

}  // namespace bdrmesh::lab
