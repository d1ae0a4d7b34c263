#include "ddl/kind.h"

#include <algorithm>
#include <array>

namespace bdrmesh::ddl {

namespace {

constexpr auto kSafe = DdlClass::replicable;
constexpr auto kUnsafe = DdlClass::non_replicable;
constexpr auto kUnmanaged = DdlClass::unmanaged;

// kind, JOB_TYPE, class, everywhere without roles, reorganises, repeatable
constexpr std::array kFacts = {
    KindFacts{Kind::create_schema, "create schema", kSafe, true, false, false},
    KindFacts{Kind::drop_schema, "drop schema", kUnsafe, false, false, false},
    KindFacts{Kind::modify_schema_charset, "modify schema charset and collate", kUnsafe, false,
              false, true},
    KindFacts{Kind::modify_schema_placement, "modify schema default placement", kUnsafe, false,
              false, true},
    KindFacts{Kind::modify_schema, "modify schema", kUnsafe, false, false, true},
    KindFacts{Kind::flashback_schema, "flashback schema", kUnsafe, false, false, false},
    KindFacts{Kind::flashback_cluster, "flashback cluster", kUnsafe, false, true, false},
    KindFacts{Kind::create_table, "create table", kSafe, true, false, false},
    KindFacts{Kind::drop_table, "drop table", kUnsafe, false, false, false},
    KindFacts{Kind::truncate_table, "truncate table", kUnsafe, false, false, false},
    KindFacts{Kind::rename_table, "rename table", kUnsafe, false, false, false},
    KindFacts{Kind::recover_table, "recover table", kUnsafe, false, false, false},
    KindFacts{Kind::repair_table, "repair table", kUnsafe, false, false, false},
    KindFacts{Kind::lock_table, "lock table", kUnsafe, false, false, false},
    KindFacts{Kind::unlock_table, "unlock table", kUnsafe, false, false, false},
    KindFacts{Kind::create_view, "create view", kSafe, true, false, false},
    KindFacts{Kind::drop_view, "drop view", kSafe, true, false, false},
    KindFacts{Kind::create_sequence, "create sequence", kUnsafe, false, false, false},
    KindFacts{Kind::alter_sequence, "alter sequence", kUnsafe, false, false, false},
    KindFacts{Kind::drop_sequence, "drop sequence", kUnsafe, false, false, false},
    KindFacts{Kind::add_column, "add column", kSafe, false, false, false},
    KindFacts{Kind::drop_column, "drop column", kUnsafe, false, false, false},
    KindFacts{Kind::modify_column, "modify column", kSafe, false, true, false},
    KindFacts{Kind::rename_column, "modify column", kUnsafe, false, false, false},
    KindFacts{Kind::set_default_value, "set default value", kSafe, true, false, true},
    KindFacts{Kind::add_index, "add index", kSafe, true, true, false},
    KindFacts{Kind::add_unique_index, "add index", kUnsafe, false, true, false},
    KindFacts{Kind::add_special_index, "add columnar index", kUnsafe, false, true, false},
    KindFacts{Kind::drop_index, "drop index", kSafe, true, false, false},
    KindFacts{Kind::rename_index, "rename index", kSafe, true, false, false},
    KindFacts{Kind::index_visibility, "alter index visibility", kSafe, true, false, true},
    KindFacts{Kind::add_primary_key, "add primary key", kUnsafe, false, true, false},
    KindFacts{Kind::drop_primary_key, "drop primary key", kSafe, false, false, false},
    KindFacts{Kind::add_foreign_key, "add foreign key", kUnsafe, false, true, false},
    KindFacts{Kind::drop_foreign_key, "drop foreign key", kUnsafe, false, false, false},
    KindFacts{Kind::add_check, "add check constraint", kUnsafe, false, true, false},
    KindFacts{Kind::drop_check, "drop check constraint", kUnsafe, false, false, false},
    KindFacts{Kind::alter_check, "alter check constraint", kUnsafe, false, true, true},
    KindFacts{Kind::table_comment, "modify table comment", kSafe, true, false, true},
    KindFacts{Kind::rebase_auto_increment, "rebase auto_increment ID", kUnsafe, false, false,
              false},
    KindFacts{Kind::auto_id_cache, "modify auto id cache", kUnsafe, false, false, true},
    KindFacts{Kind::rebase_auto_random, "rebase auto_random ID", kUnsafe, false, false, false},
    KindFacts{Kind::shard_row_id, "shard row ID", kUnsafe, false, false, true},
    KindFacts{Kind::table_charset, "modify table charset and collate", kUnsafe, false, false, true},
    KindFacts{Kind::table_attributes, "alter table attributes", kUnsafe, false, false, true},
    KindFacts{Kind::partition_attributes, "alter table partition attributes", kUnsafe, false, false,
              true},
    KindFacts{Kind::table_placement, "alter table placement", kUnsafe, false, false, true},
    KindFacts{Kind::partition_placement, "alter table partition placement", kUnsafe, false, false,
              true},
    KindFacts{Kind::cache_table, "alter table cache", kUnsafe, false, false, true},
    KindFacts{Kind::uncache_table, "alter table nocache", kUnsafe, false, false, true},
    KindFacts{Kind::stats_options, "alter table statistics options", kUnsafe, false, false, true},
    KindFacts{Kind::tiflash_replica, "set tiflash replica", kUnsafe, false, false, true},
    KindFacts{Kind::ttl, "alter table ttl", kSafe, true, false, true},
    KindFacts{Kind::remove_ttl, "alter table no_ttl", kSafe, true, false, false},
    KindFacts{Kind::engine_attribute, "modify engine attribute", kUnsafe, false, false, true},
    KindFacts{Kind::add_partition, "add partition", kSafe, true, false, false},
    KindFacts{Kind::add_hash_partition, "alter table reorganize partition", kUnsafe, false, true,
              false},
    KindFacts{Kind::drop_partition, "drop partition", kUnsafe, false, false, false},
    KindFacts{Kind::truncate_partition, "truncate partition", kUnsafe, false, false, false},
    KindFacts{Kind::exchange_partition, "exchange partition", kUnsafe, false, false, false},
    KindFacts{Kind::reorganize_partition, "alter table reorganize partition", kUnsafe, false, true,
              false},
    KindFacts{Kind::partition_by, "alter table partition by", kUnsafe, false, true, false},
    KindFacts{Kind::remove_partitioning, "alter table remove partitioning", kUnsafe, false, true,
              false},
    KindFacts{Kind::multi_schema_change, "alter table multi-schema change", kSafe, false, false,
              false},
    KindFacts{Kind::create_placement_policy, "create placement policy", kUnmanaged, true, false,
              false},
    KindFacts{Kind::alter_placement_policy, "alter placement policy", kUnmanaged, true, false,
              true},
    KindFacts{Kind::drop_placement_policy, "drop placement policy", kUnmanaged, true, false, false},
    KindFacts{Kind::create_resource_group, "create resource group", kUnmanaged, true, false, false},
    KindFacts{Kind::alter_resource_group, "alter resource group", kUnmanaged, true, false, true},
    KindFacts{Kind::drop_resource_group, "drop resource group", kUnmanaged, true, false, false},
    KindFacts{Kind::no_effect, "none", kUnmanaged, true, false, true},
    KindFacts{Kind::not_ddl, "none", DdlClass::not_ddl, false, false, false},
    KindFacts{Kind::unknown, "unknown", DdlClass::unknown, false, false, false},
};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<std::size_t>(kFacts[i].kind) != i) return false;
  }
  return kFacts.size() == static_cast<std::size_t>(Kind::unknown) + 1;
}
static_assert(is_in_order(), "one row per kind, in the order of the enumeration");

}  // namespace

const KindFacts& facts_of(Kind kind) { return kFacts[static_cast<std::size_t>(kind)]; }

std::string_view to_string(Kind kind) { return facts_of(kind).job_type; }

std::string_view to_string(DdlClass value) {
  switch (value) {
    case DdlClass::replicable:
      return "replicable";
    case DdlClass::non_replicable:
      return "non_replicable";
    case DdlClass::unmanaged:
      return "unmanaged";
    case DdlClass::not_ddl:
      return "not_ddl";
    case DdlClass::unknown:
      return "unknown";
  }
  return "unknown";
}

std::string_view to_string(Strategy value) {
  switch (value) {
    case Strategy::replicated:
      return "replicated";
    case Strategy::everywhere:
      return "everywhere";
    case Strategy::paused:
      return "paused";
    case Strategy::refused:
      return "refused";
  }
  return "refused";
}

std::optional<Strategy> strategy_from(std::string_view word) {
  for (const Strategy one : {Strategy::replicated, Strategy::everywhere, Strategy::paused}) {
    if (word == to_string(one)) return one;
  }
  return std::nullopt;
}

}  // namespace bdrmesh::ddl
