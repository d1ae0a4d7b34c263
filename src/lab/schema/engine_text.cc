#include "lab/schema/engine_text.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace bdrmesh::lab {

namespace {

constexpr int kFirstUnread = 50700;     // MariaDB passes over /*!50700 */ ...
constexpr int kFirstOfItsOwn = 100000;  // ... up to its own versions

bool is_tidb_option(const std::string& word) {
  static const std::set<std::string, std::less<>> options = {"ttl",
                                                             "ttl_enable",
                                                             "ttl_job_interval",
                                                             "shard_row_id_bits",
                                                             "pre_split_regions",
                                                             "auto_id_cache",
                                                             "auto_random_base",
                                                             "placement",
                                                             "attributes"};
  return options.count(word) > 0;
}

/// A clause of ALTER TABLE that means nothing to the engine.
bool is_tidb_clause(const std::vector<Token>& tokens, std::size_t from) {
  const Cursor cursor(tokens, from);
  const Token& first = cursor.peek();
  if (first.kind != TokenKind::word || first.in_comment) return false;
  if (cursor.sees({"remove", "ttl"}) || cursor.sees({"set", "tiflash"})) return true;
  if (first.is("partition") && cursor.peek(1).is_name()) {
    return cursor.peek(2).is("placement") || cursor.peek(2).is("attributes");
  }
  static const std::set<std::string, std::less<>> words = {"cache", "nocache", "stats_options",
                                                           "affinity"};
  return words.count(first.value) > 0 || is_tidb_option(first.value);
}

class EngineText {
 public:
  explicit EngineText(const Statement& statement)
      : statement_(statement), tokens_(statement.tokens), cursor_(statement.tokens) {}

  std::string run() {
    const bool alters = Cursor(tokens_).sees({"alter", "table"}) ||
                        Cursor(tokens_).sees({"alter", "ignore", "table"});
    if (alters) pass_table_name();
    while (!cursor_.at_end()) {
      if (alters && depth_ == 0 && begins_clause() && is_tidb_clause(tokens_, cursor_.position())) {
        drop_clause();
      } else {
        step();
      }
    }
    out_ += statement_.text.substr(std::min(copied_, statement_.text.size()));
    return std::move(out_);
  }

 private:
  void pass_table_name() {
    cursor_.accept("alter");
    cursor_.accept("ignore");
    cursor_.accept("table");
    cursor_.object_name();
    first_clause_ = cursor_.position();
  }

  bool begins_clause() const {
    const std::size_t at = cursor_.position();
    return at == first_clause_ || (at > 0 && tokens_[at - 1].is_symbol(','));
  }

  /// With one of its commas.
  void drop_clause() {
    std::size_t begin = cursor_.position();
    int depth = 0;
    // A comma before a text goes on with a list, LOCATION LABELS 'a', 'b'.
    const auto ends = [&] {
      return depth == 0 && cursor_.peek().is_symbol(',') && cursor_.peek(1).kind != TokenKind::text;
    };
    while (!cursor_.at_end() && !ends()) {
      if (cursor_.peek().is_symbol('(')) ++depth;
      if (cursor_.peek().is_symbol(')')) --depth;
      cursor_.next();
    }
    if (begin != first_clause_) {
      --begin;
    } else if (cursor_.accept_symbol(',')) {
      first_clause_ = cursor_.position();
    }
    replace(begin, "");
  }

  void step() {
    const Token& token = cursor_.peek();
    if (token.in_comment && is_hidden(token)) return translate_comment();
    if (token.is_symbol('(')) ++depth_;
    if (token.is_symbol(')')) --depth_;
    if (token.kind != TokenKind::word || !translate_word(token)) cursor_.next();
  }

  bool translate_word(const Token& token) {
    const std::size_t begin = cursor_.position();
    const bool behind_key =
        begin > 0 && (tokens_[begin - 1].is_symbol(')') || tokens_[begin - 1].is("key") ||
                      tokens_[begin - 1].is("primary"));
    const std::string& word = token.value;
    if (word == "auto_random") {
      cursor_.next();
      cursor_.skip_group();
      replace(begin, "AUTO_INCREMENT");
    } else if ((word == "clustered" || word == "nonclustered") && behind_key) {
      cursor_.next();
      replace(begin, "");
    } else if (word == "global" && behind_key) {
      cursor_.next();
      replace(begin, "");
    } else if (word == "utf8mb4_0900_ai_ci" || word == "utf8mb4_0900_bin") {
      cursor_.next();
      replace(begin, word == "utf8mb4_0900_bin" ? "utf8mb4_bin" : "utf8mb4_general_ci");
    } else if (word == "invisible" || (word == "visible" && statement_.verb == Verb::ddl)) {
      cursor_.next();
      replace(begin, word == "invisible" ? "IGNORED" : "NOT IGNORED");
    } else if (word == "charset" || (word == "character" && cursor_.peek(1).is("set"))) {
      add_collation();
    } else if (word == "nchar" && cursor_.peek(1).is_symbol('(')) {
      cursor_.next();
      replace(begin, "CHAR");
    } else if (word == "national" &&
               (cursor_.peek(1).is("char") || cursor_.peek(1).is("varchar"))) {
      cursor_.next();
      replace(begin, "");
    } else if (word == "force" && cursor_.sees({"force", "auto_increment"})) {
      cursor_.next();
      replace(begin, "");
    } else {
      return is_tidb_option(word) && drop_option();
    }
    return true;
  }

