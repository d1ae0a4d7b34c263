// How a table numbers its rows, read from what SHOW CREATE TABLE prints (tidb-sql §1.7, §4.3), and
// how much of the range is used. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace bdrmesh::doctor {

struct IdUse {
  enum class Kind { auto_increment, auto_random, sequence };
  Kind kind = Kind::auto_increment;
  std::string column;
  std::string type;             ///< as printed: `bigint(20) unsigned`
  std::uint64_t next = 1;       ///< no id below it will be given out by this cluster any more
  std::uint64_t limit = 0;      ///< the highest that fits; 0: not known
  int shard_bits = 0;           ///< of AUTO_RANDOM: equal counts are told apart by these
  std::uint64_t cache = 30000;  ///< ids that one tidb-server takes at a time

  double used() const;  ///< share of the range, 0 to 1
};

/// @return std::nullopt when rows are not numbered by the cluster.
std::optional<IdUse> id_use(const std::string& create_statement);

std::string in_words(const IdUse& use);

}  // namespace bdrmesh::doctor
