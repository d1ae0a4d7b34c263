// What a TiDB table has that MariaDB's does not know: kind of handle, AUTO_RANDOM, TTL and the
// like, read out of CREATE and ALTER TABLE (tidb-sql §4.3, measured A21). Pure values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "lab/parse/ddl.h"

namespace bdrmesh::lab {

struct AutoRandom {
  std::string column;
  int shard_bits = 5;
  int range_bits = 64;
  std::uint64_t base = 0;  ///< AUTO_RANDOM_BASE; 0: none given
  std::uint64_t used = 0;  ///< ids given out since then
  std::size_t ordinal = 0;
  bool is_unsigned = false;
};

struct TimeToLive {
  std::string column;
  std::string interval;  ///< `3 MONTH`
  bool enabled = true;
  std::string job_interval = "1h";  ///< default up to v8.5
};

struct TableFeatures {
  bool nonclustered = false;  ///< of a table with a primary key
  std::optional<AutoRandom> auto_random;
  int shard_row_id_bits = 0;
  int pre_split_regions = 0;
  std::uint64_t auto_id_cache = 0;        ///< 0: the default of 30000
  std::uint64_t auto_increment_base = 1;  ///< as last set by AUTO_INCREMENT=n
  std::optional<TimeToLive> ttl;
  std::string placement_policy;
  std::map<std::string, std::string> partition_placement;
  bool cached = false;
  std::string attributes;  ///< not in SHOW CREATE TABLE (measured A21)
  std::set<std::string> global_indexes;
  /// Collations that the engine lacks, by column; the table's own under "".
  std::map<std::string, std::string> foreign_collations;
  int tiflash_replicas = 0;
  std::string tiflash_labels;
  bool tiflash_available = false;
};

/// What `tidb_enable_clustered_index` says about a key without a word of its own.
enum class DefaultHandle { clustered, nonclustered, integers_only };

/// Of CREATE TABLE with columns.
TableFeatures read_features(const Statement& create, DefaultHandle by_default);
/// Of ALTER TABLE, CREATE INDEX and DROP INDEX; what is not named stays.
void change_features(const Statement& alter, TableFeatures& features);

}  // namespace bdrmesh::lab
