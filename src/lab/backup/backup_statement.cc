#include "lab/backup/backup_statement.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bdrmesh::lab {

namespace {

template <class Words = std::initializer_list<std::string_view>>
bool is_any(const Token& token, const Words& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return token.is(word); });
}

constexpr std::array<std::string_view, 8> kFlags = {
    "checksum",           "send_credentials_to_tikv", "ignore_stats", "load_stats",
    "wait_tiflash_ready", "with_sys_table",           "online",       "checkpoint"};
constexpr std::array<std::string_view, 3> kNumbers = {"concurrency", "checksum_concurrency",
                                                      "compression_level"};
constexpr std::array<std::string_view, 3> kTexts = {"compression_type", "encryption_method",
                                                    "encryption_keyfile"};
constexpr std::array<std::string_view, 6> kUnits = {"microsecond", "second", "minute",
                                                    "hour",        "day",    "week"};

class Parser {
 public:
  explicit Parser(const Statement& statement) : statement_(statement), cursor_(statement.tokens) {}

  std::optional<std::variant<BackupStatement, BackupSyntaxError>> run() {
    parsed_.restores = cursor_.next().is("restore");
    if (is_any(cursor_.peek(), {"logs"})) return std::nullopt;
    if (!scope() || !cursor_.accept(parsed_.restores ? "from" : "to")) return error();
    if (cursor_.peek().kind != TokenKind::text) return error();
    parsed_.uri = cursor_.next().value;
    while (!cursor_.at_end()) {
      if (!option()) return error();
    }
    return parsed_;
  }

 private:
  bool scope() {
    if (parsed_.restores && cursor_.accept("point")) {
      parsed_.is_point = true;
      return true;
    }
    const bool schemas = cursor_.accept_any({"database", "schema"});
    if (schemas && cursor_.accept_symbol('*')) return true;
    if (!schemas && !cursor_.accept_any({"table", "tables"})) return false;
    parsed_.scope = schemas ? BackupStatement::Scope::schemas : BackupStatement::Scope::tables;
    do {
      ObjectName name = cursor_.object_name();
      if (name.name.empty()) return false;
      parsed_.names.push_back(std::move(name));
    } while (cursor_.accept_symbol(','));
    return true;
  }

  bool option() {
    const Token name = cursor_.peek();
    const bool known = is_any(name, kFlags) || is_any(name, kNumbers) || is_any(name, kTexts) ||
                       is_any(name, {"rate_limit", "snapshot", "last_backup"});
    if (!known) return false;
    cursor_.next();
    cursor_.accept_symbol('=');
    if (is_any(name, kFlags)) return flag(name);
    if (is_any(name, kNumbers)) return number().has_value();
    if (is_any(name, kTexts)) {
      if (cursor_.peek().kind != TokenKind::text) return false;
      cursor_.next();
      return true;
    }
    if (name.is("rate_limit")) return rate_limit();
    return moment(name.is("snapshot") ? parsed_.snapshot : parsed_.last_backup);
  }

  bool flag(const Token& name) {
    const Token value = cursor_.peek();
    const bool on = is_any(value, {"true", "on"}) || value.value == "1";
    if (!on && !is_any(value, {"false", "off"}) && value.value != "0") return false;
    cursor_.next();
    if (name.is("checksum")) parsed_.checksum = on;
    return true;
  }

  std::optional<std::uint64_t> number() {
    const Token& token = cursor_.peek();
    if (token.kind != TokenKind::number) return std::nullopt;
    // `120MB` is one word for TiDB.
    if (cursor_.peek(1).kind == TokenKind::word && cursor_.peek(1).begin == token.end) {
      cursor_.next();
      return std::nullopt;
    }
    std::uint64_t value = 0;
    std::from_chars(token.value.data(), token.value.data() + token.value.size(), value);
    cursor_.next();
    return value;
  }

  bool rate_limit() {
    const auto value = number();
    if (!value || !cursor_.accept("mb") || !cursor_.accept_symbol('/')) return false;
    parsed_.rate_limit = *value;
    return cursor_.accept("second");
  }

  bool moment(std::optional<BackupStatement::Moment>& into) {
    if (cursor_.peek().kind == TokenKind::text) {
      into = cursor_.next().value;
      return true;
    }
    const auto value = number();
    if (!value) return false;
    if (!is_any(cursor_.peek(), kUnits)) {
      into = *value;
      return true;
    }
    into = BackupStatement::Ago{*value, cursor_.next().value};
    return cursor_.accept("ago");
  }

  std::variant<BackupStatement, BackupSyntaxError> error() const {
    const std::size_t size = statement_.text.size();
    std::size_t begin = cursor_.at_end() ? size : cursor_.peek().begin;
    const std::size_t end = cursor_.at_end() ? size : cursor_.peek().end;
    const std::size_t before = cursor_.position();
    if (!cursor_.at_end() && before > 0 && statement_.tokens[before - 1].end == begin &&
        statement_.tokens[before - 1].kind == TokenKind::number) {
      begin = statement_.tokens[before - 1].begin;
    }
    return BackupSyntaxError{
        "You have an error in your SQL syntax; check the manual that corresponds to your TiDB "
        "version for the right syntax to use line 1 column " +
        std::to_string(end - 1) + " near \"" + std::string(statement_.text.substr(begin)) + "\" "};
  }

  const Statement& statement_;
  Cursor cursor_;
  BackupStatement parsed_;
};

}  // namespace

std::optional<std::variant<BackupStatement, BackupSyntaxError>> parse_backup(
    const Statement& statement) {
  return Parser(statement).run();
}

std::string storage_scheme(const std::string& uri) {
  const std::size_t end = uri.find("://");
  return end == std::string::npos ? "" : to_lower(uri.substr(0, end));
}

std::optional<std::string> local_directory(const std::string& uri) {
  const std::string scheme = storage_scheme(uri);
  if (scheme != "local" && scheme != "file") return std::nullopt;
  std::string path = uri.substr(scheme.size() + 3);
  return path.substr(0, path.find('?'));
}

std::string without_secrets(const std::string& uri) {
  const std::size_t query = uri.find('?');
  return query == std::string::npos ? uri : uri.substr(0, query);
}

}  // namespace bdrmesh::lab
