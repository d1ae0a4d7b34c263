#include "ddl/table_definition.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace bdrmesh::ddl {

namespace {

void read_foreign_key(Cursor& cursor, TableDefinition& table, std::string name, std::size_t from) {
  if (!cursor.sees('(')) {
    cursor.take({"IF", "NOT", "EXISTS"});
    const std::string index_name = cursor.name().value_or("");
    if (name.empty()) name = index_name;
  }
  cursor.skip_to_comma();
  for (const Token& token : cursor.since(from)) {
    if (token.kind == TokenKind::comment) table.comments.push_back(token.text + " " + name);
  }
  table.constraints.push_back({std::move(name), render(cursor.since(from)), true});
}

/// The options behind the parts; the word about clustering is taken out of the text, it is a fact
/// of the table.
void read_index(Cursor& cursor, TableDefinition& table, IndexDefinition index, std::size_t from) {
  cursor.take({"IF", "NOT", "EXISTS"});
  if (!cursor.sees('(')) {
    if (cursor.sees("USING") || cursor.sees("TYPE")) {
      cursor.skip();
      cursor.skip();
    } else if (const auto name = cursor.name()) {
      index.name = *name;
    }
    if (cursor.take_any({"USING", "TYPE"})) cursor.skip();
  }
  index.parts = read_index_parts(cursor.parenthesised());
  index.text = render(cursor.since(from));
  while (!cursor.at_end() && !cursor.sees(',')) {
    if (cursor.take("CLUSTERED")) {
      table.clustered = true;
    } else if (cursor.take("NONCLUSTERED")) {
      table.clustered = false;
    } else {
      const std::size_t option = cursor.position();
      if (!cursor.skip_parentheses()) cursor.skip();
      const std::string text = render(cursor.since(option));
      if (!text.empty()) index.text += " " + text;
    }
  }
  if (index.kind == IndexKind::primary) index.name = "PRIMARY";
  table.indexes.push_back(std::move(index));
}

std::optional<std::string> option_name(Cursor& cursor) {
  cursor.take("DEFAULT");
  if (cursor.take({"CHARACTER", "SET"}) || cursor.take({"CHAR", "SET"}) || cursor.take("CHARSET")) {
    return "CHARSET";
  }
  if (cursor.take({"PLACEMENT", "POLICY"})) return "PLACEMENT POLICY";
  if (cursor.take({"FORCE", "AUTO_INCREMENT"})) return "AUTO_INCREMENT";
  if (cursor.take({"FORCE", "AUTO_RANDOM_BASE"})) return "AUTO_RANDOM_BASE";
  static constexpr std::array kNames = {std::string_view("COLLATE"),
                                        std::string_view("COMMENT"),
                                        std::string_view("ENGINE"),
                                        std::string_view("AUTO_INCREMENT"),
                                        std::string_view("AUTO_ID_CACHE"),
                                        std::string_view("AUTO_RANDOM_BASE"),
                                        std::string_view("SHARD_ROW_ID_BITS"),
                                        std::string_view("PRE_SPLIT_REGIONS"),
                                        std::string_view("TTL"),
                                        std::string_view("TTL_ENABLE"),
                                        std::string_view("TTL_JOB_INTERVAL"),
                                        std::string_view("ROW_FORMAT"),
                                        std::string_view("KEY_BLOCK_SIZE"),
                                        std::string_view("CHECKSUM"),
                                        std::string_view("TABLE_CHECKSUM"),
                                        std::string_view("DELAY_KEY_WRITE"),
                                        std::string_view("AVG_ROW_LENGTH"),
                                        std::string_view("MIN_ROWS"),
                                        std::string_view("MAX_ROWS"),
                                        std::string_view("PACK_KEYS"),
                                        std::string_view("CONNECTION"),
                                        std::string_view("PASSWORD"),
                                        std::string_view("COMPRESSION"),
                                        std::string_view("ENCRYPTION"),
                                        std::string_view("INSERT_METHOD"),
                                        std::string_view("NODEGROUP"),
                                        std::string_view("STATS_PERSISTENT"),
                                        std::string_view("STATS_AUTO_RECALC"),
                                        std::string_view("STATS_SAMPLE_PAGES"),
                                        std::string_view("STATS_BUCKETS"),
                                        std::string_view("STATS_TOPN"),
                                        std::string_view("STATS_OPTIONS"),
                                        std::string_view("STATS_COL_CHOICE"),
                                        std::string_view("STATS_COL_LIST"),
                                        std::string_view("STATS_SAMPLE_RATE"),
                                        std::string_view("ENGINE_ATTRIBUTE"),
                                        std::string_view("SECONDARY_ENGINE"),
                                        std::string_view("SECONDARY_ENGINE_ATTRIBUTE"),
                                        std::string_view("ATTRIBUTES")};
  for (const std::string_view name : kNames) {
    if (cursor.take(name)) return std::string(name);
  }
  return std::nullopt;
}

/// Moves behind the value of a table option. @return false when there is none.
bool read_option_value(Cursor& cursor, std::string_view name) {
  if (cursor.at_end() || cursor.sees(',')) return false;
  if (name == "TTL") {  // `column` + INTERVAL n UNIT
    const bool column = cursor.name().has_value();
    if (!column || !cursor.take('+') || !cursor.take("INTERVAL")) return false;
    if (!cursor.skip_parentheses()) cursor.skip();
    return cursor.name().has_value();
  }
  if (cursor.skip_parentheses()) return true;
  cursor.skip();
  return true;
}

void add_inline_keys(const ColumnDefinition& column, TableDefinition& table) {
  const std::vector<IndexPart> parts = {{column.name, false}};
  if (column.keys > 0) {
    table.indexes.push_back({IndexKind::primary, "PRIMARY", parts, "PRIMARY KEY"});
  }
  if (column.uniques > 0) {
    table.indexes.push_back({IndexKind::unique, column.name, parts, "UNIQUE KEY"});
  }
}

void read_elements(std::span<const Token> tokens, TableDefinition& table) {
  Cursor cursor(tokens);
  while (!cursor.at_end() && table.understood) {
    const std::size_t from = cursor.position();
    if (!read_index_or_constraint(cursor, table)) {
      ColumnDefinition column = read_column(cursor);
      if (!column.understood || column.conditional) {
        // An unknown option, or one that only some servers execute, of a column we know: kept as
        // text.
        cursor.skip_to_comma();
        table.understood = column.understood;
        table.not_understood = column.understood ? "" : render(cursor.since(from));
      }
      add_inline_keys(column, table);
      table.columns.push_back(std::move(column));
    }
    cursor.take(',');
  }
}

}  // namespace

