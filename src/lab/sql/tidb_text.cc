#include "lab/sql/tidb_text.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <ctime>
#include <set>
#include <vector>

#include "lab/parse/cursor.h"
#include "lab/parse/tokens.h"

namespace bdrmesh::lab {

namespace {

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// `int(11)` is `int` in TiDB; tinyint(1) and zerofill keep their width.
std::string without_display_width(std::string line) {
  for (const std::string_view type :
       {" tinyint(", " smallint(", " mediumint(", " int(", " bigint("}) {
    const std::size_t at = line.find(type);
    if (at == std::string::npos || line.find("zerofill") != std::string::npos) continue;
    const std::size_t open = at + type.size() - 1;
    const std::size_t close = line.find(')', open);
    if (close == std::string::npos || line.substr(at, close - at) == " tinyint(1") continue;
    line.erase(open, close - open + 1);
  }
  return line;
}

/// Numbers in DEFAULT stand in quotes.
std::string quoted_default(std::string line) {
  const std::size_t at = line.find(" DEFAULT ");
  if (at == std::string::npos) return line;
  const std::size_t begin = at + 9;
  std::size_t end = begin;
  while (end < line.size() && (std::isdigit(static_cast<unsigned char>(line[end])) != 0 ||
                               line[end] == '.' || line[end] == '-' || line[end] == 'e')) {
    ++end;
  }
  if (end == begin || (end < line.size() && line[end] != ' ' && line[end] != ',')) return line;
  line.insert(end, "'");
  line.insert(begin, "'");
  return line;
}

std::string column_line(std::string line) {
  line = quoted_default(without_display_width(std::move(line)));
  line = replace_all(std::move(line), "current_timestamp()", "CURRENT_TIMESTAMP");
  line = replace_all(std::move(line), "current_timestamp(", "CURRENT_TIMESTAMP(");
  return line;
}

/// What stands where in TiDB's grammar only, and takes no part in the engine's.
class EngineText {
 public:
  explicit EngineText(const Statement& statement)
      : statement_(statement), cursor_(statement.tokens) {}

  std::string run() {
    while (!cursor_.at_end()) step();
    out_ += statement_.text.substr(copied_);
    return std::move(out_);
  }

 private:
  void step() {
    const Token& token = cursor_.peek();
    if (token.in_comment || token.kind != TokenKind::word) {
      // MariaDB reads what stands in TiDB's comments as comment.
      cursor_.next();
    } else if (token.value == "auto_random") {
      const std::size_t begin = cursor_.position();
      cursor_.next();
      cursor_.skip_group();
      replace(begin, "AUTO_INCREMENT");
    } else if (token.value == "clustered" || token.value == "nonclustered") {
      drop(1);
    } else if (token.value == "utf8mb4_0900_ai_ci" || token.value == "utf8mb4_0900_bin") {
      const std::size_t begin = cursor_.position();
      const bool binary = token.value == "utf8mb4_0900_bin";
      cursor_.next();
      replace(begin, binary ? "utf8mb4_bin" : "utf8mb4_general_ci");
    } else if (token.value == "invisible" ||
               (token.value == "visible" && statement_.verb == Verb::ddl)) {
      const std::size_t begin = cursor_.position();
      const bool hide = token.value == "invisible";
      cursor_.next();
      replace(begin, hide ? "IGNORED" : "NOT IGNORED");
    } else if (is_option(token.value)) {
      drop_option();
    } else {
      cursor_.next();
    }
  }

  static bool is_option(const std::string& word) {
    static const std::set<std::string, std::less<>> options = {"ttl",
                                                               "ttl_enable",
                                                               "ttl_job_interval",
                                                               "shard_row_id_bits",
                                                               "pre_split_regions",
                                                               "auto_id_cache",
                                                               "auto_random_base",
                                                               "placement"};
    return options.count(word) > 0;
  }