  /// TiDB's default collations compare bytes, the engine's do not.
  void add_collation() {
    static const std::set<std::string, std::less<>> charsets = {"utf8mb4", "utf8", "utf8mb3",
                                                                "latin1", "ascii"};
    if (cursor_.accept("character")) cursor_.next();
    cursor_.accept("charset");
    cursor_.accept_symbol('=');
    const std::size_t value = cursor_.position();
    const std::string charset = to_lower(cursor_.next().value);
    if (charsets.count(charset) == 0 || cursor_.sees({"collate"}) ||
        cursor_.sees({"default", "collate"})) {
      return;
    }
    const std::string text(
        statement_.text.substr(tokens_[value].begin, tokens_[value].end - tokens_[value].begin));
    replace(value, text + " COLLATE " + charset + "_bin");
  }

  /// A column or table may well be called ttl: an option has a value behind it.
  bool drop_option() {
    const std::size_t begin = cursor_.position();
    const bool expression = cursor_.peek().value == "ttl";
    const bool placement = cursor_.peek().value == "placement";
    cursor_.next();
    if (placement && !cursor_.accept("policy")) return true;
    const bool assigned = cursor_.accept_symbol('=');
    const bool literal =
        cursor_.peek().kind == TokenKind::text || cursor_.peek().kind == TokenKind::number;
    if (!assigned && (expression || !(literal || placement))) return true;
    if (expression) {
      while (!cursor_.at_end() && !cursor_.peek().is_symbol(',') && !cursor_.peek().is("interval"))
        cursor_.next();
      cursor_.move_to(std::min(cursor_.position() + 3, tokens_.size()));  // INTERVAL n UNIT
    } else {
      cursor_.next();
    }
    replace(begin, "");
    return true;
  }

  struct Comment {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  Comment comment_around(const Token& token) const {
    const std::size_t begin = statement_.text.rfind("/*", token.begin);
    const std::size_t close = statement_.text.find("*/", token.end);
    return {begin == std::string_view::npos ? token.begin : begin,
            close == std::string_view::npos ? statement_.text.size() : close + 2};
  }

  /// The engine passes over this comment.
  bool is_hidden(const Token& token) const {
    const Comment comment = comment_around(token);
    const std::string_view mark = statement_.text.substr(comment.begin, 9);
    if (mark.substr(0, 4) == "/*T!") return true;
    int version = 0;
    for (std::size_t i = 3;
         i < mark.size() && std::isdigit(static_cast<unsigned char>(mark[i])) != 0; ++i) {
      version = version * 10 + (mark[i] - '0');
    }
    return version >= kFirstUnread && version < kFirstOfItsOwn;
  }

  void translate_comment() {
    const Comment comment = comment_around(cursor_.peek());
    std::string by;
    while (!cursor_.at_end() && cursor_.peek().begin < comment.end) {
      const Token& token = cursor_.next();
      if (token.is("auto_random")) by = "AUTO_INCREMENT";
      if (token.is("invisible")) by = "IGNORED";
    }
    out_ += statement_.text.substr(copied_, comment.begin - copied_);
    out_ += by;
    copied_ = comment.end;
  }

  /// Replaces the tokens from `begin` up to the cursor.
  void replace(std::size_t begin, std::string_view by) {
    const std::size_t from = tokens_[begin].begin;
    const std::size_t last = std::min(cursor_.position(), tokens_.size()) - 1;
    if (from > copied_) out_ += statement_.text.substr(copied_, from - copied_);
    out_ += by;
    copied_ = tokens_[last].end;
  }

  const Statement& statement_;
  const std::vector<Token>& tokens_;
  Cursor cursor_;
  std::string out_;
  std::size_t copied_ = 0;
  std::size_t first_clause_ = 0;
  int depth_ = 0;
};

}  // namespace

std::string for_engine(const Statement& statement) { return EngineText(statement).run(); }

}  // namespace bdrmesh::lab