std::vector<IndexPart> read_index_parts(std::span<const Token> tokens) {
  std::vector<IndexPart> parts;
  Cursor cursor(tokens);
  while (!cursor.at_end()) {
    IndexPart part;
    if (cursor.sees('(')) {
      cursor.skip_parentheses();
    } else {
      part.column = cursor.name().value_or("");
      part.prefix = cursor.skip_parentheses();
    }
    cursor.skip_to_comma();
    cursor.take(',');
    parts.push_back(std::move(part));
  }
  return parts;
}

bool read_index_or_constraint(Cursor& cursor, TableDefinition& table) {
  const std::size_t from = cursor.position();
  std::string constraint;
  if (cursor.take("CONSTRAINT") && !cursor.sees("PRIMARY") && !cursor.sees("UNIQUE") &&
      !cursor.sees("FOREIGN") && !cursor.sees("CHECK")) {
    constraint = cursor.name().value_or("");
  }
  if (cursor.take({"FOREIGN", "KEY"})) {
    read_foreign_key(cursor, table, constraint, from);
    return true;
  }
  if (cursor.sees("CHECK") && cursor.sees('(', 1)) {
    cursor.skip_to_comma();
    table.constraints.push_back({constraint, render(cursor.since(from)), false});
    return true;
  }
  IndexDefinition index;
  index.name = constraint;
  if (cursor.take({"PRIMARY", "KEY"})) {
    index.kind = IndexKind::primary;
  } else if (cursor.take("UNIQUE")) {
    index.kind = IndexKind::unique;
    cursor.take_any({"INDEX", "KEY"});
  } else if ((cursor.sees("FULLTEXT") || cursor.sees("SPATIAL") || cursor.sees("VECTOR") ||
              cursor.sees("COLUMNAR")) &&
             (cursor.sees("INDEX", 1) || cursor.sees("KEY", 1))) {
    index.kind = IndexKind::special;
    cursor.skip();
    cursor.skip();
  } else if (!cursor.take_any({"INDEX", "KEY"})) {
    cursor.back_to(from);
    return false;
  }
  read_index(cursor, table, std::move(index), from);
  return true;
}

