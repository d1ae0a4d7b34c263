#include "lab/schema/create_text.h"

#include <algorithm>
#include <charconv>

#include "lab/schema/column_text.h"

namespace bdrmesh::lab {

namespace {

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// The line of table options, taken apart.
struct Options {
  TableCharset charset;
  std::uint64_t next_id = 0;
  std::string comment;  ///< quoted
};

Options read_options(const std::string& line) {
  Options options;
  const std::vector<Token> tokens = tokenize(line).list;
  Cursor cursor(tokens);
  while (!cursor.at_end()) {
    if (cursor.accept("charset")) {
      cursor.accept_symbol('=');
      options.charset.charset = tidb_charset_name(cursor.next().value);
    } else if (cursor.accept("collate")) {
      cursor.accept_symbol('=');
      options.charset.collation = tidb_charset_name(cursor.next().value);
    } else if (cursor.accept("auto_increment")) {
      cursor.accept_symbol('=');
      const std::string& number = cursor.next().value;
      std::from_chars(number.data(), number.data() + number.size(), options.next_id);
    } else if (cursor.accept("comment")) {
      cursor.accept_symbol('=');
      const Token& token = cursor.next();
      options.comment = line.substr(token.begin, token.end - token.begin);
    } else {
      cursor.next();
    }
  }
  if (options.charset.collation.empty())
    options.charset.collation = options.charset.charset + "_general_ci";
  return options;
}

/// TiDB shows the id after those that its servers have taken into their caches.
std::uint64_t next_auto_increment(std::uint64_t engine_next, const TableFeatures& features) {
  constexpr std::uint64_t kUsualCache = 30'000;
  const std::uint64_t base = features.auto_increment_base;
  if (engine_next <= base) return base > 1 ? base : 0;
  const std::uint64_t cache = features.auto_id_cache == 0 ? kUsualCache : features.auto_id_cache;
  const std::uint64_t taken = engine_next - base;
  return base + (taken + cache - 1) / cache * cache;
}

/// The same for AUTO_RANDOM, whose caches are larger.
std::uint64_t next_auto_random(const AutoRandom& random) {
  constexpr std::uint64_t kCache = 2'000'000;
  if (random.used == 0) return random.base;
  return std::max<std::uint64_t>(random.base, 1) + (random.used + kCache - 1) / kCache * kCache;
}

std::string id_options(const Options& options, const TableFeatures& features) {
  std::string out;
  const std::uint64_t next =
      features.auto_random ? 0 : next_auto_increment(options.next_id, features);
  if (next != 0) out += " AUTO_INCREMENT=" + std::to_string(next);
  if (features.auto_id_cache != 0) {
    out += " /*T![auto_id_cache] AUTO_ID_CACHE=" + std::to_string(features.auto_id_cache) + " */";
  }
  const std::uint64_t base = features.auto_random ? next_auto_random(*features.auto_random) : 0;
  if (base > 1) out += " /*T![auto_rand_base] AUTO_RANDOM_BASE=" + std::to_string(base) + " */";
  const std::string split = features.pre_split_regions == 0
                                ? ""
                                : "PRE_SPLIT_REGIONS=" + std::to_string(features.pre_split_regions);
  if (features.shard_row_id_bits != 0) {
    out += " /*T! SHARD_ROW_ID_BITS=" + std::to_string(features.shard_row_id_bits) +
           (split.empty() ? "" : " " + split) + " */";
  } else if (features.auto_random && !split.empty()) {
    out += " /*T! " + split + " */";
  }
  return out;
}

std::string option_line(Options options, const TableFeatures& features) {
  const auto foreign = features.foreign_collations.find("");
  if (foreign != features.foreign_collations.end()) options.charset.collation = foreign->second;
  std::string out = ") ENGINE=InnoDB DEFAULT CHARSET=" + options.charset.charset;
  if (options.charset.charset != "binary") out += " COLLATE=" + options.charset.collation;
  out += id_options(options, features);
  if (!options.comment.empty()) out += " COMMENT=" + options.comment;
  if (!features.placement_policy.empty()) {
    out += " /*T![placement] PLACEMENT POLICY=" + quote_name(features.placement_policy) + " */";
  }
  if (features.cached) out += " /* CACHED ON */";
  return out;
}

std::string ttl_options(const TimeToLive& ttl) {
  return " /*T![ttl] TTL=" + quote_name(ttl.column) + " + INTERVAL " + ttl.interval +
         " */ /*T![ttl] TTL_ENABLE='" + (ttl.enabled ? "ON" : "OFF") +
         "' */ /*T![ttl] TTL_JOB_INTERVAL='" + ttl.job_interval + "' */";
}

std::string key_line(std::string line, const TableFeatures& features) {
  for (const std::string_view word : {" USING BTREE", " USING HASH"}) {
    line = replace_all(std::move(line), word, "");
  }
  line = replace_all(std::move(line), "` DESC", "`");
  line = replace_all(std::move(line), ") DESC", ")");
  line = replace_all(std::move(line), " IGNORED", " /*!80000 INVISIBLE */");
  if (line.rfind("PRIMARY KEY", 0) == 0) {
    return line + (features.nonclustered ? " /*T![clustered_index] NONCLUSTERED */"
                                         : " /*T![clustered_index] CLUSTERED */");
  }
  const std::vector<Token> tokens = tokenize(line).list;
  const auto name = std::find_if(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::quoted;
  });
  if (name != tokens.end() && features.global_indexes.count(to_lower(name->name)) > 0) {
    line += " /*T![global_index] GLOBAL */";
  }
  return line;
}

/// TiDB's own form of a condition: `((a) != 5)`.
std::string check_text(const std::string& name, const std::string& condition) {
  return "CONSTRAINT " + quote_name(name) + " CHECK (" + tidb_expression(condition) + ")";
}

/// TiDB restores the names of functions in upper case.
std::string partition_head(std::string line) {
  for (const Token& token : tokenize(line).list) {
    if (token.kind != TokenKind::word) continue;
    std::transform(line.begin() + static_cast<std::ptrdiff_t>(token.begin),
                   line.begin() + static_cast<std::ptrdiff_t>(token.end),
                   line.begin() + static_cast<std::ptrdiff_t>(token.begin),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  }
  return line;
}

/// Partitions follow the options; the engine says more of each than TiDB does.
std::string partition_text(std::string text, const TableFeatures& features) {
  text = replace_all(std::move(text), " ENGINE = InnoDB", "");
  text = replace_all(std::move(text), "LESS THAN MAXVALUE", "LESS THAN (MAXVALUE)");
  text = replace_all(std::move(text), "  COLUMNS(", " COLUMNS(");
  text = replace_all(std::move(text), " COMMENT = ", " COMMENT ");
  text = replace_all(std::move(text), "\nPARTITIONS ", " PARTITIONS ");
  text = replace_all(std::move(text), "\n PARTITION BY", "\nPARTITION BY");
  const std::size_t head_end = text.find('\n', 1);
  if (head_end != std::string::npos) {
    text = partition_head(text.substr(0, head_end)) + text.substr(head_end);
  }
  for (const auto& [partition, policy] : features.partition_placement) {
    const std::size_t at = to_lower(text).find("partition " + quote_name(partition));
    if (at == std::string::npos) continue;
    std::size_t end = text.find('\n', at);
    if (end == std::string::npos) end = text.size();
    text.insert(end - 1, " /*T![placement] PLACEMENT POLICY=" + quote_name(policy) + " */");
  }
  return text;
}

class TableText {
 public:
  TableText(std::string_view definition, const TableFeatures& features) : features_(features) {
    while (!definition.empty()) {
      const std::size_t end = std::min(definition.find('\n'), definition.size());
      lines_.emplace_back(definition.substr(0, end));
      definition.remove_prefix(std::min(end + 1, definition.size()));
    }
  }

  std::string run() {
    const auto close = std::find_if(lines_.begin(), lines_.end(), [](const std::string& line) {
      return line.rfind(") ENGINE", 0) == 0;
    });
    if (close == lines_.end()) return joined();
    const Options options = read_options(*close);
    for (auto line = lines_.begin() + 1; line != close; ++line) add(*line, options);
    for (const std::string& check : checks_) {
      parts_.push_back(check_text(unnamed_check(), check));
    }
    std::string out = lines_.front();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      out += "\n  " + parts_[i] + (i + 1 < parts_.size() ? "," : "");
    }
    out += "\n" + option_line(options, features_);
    std::string partitions;
    for (auto line = close + 1; line != lines_.end(); ++line) partitions += "\n" + *line;
    out += partition_text(std::move(partitions), features_);
    if (features_.ttl) out += ttl_options(*features_.ttl);
    return out;
  }

 private:
  std::string joined() const {
    std::string out;
    for (const std::string& line : lines_) out += (out.empty() ? "" : "\n") + line;
    return out;
  }

  void add(const std::string& text, const Options& options) {
    std::string line = text.substr(std::min<std::size_t>(2, text.size()));
    if (!line.empty() && line.back() == ',') line.pop_back();
    if (line.rfind('`', 0) == 0) {
      parts_.push_back(tidb_column(line, options.charset, features_, checks_));
    } else if (line.rfind("CONSTRAINT", 0) == 0) {
      add_constraint(line);
    } else {
      parts_.push_back(key_line(std::move(line), features_));
    }
  }

  void add_constraint(const std::string& line) {
    const std::vector<Token> tokens = tokenize(line).list;
    if (tokens.size() < 4 || !tokens[2].is("check")) {
      parts_.push_back(line);
      return;
    }
    std::string name = tokens[1].name;
    if (name.rfind("CONSTRAINT_", 0) == 0) name = unnamed_check();
    parts_.push_back(check_text(name, line.substr(tokens[3].begin)));
  }

  /// The name that TiDB gives to a check without one.
  std::string unnamed_check() {
    const std::vector<Token> tokens = tokenize(lines_.front()).list;
    std::string table;
    for (const Token& token : tokens) {
      if (token.kind == TokenKind::quoted) table = token.name;
    }
    return table + "_chk_" + std::to_string(++unnamed_);
  }

  const TableFeatures& features_;
  std::vector<std::string> lines_;
  std::vector<std::string> parts_;
  std::vector<std::string> checks_;
  int unnamed_ = 0;
};

/// Keywords in upper case, as TiDB restores a query.
std::string restored_query(std::string_view text) {
  std::string out;
  std::size_t copied = 0;
  for (const Token& token : tokenize(text).list) {
    if (token.kind != TokenKind::word) continue;
    out += text.substr(copied, token.begin - copied);
    std::string word = token.name;
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    out += word;
    copied = token.end;
  }
  return out + std::string(text.substr(copied));
}

}  // namespace

