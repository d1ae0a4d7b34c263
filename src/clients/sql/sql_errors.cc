#include "clients/sql/sql_errors.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "clients/mask.h"

namespace bdrmesh {
namespace {

struct Meaning {
  ErrorKind kind;
  const char* code;
  std::string remedy;
};

template <std::size_t N>
bool any_of(int number, const std::array<int, N>& numbers) {
  return std::ranges::find(numbers, number) != numbers.end();
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

constexpr std::array kNeverConnected{2002, 2003, 2005};
constexpr std::array kAnswerLost{2006, 2013, 2014, 2027, 2055};
constexpr std::array kRetryTransaction{8022, 9007, 8002, 8005, 8028, 8027, 1213, 1205, 8147};
constexpr std::array kInfrastructure{9001, 9002, 9003, 9004, 9005, 9008, 9010, 9011, 9012, 9013};
constexpr std::array kBusy{1040, 1129, 1203, 3024};
constexpr std::array kCutShort{1053, 1317, 8501};
constexpr std::array kLogin{1045, 1130, 1698, 3118};
constexpr std::array kPrivilege{1044, 1142, 1143, 1227, 1370, 8121};
constexpr std::array kGcPassed{8055, 9006};
constexpr std::array kCapacity{8001, 8004, 8025, 8175, 8176, 8252, 9500};
constexpr std::array kTableLocked{8020, 8258};
constexpr int kSeeText = 1105;

constexpr const char* kIsItThere =
    "see that this tidb-server runs and that the configuration has its address; bdrmesh doctor "
    "asks every one";

/// A lost answer: harmless for a question, unknown for a change.
Meaning lost(SqlEffect effect) {
  if (effect == SqlEffect::changes) return {ErrorKind::ambiguous, "TIDB_ANSWER_LOST", {}};
  return {ErrorKind::transient, "TIDB_UNREACHABLE", {}};
}

Meaning unfinished(SqlEffect effect) {
  if (effect == SqlEffect::changes) return {ErrorKind::ambiguous, "TIDB_ANSWER_LOST", {}};
  return {ErrorKind::transient, "TIDB_BUSY", {}};
}

Meaning cannot_log_in(int number, const SqlContext& context) {
  if (number == 3118) {
    return {ErrorKind::precondition, "TIDB_LOGIN",
            "ALTER USER '" + context.user + "'@'%' ACCOUNT UNLOCK;"};
  }
  const std::string& address = context.server.value();
  const std::size_t colon = address.rfind(':');
  return {ErrorKind::precondition, "TIDB_LOGIN",
          "check user and password of the configuration, for example with: mysql -h " +
              address.substr(0, colon) +
              (colon == std::string::npos ? "" : " -P " + address.substr(colon + 1)) + " -u " +
              context.user + " -p"};
}

/// What parts of a cluster say to each other when they do not hear one another, passed on by the
/// tidb-server as 1105.
bool is_from_within(std::string_view text) {
  for (const std::string_view part :
       {"rpc error", "context canceled", "context deadline exceeded", "get TSO timeout",
        "get timestamp failed", "PD server timeout", "[PD:client:", "connection refused",
        "connection reset", "region unavailable", "TiKV server timeout"}) {
    if (holds(text, part)) return true;
  }
  return false;
}

/// 1105 is shared by many failures: only its text tells (tidb-sql §8).
std::optional<Meaning> by_text(std::string_view text, SqlEffect effect) {
  if (holds(text, "undetermined") || holds(text, "Query execution was interrupted"))
    return unfinished(effect);
  if (holds(text, "transaction future is not set"))
    return Meaning{ErrorKind::transient, "TIDB_BUSY", {}};
  if (holds(text, "out of TiCDC write source range")) {
    return Meaning{ErrorKind::precondition, "TIDB_SOURCE_ID",
                   "give the cluster a source id from 1 to 8"};
  }
  if (holds(text, "can't turn off tidb_super_read_only")) {
    return Meaning{ErrorKind::precondition, "TIDB_READ_ONLY",
                   "SET GLOBAL tidb_restricted_read_only = OFF;"};
  }
  if (holds(text, "only support read-only statement during read-only staleness")) {
    return Meaning{ErrorKind::precondition, "TIDB_READ_ONLY",
                   "SET GLOBAL tidb_enable_external_ts_read = OFF;"};
  }
  if (holds(text, "found CDC changefeed"))
    return Meaning{ErrorKind::precondition, "TIDB_FEED_IN_THE_WAY", {}};
  return std::nullopt;
}

Meaning of_client_library(const SqlFailure& failure, const SqlContext& context) {
  if (failure.number == 2026 || holds(failure.text, "SSL") || holds(failure.text, "TLS")) {
    return {ErrorKind::precondition, "TIDB_TLS",
            "give the server a certificate that the configured ca signed and that names the "
            "server, or take tls out of the configuration"};
  }
  if (context.effect == SqlEffect::connects) return {ErrorKind::transient, "TIDB_UNREACHABLE", {}};
  return {ErrorKind::bug, "TIDB_CLIENT", {}};
}

Meaning meaning_of(const SqlFailure& failure, const SqlContext& context) {
  const int number = failure.number;
  if (number == 0 || number == 2026) return of_client_library(failure, context);
  if (any_of(number, kNeverConnected))
    return {ErrorKind::transient, "TIDB_UNREACHABLE", kIsItThere};
  if (any_of(number, kAnswerLost)) return lost(context.effect);
  if (any_of(number, kCutShort) || any_of(number, kInfrastructure))
    return unfinished(context.effect);
  if (any_of(number, kRetryTransaction)) return {ErrorKind::transient, "TIDB_RETRY", {}};
  if (any_of(number, kBusy)) return {ErrorKind::transient, "TIDB_BUSY", {}};
  if (any_of(number, kCapacity)) return {ErrorKind::transient, "TIDB_CAPACITY", {}};
  if (any_of(number, kLogin)) return cannot_log_in(number, context);
  if (any_of(number, kPrivilege)) {
    return {ErrorKind::precondition, "TIDB_PRIVILEGE",
            missing_grant(number, failure.text, context.user)};
  }
  if (number == 1836) {
    return {ErrorKind::precondition, "TIDB_READ_ONLY",
            "GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO '" + context.user + "'@'%';"};
  }
  if (number == 8263) return {ErrorKind::precondition, "TIDB_BDR_ROLE", {}};
  if (any_of(number, kGcPassed)) return {ErrorKind::precondition, "TIDB_GC_PASSED", {}};
  if (any_of(number, kTableLocked)) return {ErrorKind::precondition, "TIDB_TABLE_LOCKED", {}};
  if (const auto meaning = by_text(failure.text, context.effect)) return *meaning;
  if (number == kSeeText && holds(failure.text, "Out Of Memory Quota"))
    return {ErrorKind::transient, "TIDB_CAPACITY", {}};
  if (number == kSeeText && is_from_within(failure.text)) return unfinished(context.effect);
  return {ErrorKind::invalid, "TIDB_SQL", {}};
}

/// The text between the first `open` and the `close` after it.
std::string between(std::string_view text, std::string_view open, std::string_view close) {
  const std::size_t from = text.find(open);
  if (from == std::string_view::npos) return {};
  const std::size_t begin = from + open.size();
  const std::size_t end = text.find(close, begin);
  if (end == std::string_view::npos) return {};
  return std::string(text.substr(begin, end - begin));
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string grant(const std::string& privilege, const std::string& object,
                  const std::string& user) {
  return "GRANT " + privilege + " ON " + object + " TO '" + user + "'@'%';";
}

/// Privileges of tables and schemas: an answer that names one of them means some table, not all.
bool is_for_tables(const std::string& privilege) {
  static constexpr std::array<std::string_view, 12> kWords{
      "SELECT", "INSERT", "UPDATE",      "DELETE",    "CREATE",     "DROP",
      "ALTER",  "INDEX",  "CREATE VIEW", "SHOW VIEW", "REFERENCES", "LOCK TABLES"};
  return std::ranges::find(kWords, privilege) != kWords.end();
}

/// The privilege at the end of `before`: one word, or two that belong together.
std::string privilege_at_end(const std::string& before) {
  for (const std::string_view two :
       {"CREATE VIEW", "SHOW VIEW", "LOCK TABLES", "CREATE TEMPORARY TABLES"}) {
    if (before.ends_with(two)) return std::string(two);
  }
  const std::string word = before.substr(before.rfind(' ') + 1);
  // SHOW CREATE TABLE is refused as SHOW, which cannot be granted on a table.
  return word == "SHOW" || word.empty() ? "SELECT" : word;
}

/// Tables of `mysql` that we read: the server names the table only.
bool is_of_mysql(const std::string& table) {
  static constexpr std::array<std::string_view, 8> kTables{"user",
                                                           "tidb",
                                                           "global_grants",
                                                           "tables_priv",
                                                           "tidb_mdl_view",
                                                           "tidb_ddl_history",
                                                           "tidb_ttl_table_status",
                                                           "tidb_ddl_job"};
  return std::ranges::find(kTables, table) != kTables.end();
}

}  // namespace

std::string missing_grant(int number, std::string_view text, const std::string& user) {
  if (number == 1227) {
    // "… (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) …": the last one is the
    // smallest.
    std::string wanted = between(text, "(at least one of) the ", " privilege(s)");
    const std::size_t last = wanted.rfind(" or ");
    if (last != std::string::npos) wanted = wanted.substr(last + 4);
    return grant(wanted.empty() ? "SUPER" : wanted, "*.*", user);
  }
  if (number == 8121) {
    std::string wanted = between(text, "privilege check for '", "'");
    std::erase_if(wanted, [](char c) { return c == '[' || c == ']'; });
    wanted = wanted.empty() ? "SUPER" : upper(wanted);
    return grant(wanted, is_for_tables(wanted) ? "<schema>.<table>" : "*.*", user);
  }
  if (number == 1142 || number == 1143) {
    const std::size_t word = text.find(" command denied");
    const std::string wanted = word == std::string_view::npos
                                   ? "SELECT"
                                   : privilege_at_end(std::string(text.substr(0, word)));
    const std::string table = between(text, "for table '", "'");
    if (wanted == "SELECT" && is_of_mysql(table)) return grant("SELECT", "mysql.*", user);
    return grant(wanted, "<schema>." + (table.empty() ? "*" : table), user);
  }
  const std::string schema = between(text, "to database '", "'");
  if (schema == "mysql") return grant("SELECT", "mysql.*", user);
  return grant("ALL", (schema.empty() ? "*" : schema) + ".*", user);
}

std::string noted_answer(const Error& error) {
  const auto* refusal = dynamic_cast<const SqlError*>(&error);
  if (refusal == nullptr || refusal->number() == 0) return error.code();
  return error.code() + " " + std::to_string(refusal->number());
}

SqlError translate_sql_failure(const SqlFailure& failure, const SqlContext& context) {
  const Meaning meaning = meaning_of(failure, context);
  std::string message = "tidb-server " + context.server.value() + ": user '" + context.user +
                        "' cannot " + context.doing;
  if (meaning.kind == ErrorKind::ambiguous) {
    message = "tidb-server " + context.server.value() + ": no answer to: " + context.doing +
              "; it may have happened or may still happen";
  }
  if (failure.number != 0) message += ": error " + std::to_string(failure.number);
  if (!failure.text.empty())
    message += (failure.number != 0 ? " " : ": ") + mask_values(failure.text);
  return SqlError(meaning.kind, meaning.code, message, meaning.remedy, failure.number);
}

}  // namespace bdrmesh