std::optional<TableOption> read_table_option(Cursor& cursor) {
  const std::size_t from = cursor.position();
  std::optional<std::string> name = option_name(cursor);
  if (name) {
    cursor.take('=');
    const std::size_t value = cursor.position();
    if (read_option_value(cursor, *name)) return TableOption{*name, render(cursor.since(value))};
  }
  cursor.back_to(from);
  return std::nullopt;
}

void read_table_body(Cursor& cursor, TableDefinition& table) {
  table.understood = cursor.sees('(');
  if (!table.understood) return;
  read_elements(cursor.parenthesised(), table);
  while (!cursor.at_end() && table.understood) {
    const std::size_t from = cursor.position();
    if (cursor.take(',')) continue;
    if (cursor.peek()->kind == TokenKind::comment) {
      table.comments.push_back(cursor.peek()->text);
      cursor.skip();
    } else if (auto option = read_table_option(cursor)) {
      table.options.push_back(std::move(*option));
    } else if (cursor.sees("PARTITION") && cursor.sees("BY", 1)) {
      cursor.skip_all();
      table.partitioning = render(cursor.since(from));
    } else if (!cursor.take({"ON", "COMMIT", "DELETE", "ROWS"}) &&
               !cursor.take({"ON", "COMMIT", "PRESERVE", "ROWS"})) {
      cursor.skip_all();
      table.understood = false;
      table.not_understood = render(cursor.since(from));
    }
  }
}

const ColumnDefinition* TableDefinition::column(std::string_view wanted) const {
  const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnDefinition& c) {
    return same_name(c.name, wanted);
  });
  return found == columns.end() ? nullptr : &*found;
}

const IndexDefinition* TableDefinition::index(std::string_view wanted) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const IndexDefinition& i) {
    return same_name(i.name, wanted);
  });
  return found == indexes.end() ? nullptr : &*found;
}

std::vector<const IndexDefinition*> TableDefinition::usable_keys() const {
  std::vector<const IndexDefinition*> result;
  for (const IndexDefinition& index : indexes) {
    const bool usable =
        index.kind == IndexKind::primary ||
        (index.kind == IndexKind::unique && !index.parts.empty() &&
         std::all_of(index.parts.begin(), index.parts.end(), [&](const IndexPart& part) {
           const ColumnDefinition* of = part.column.empty() ? nullptr : column(part.column);
           return of != nullptr && !part.prefix && of->rejects_null() && !of->is_virtual();
         }));
    if (usable) result.push_back(&index);
  }
  return result;
}

TableDefinition parse_table(std::string_view create_table) {
  const auto statements = split_statements(create_table, {.keep_comments = true});
  if (statements.size() != 1) throw_syntax(create_table, 0, "not one CREATE TABLE statement");
  Cursor cursor(statements.front().tokens);
  cursor.take("CREATE");
  cursor.take_any({"GLOBAL", "TEMPORARY"});
  cursor.take("TEMPORARY");
  if (!cursor.take("TABLE")) throw_syntax(create_table, 0, "not a CREATE TABLE statement");
  cursor.take({"IF", "NOT", "EXISTS"});
  TableDefinition table;
  table.name = cursor.name().value_or("");
  if (cursor.take('.')) table.name = cursor.name().value_or("");
  read_table_body(cursor, table);
  return table;
}

}  // namespace bdrmesh::ddl
