// The kinds of DDL that TiDB knows, with what is true of each (tidb-sql §1.4-1.6). One table, no
// logic. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace bdrmesh::ddl {

/// What a statement does, by TiDB's action names; the last group makes no DDL job.
enum class Kind {
  create_schema,
  drop_schema,
  modify_schema_charset,
  modify_schema_placement,
  modify_schema,
  flashback_schema,
  flashback_cluster,
  create_table,
  drop_table,
  truncate_table,
  rename_table,
  recover_table,
  repair_table,
  lock_table,
  unlock_table,
  create_view,
  drop_view,
  create_sequence,
  alter_sequence,
  drop_sequence,
  add_column,
  drop_column,
  modify_column,
  rename_column,
  set_default_value,
  add_index,
  add_unique_index,
  add_special_index,
  drop_index,
  rename_index,
  index_visibility,
  add_primary_key,
  drop_primary_key,
  add_foreign_key,
  drop_foreign_key,
  add_check,
  drop_check,
  alter_check,
  table_comment,
  rebase_auto_increment,
  auto_id_cache,
  rebase_auto_random,
  shard_row_id,
  table_charset,
  table_attributes,
  partition_attributes,
  table_placement,
  partition_placement,
  cache_table,
  uncache_table,
  stats_options,
  tiflash_replica,
  ttl,
  remove_ttl,
  engine_attribute,
  add_partition,
  add_hash_partition,
  drop_partition,
  truncate_partition,
  exchange_partition,
  reorganize_partition,
  partition_by,
  remove_partitioning,
  multi_schema_change,
  create_placement_policy,
  alter_placement_policy,
  drop_placement_policy,
  create_resource_group,
  alter_resource_group,
  drop_resource_group,
  no_effect,  ///< parsed and ignored by TiDB: ENGINE=, ROW_FORMAT=, ALGORITHM=, …
  not_ddl,
  unknown,
};

enum class DdlClass { replicable, non_replicable, unmanaged, not_ddl, unknown };

/// How the mesh runs a statement (design §5).
enum class Strategy { replicated, everywhere, paused, refused };

struct KindFacts {
  Kind kind;
  std::string_view job_type;  ///< as JOB_TYPE of ADMIN SHOW DDL JOBS
  DdlClass class_;
  bool everywhere_without_roles;  ///< allowed without stopping writes where no DDL is replicated
  bool reorganises;               ///< may take time in proportion to the rows
  bool repeatable;                ///< a second run neither fails nor changes anything
};

const KindFacts& facts_of(Kind kind);
std::string_view to_string(Kind kind);
std::string_view to_string(DdlClass value);
std::string_view to_string(Strategy value);
/// A strategy that can be asked for; std::nullopt for `refused` and any other word.
std::optional<Strategy> strategy_from(std::string_view word);

}  // namespace bdrmesh::ddl
