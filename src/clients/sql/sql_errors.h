// What a failed SQL call means: the server's number and text become one of our errors (tidb-sql §8,
// measured §1 A8-A12). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "model/names.h"

namespace bdrmesh {

/// As the connector reports it. Number 0: the client library itself refused.
struct SqlFailure {
  int number = 0;
  std::string state;
  std::string text;
};

/// Decides what a lost answer means.
enum class SqlEffect {
  connects,  ///< nothing was sent yet
  reads,     ///< may be repeated
  changes,   ///< may have happened
};

struct SqlContext {
  ServerAddress server;
  std::string user;
  SqlEffect effect = SqlEffect::reads;
  std::string doing;  ///< "read the BDR role"
};

/// An Error that remembers the server's number, for the few callers to whom one number is an answer
/// (1146: no such table).
class SqlError final : public Error {
 public:
  SqlError(ErrorKind kind, std::string code, const std::string& message, std::string remedy,
           int number)
      : Error(kind, std::move(code), message, std::move(remedy)), number_(number) {}
  int number() const { return number_; }

 private:
  int number_;
};

/// What an observer of calls is told of a failure: the code, and the server's number if it gave
/// one.
std::string noted_answer(const Error& error);

/// Never holds a password or a row value.
SqlError translate_sql_failure(const SqlFailure& failure, const SqlContext& context);

/// The grant that `text` asks for, as `GRANT … ON … TO 'user'@'%';`.
std::string missing_grant(int number, std::string_view text, const std::string& user);

}  // namespace bdrmesh