std::string tidb_create_table(std::string_view definition, const TableFeatures& features) {
  return TableText(definition, features).run();
}

std::string tidb_create_view(std::string_view definition, const std::vector<std::string>& columns) {
  const std::size_t as = definition.find(" AS ");
  if (as == std::string_view::npos) return std::string(definition);
  std::string head(definition.substr(0, as));
  // `schema`.`view` is `view` in TiDB.
  if (const std::size_t dot = head.rfind("`.`"); dot != std::string::npos) {
    const std::size_t begin = head.rfind('`', dot - 1);
    head.erase(begin, dot + 2 - begin);
  }
  std::string list;
  for (const std::string& column : columns) {
    list += (list.empty() ? "" : ", ") + quote_name(column);
  }
  return head + " (" + list + ") AS " + restored_query(definition.substr(as + 4));
}

std::string tidb_create_schema(std::string_view definition, const std::string& placement) {
  std::string text(definition);
  const std::vector<Token> tokens = tokenize(definition).list;
  for (std::size_t i = 0; i + 3 < tokens.size(); ++i) {
    if (!tokens[i].is("set") || !tokens[i + 2].is("collate")) continue;
    const std::string charset = tidb_charset_name(tokens[i + 1].value);
    if (is_default_collation(charset, tidb_charset_name(tokens[i + 3].value))) {
      text.erase(tokens[i + 1].end, tokens[i + 3].end - tokens[i + 1].end);
    }
  }
  text = replace_all(std::move(text), "utf8mb3", "utf8");
  if (!placement.empty())
    text += " /*T![placement] PLACEMENT POLICY=" + quote_name(placement) + " */";
  return text;
}

}  // namespace bdrmesh::lab