  void drop_option() {
    // A column or table may well be called ttl: an option follows the table's parentheses or an
    // ALTER's beginning.
    const std::size_t begin = cursor_.position();
    const bool expression = cursor_.peek().value == "ttl";
    const bool placement = cursor_.peek().value == "placement";
    cursor_.next();
    if (placement && !cursor_.accept("policy")) return;
    const bool assigned = cursor_.accept_symbol('=');
    if (!assigned && (cursor_.peek().kind == TokenKind::symbol || cursor_.at_end() || expression))
      return;
    if (expression) {
      while (!cursor_.at_end() && !cursor_.peek().is_symbol(',') && !cursor_.peek().is("interval"))
        cursor_.next();
      cursor_.next();
      cursor_.next();
      cursor_.next();  // INTERVAL n UNIT
    } else {
      cursor_.next();
    }
    replace(begin, "");
  }

  void drop(std::size_t count) {
    const std::size_t begin = cursor_.position();
    cursor_.move_to(begin + count);
    replace(begin, "");
  }

  /// Replaces the tokens from `begin` up to the cursor.
  void replace(std::size_t begin, std::string_view by) {
    const std::size_t from = statement_.tokens[begin].begin;
    const std::size_t last = std::min(cursor_.position(), statement_.tokens.size()) - 1;
    out_ += statement_.text.substr(copied_, from - copied_);
    out_ += by;
    copied_ = statement_.tokens[last].end;
  }

  const Statement& statement_;
  Cursor cursor_;
  std::string out_;
  std::size_t copied_ = 0;
};

}  // namespace

SqlFailure read_only_failure() { return {1836, "HY000", "Running in read-only mode"}; }

SqlFailure role_failure(std::string_view role) {
  return {8263, "HY000",
          "The operation is not allowed while the bdr role of this cluster is set to " +
              std::string(role) + "."};
}

SqlFailure login_failure(SqlFailure failure, const std::string& user) {
  if (failure.code == 4151) {
    return {3118, "HY000", "Access denied for user '" + user + "'@'%'. Account is locked."};
  }
  failure.message = replace_all(std::move(failure.message), "'@'localhost'", "'@'127.0.0.1'");
  return failure;
}

SqlFailure engine_failure(SqlFailure failure, bool is_update) {
  if (failure.code == 1142 && is_update)
    return {8121, "HY000", "privilege check for 'Update' fail"};
  if (failure.code == 1969 || failure.code == 1927)
    return {1317, "70100", "Query execution was interrupted"};
  failure.message = replace_all(std::move(failure.message), "MariaDB", "TiDB");
  failure.message = replace_all(std::move(failure.message), "'@'localhost'", "'@'127.0.0.1'");
  return failure;
}

std::string tidb_create_table(std::string_view definition, bool nonclustered) {
  std::string out;
  while (!definition.empty()) {
    const std::size_t end = std::min(definition.find('\n'), definition.size());
    std::string line(definition.substr(0, end));
    definition.remove_prefix(std::min(end + 1, definition.size()));
    if (line.rfind("  `", 0) == 0) line = column_line(std::move(line));
    if (line.rfind("  PRIMARY KEY", 0) == 0) {
      const bool comma = line.back() == ',';
      if (comma) line.pop_back();
      line += nonclustered ? " /*T![clustered_index] NONCLUSTERED */"
                           : " /*T![clustered_index] CLUSTERED */";
      if (comma) line += ',';
    }
    if (!out.empty()) out += '\n';
    out += line;
  }
  return out;
}

std::string for_engine(const Statement& statement) { return EngineText(statement).run(); }

std::string sql_time(std::int64_t unix_ms) {
  const std::time_t seconds = unix_ms / 1000;
  std::tm broken{};
  ::gmtime_r(&seconds, &broken);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &broken);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%03d000", static_cast<int>(unix_ms % 1000));
  return std::string(text, size) + fraction;
}

std::string transaction_start(std::uint64_t start_ts) {
  if (start_ts == 0) return "";
  const std::string time = sql_time(static_cast<std::int64_t>(start_ts >> 18U));
  return time.substr(5, 18) + "(" + std::to_string(start_ts) + ")";
}

}  // namespace bdrmesh::lab
