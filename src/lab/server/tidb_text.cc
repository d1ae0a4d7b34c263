#include "lab/server/tidb_text.h"

#include <cstdio>
#include <ctime>

namespace bdrmesh::lab {

namespace {

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// for table `d`.`t` -> for table 't'
std::string bare_table(std::string message) {
  const std::size_t at = message.find(" for table `");
  const std::size_t dot = at == std::string::npos ? at : message.find("`.`", at);
  if (dot == std::string::npos) return message;
  const std::size_t end = message.find('`', dot + 3);
  if (end == std::string::npos) return message;
  return message.substr(0, at) + " for table '" + message.substr(dot + 3, end - dot - 3) + "'" +
         message.substr(end + 1);
}

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
  // TiDB names the account of the grant, not the address of the client, and the table alone.
  const bool denied = failure.code == 1142 || failure.code == 1143 || failure.code == 1044;
  failure.message =
      replace_all(std::move(failure.message), "'@'localhost'", denied ? "'@'%'" : "'@'127.0.0.1'");
  if (denied) failure.message = bare_table(std::move(failure.message));
  return failure;
}

SqlFailure with_table_in_key(SqlFailure failure, const std::string& table) {
  constexpr int kDuplicateEntry = 1062;
  constexpr std::string_view kBefore = " for key '";
  const std::size_t key = failure.message.rfind(kBefore);
  const bool bare = key != std::string::npos && failure.message.find('.', key) == std::string::npos;
  if (failure.code == kDuplicateEntry && bare && !table.empty()) {
    failure.message.insert(key + kBefore.size(), table + ".");
  }
  return failure;
}

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
