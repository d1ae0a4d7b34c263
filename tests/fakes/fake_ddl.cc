#include "fakes/fake_ddl.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"

namespace bdrmesh::fakes {
namespace {

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

[[noreturn]] void refuse(int code, const std::string& text) {
  throw Error(ErrorKind::invalid, "DDL_REFUSED", std::to_string(code) + ": " + text);
}

/// Reads words off a normalized statement; commas and parentheses inside of a definition are left
/// to `until_comma`.
class Words {
 public:
  explicit Words(const std::string& text) : text_(text) {}

  bool take(const std::string& keywords) {
    skip_blanks();
    if (upper(text_.substr(at_, keywords.size())) != keywords) return false;
    const std::size_t end = at_ + keywords.size();
    if (end < text_.size() &&
        (std::isalnum(static_cast<unsigned char>(text_[end])) != 0 || text_[end] == '_'))
      return false;
    at_ = end;
    return true;
  }
  bool take_char(char c) {
    skip_blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  std::string word() {
    skip_blanks();
    const std::size_t from = at_;
    while (at_ < text_.size() && std::string(" ,()").find(text_[at_]) == std::string::npos) ++at_;
    return text_.substr(from, at_ - from);
  }
  /// Up to the next comma (or closing parenthesis) of this level.
  std::string until_comma() {
    skip_blanks();
    const std::size_t from = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      if (text_[at_] == '(') ++depth;
      if (text_[at_] == ')' && depth-- == 0) break;
      if (text_[at_] == ',' && depth == 0) break;
    }
    return text_.substr(from, at_ - from);
  }
  bool ended() {
    skip_blanks();
    return at_ >= text_.size();
  }
  std::string rest() { return text_.substr(at_); }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  const std::string& text_;
  std::size_t at_ = 0;
};

TableName table_name(const std::string& word, const DdlSession& session) {
  const std::size_t dot = word.find('.');
  if (dot != std::string::npos) return {word.substr(0, dot), word.substr(dot + 1)};
  if (session.schema.empty()) refuse(1046, "No database selected");
  return {session.schema, word};
}

bool is_key_line(const std::string& line) {
  const std::string text = upper(line);
  for (const char* start : {"PRIMARY KEY", "UNIQUE", "KEY ", "INDEX "}) {
    if (text.rfind(start, 0) == 0) return true;
  }
  return false;
}

std::vector<ColumnNote>::iterator find_column(TableState& table, const std::string& name) {
  return std::find_if(table.columns.begin(), table.columns.end(),
                      [&](const ColumnNote& column) { return column.name == name; });
}

void add_column(TableState& table, Words& words) {
  words.take("COLUMN");
  const bool lenient = words.take("IF NOT EXISTS");
  const std::string name = words.word();
  const std::string type = words.until_comma();
  if (find_column(table, name) != table.columns.end()) {
    if (lenient) return;
    refuse(1060, "Duplicate column name '" + name + "'");
  }
  table.columns.push_back({name, type});
}

void drop_column(TableState& table, Words& words) {
  words.take("COLUMN");
  const bool lenient = words.take("IF EXISTS");
  const std::string name = words.word();
  const auto found = find_column(table, name);
  if (found == table.columns.end()) {
    if (lenient) return;
    refuse(1091, "Can't DROP '" + name + "'; check that column/key exists");
  }
  table.columns.erase(found);
}

void alter_table(TableState& table, Words& words) {
  do {
    if (words.take("ADD INDEX") || words.take("ADD KEY")) {
      table.keys.push_back("KEY " + words.until_comma());
    } else if (words.take("ADD UNIQUE")) {
      words.take("INDEX") || words.take("KEY");
      table.keys.push_back("UNIQUE KEY " + words.until_comma());
    } else if (words.take("DROP INDEX")) {
      const std::string name = words.word();
      const auto erased = std::erase_if(table.keys, [&](const std::string& key) {
        return key.find("KEY " + name) != std::string::npos;
      });
      if (erased == 0) refuse(1091, "Can't DROP '" + name + "'; check that column/key exists");
    } else if (words.take("ADD")) {
      add_column(table, words);
    } else if (words.take("DROP")) {
      drop_column(table, words);
    } else if (words.take("MODIFY")) {
      words.take("COLUMN");
      const auto found = find_column(table, words.word());
      if (found == table.columns.end()) refuse(1054, "Unknown column");
      found->type = words.until_comma();
    } else {
      refuse(1064, "the fake does not understand: " + words.rest());
    }
  } while (words.take_char(','));
}

void create_table(ClusterState& cluster, Words& words, const DdlSession& session) {
  const bool lenient = words.take("IF NOT EXISTS");
  const TableName name = table_name(words.word(), session);
  if (!cluster.schemas.contains(name.schema))
    refuse(1049, "Unknown database '" + name.schema + "'");
  if (cluster.tables.contains(name)) {
    if (lenient) return;
    refuse(1050, "Table '" + to_string(name) + "' already exists");
  }
  TableState table;
  table.id = cluster.next_table_id++;
  if (!words.take_char('(')) refuse(1064, "the fake wants a list of columns");
  do {
    const std::string line = words.until_comma();
    if (is_key_line(line)) {
      table.keys.push_back(line);
    } else {
      Words parts(line);
      const std::string column = parts.word();
      table.columns.push_back({column, parts.until_comma()});
    }
  } while (words.take_char(','));
  cluster.tables[name] = table;
}

void drop_schema_now(ClusterState& cluster, const std::string& schema) {
  cluster.schemas.erase(schema);
  std::erase_if(cluster.tables, [&](const auto& entry) { return entry.first.schema == schema; });
}

TableState& existing(ClusterState& cluster, const TableName& name) {
  const auto found = cluster.tables.find(name);
  if (found == cluster.tables.end()) refuse(1146, "Table '" + to_string(name) + "' doesn't exist");
  return found->second;
}

}  // namespace

std::string normalized(const std::string& sql) {
  std::string out;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    if (sql.compare(i, 2, "/*") == 0) {
      i = std::min(sql.find("*/", i), sql.size() - 2) + 1;
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (std::isspace(static_cast<unsigned char>(sql[i])) != 0) {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (sql[i] != '`') {
      out += sql[i];
    }
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == ';')) out.pop_back();
  return out;
}

std::string schema_of(const std::string& sql, const DdlSession& session) {
  const std::string text = normalized(sql);
  Words words(text);
  words.word();
  const bool database = words.take("DATABASE") || words.take("SCHEMA");
  if (!database) words.take("TABLE");
  words.take("IF NOT EXISTS") || words.take("IF EXISTS");
  const std::string name = words.word();
  if (database) return name;
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? session.schema : name.substr(0, dot);
}

std::string table_of(const std::string& sql) {
  const std::string text = normalized(sql);
  Words words(text);
  words.word();
  if (!words.take("TABLE")) return {};
  words.take("IF NOT EXISTS") || words.take("IF EXISTS");
  const std::string name = words.word();
  return name.substr(name.find('.') == std::string::npos ? 0 : name.find('.') + 1);
}

bool documented_without_pause(const std::string& sql) {
  const std::string text = upper(normalized(sql));
  const auto begins = [&](const char* start) { return text.rfind(start, 0) == 0; };
  if (begins("CREATE DATABASE") || begins("CREATE TABLE") || begins("CREATE PLACEMENT POLICY"))
    return true;
  return begins("ALTER TABLE") && text.find("COLUMN") == std::string::npos &&
         (text.find(" ADD INDEX") != std::string::npos ||
          text.find(" DROP INDEX") != std::string::npos);
}

bool refused_under_role(const std::string& role, const std::string& sql,
                        const DdlSession& session) {
  if (role.empty()) return false;
  const std::string schema = schema_of(sql, session);
  if (schema == "mysql" || schema == "sys") return false;
  if (upper(normalized(sql)).find("PLACEMENT POLICY") != std::string::npos) return false;
  if (role == "secondary") return true;
  const std::string text = upper(normalized(sql));
  if (text.rfind("DROP", 0) == 0 || text.rfind("TRUNCATE", 0) == 0) return true;
  return text.find(" DROP COLUMN") != std::string::npos ||
         text.find("ADD UNIQUE") != std::string::npos ||
         (text.find("NOT NULL") != std::string::npos && text.find("DEFAULT") == std::string::npos &&
          text.rfind("ALTER", 0) == 0);
}

void apply_ddl(ClusterState& cluster, const std::string& sql, const DdlSession& session) {
  const std::string text = normalized(sql);
  Words words(text);
  if (words.take("CREATE DATABASE") || words.take("CREATE SCHEMA")) {
    const bool lenient = words.take("IF NOT EXISTS");
    const std::string name = words.word();
    if (!cluster.schemas.insert(name).second && !lenient)
      refuse(1007, "Can't create database '" + name + "'; database exists");
  } else if (words.take("DROP DATABASE") || words.take("DROP SCHEMA")) {
    const bool lenient = words.take("IF EXISTS");
    const std::string name = words.word();
    if (!cluster.schemas.contains(name) && !lenient)
      refuse(1008, "Can't drop database '" + name + "'; database doesn't exist");
    drop_schema_now(cluster, name);
  } else if (words.take("CREATE PLACEMENT POLICY")) {
    words.word();  // placed nowhere, but a job all the same
  } else if (words.take("CREATE TABLE")) {
    create_table(cluster, words, session);
  } else if (words.take("DROP TABLE")) {
    const bool lenient = words.take("IF EXISTS");
    const TableName name = table_name(words.word(), session);
    if (!lenient) existing(cluster, name);
    cluster.tables.erase(name);
  } else if (words.take("TRUNCATE TABLE") || words.take("TRUNCATE")) {
    existing(cluster, table_name(words.word(), session)).id = cluster.next_table_id++;
  } else if (words.take("ALTER TABLE")) {
    const TableName name = table_name(words.word(), session);
    TableState changed = existing(cluster, name);  // one job: all clauses or none
    alter_table(changed, words);
    cluster.tables[name] = changed;
  } else {
    refuse(1064, "the fake does not understand: " + text);
  }
}

std::string render_create(const TableName& name, const TableState& table) {
  std::string out = "CREATE TABLE `" + name.table + "` (";
  const char* separator = "\n  ";
  for (const ColumnNote& column : table.columns) {
    out += separator + ("`" + column.name + "` " + column.type);
    separator = ",\n  ";
  }
  for (const std::string& key : table.keys) {
    out += separator + key;
    separator = ",\n  ";
  }
  return out + "\n) " + table.options;
}

bool has_usable_key(const TableState& table) {
  return std::any_of(table.keys.begin(), table.keys.end(), [](const std::string& key) {
    const std::string text = upper(key);
    return text.rfind("PRIMARY KEY", 0) == 0 || text.rfind("UNIQUE", 0) == 0;
  });
}

}  // namespace bdrmesh::fakes
