// The checks, one source file each.
#pragma once

#include "doctor/check.h"

namespace bdrmesh::doctor {

/// Every tidb-server of configuration and cluster_info, PD and TiCDC answer. Fills the sets of the
/// context.
class Reachability final : public Check {
 public:
  std::string name() const override { return "reachability"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// It is TiDB, of a version that we know, and has what the group needs of it (BDR roles since
/// v7.6).
class Versions final : public Check {
 public:
  std::string name() const override { return "versions"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// TiDB, PD and TiCDC of a cluster belong together, no cluster is in the group twice, and clocks
/// agree.
class Identity final : public Check {
 public:
  std::string name() const override { return "identity"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Our own user may do what operations will do (tidb-sql §9).
class OwnPrivileges final : public Check {
 public:
  std::string name() const override { return "own-privileges"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// The user of every feed exists on its target, may write there, and may go on while the gate is
/// closed.
class SinkUsers final : public Check {
 public:
  std::string name() const override { return "sink-users"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Source ids are unique, within 1..8, and on the servers as configured.
class SourceIds final : public Check {
 public:
  std::string name() const override { return "source-ids"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// One PRIMARY and the rest SECONDARY, or none at all (design §2 rule 4).
class Roles final : public Check {
 public:
  std::string name() const override { return "roles"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Nobody left a cluster read-only, and nobody but us and the sinks may write through a closed
/// gate.
class ReadOnly final : public Check {
 public:
  std::string name() const override { return "read-only"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Every table of the group's filter has a key that TiCDC can use.
class Tables final : public Check {
 public:
  std::string name() const override { return "tables"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Settings that decide how safe a DDL and how long a history is.
class Settings final : public Check {
 public:
  std::string name() const override { return "settings"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Who manages the clusters, and gates noted on them.
class Tokens final : public Check {
 public:
  std::string name() const override { return "tokens"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Every table of the group is defined alike on all members.
class Schemas final : public Check {
 public:
  std::string name() const override { return "schemas"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// No table has foreign keys.
class ForeignKeys final : public Check {
 public:
  std::string name() const override { return "foreign-keys"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Says which tables have generated columns.
class GeneratedColumns final : public Check {
 public:
  std::string name() const override { return "generated-columns"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// No table of a mesh has a unique key besides the primary one.
class UniqueKeys final : public Check {
 public:
  std::string name() const override { return "unique-keys"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// AUTO_INCREMENT, AUTO_RANDOM and sequences of the members stay apart.
class AutoIds final : public Check {
 public:
  std::string name() const override { return "auto-ids"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// TTL deletes rows on one member at most.
class Ttl final : public Check {
 public:
  std::string name() const override { return "ttl"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Settings that change what a statement means are the same on all members.
class SameSettings final : public Check {
 public:
  std::string name() const override { return "same-settings"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// gc-ttl leaves an engineer the time to come; TiCDC families are the same; TiCDC takes our
/// changes, and TIMESTAMP values arrive as they are.
class History final : public Check {
 public:
  std::string name() const override { return "history"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// No feed of somebody else, none that is not as wanted, no direction missing.
class Feeds final : public Check {
 public:
  std::string name() const override { return "feeds"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

/// Redo goes to where it survives the site.
class RedoStorage final : public Check {
 public:
  std::string name() const override { return "redo-storage"; }
  std::vector<Finding> run(CheckContext& ctx) const override;
};

}  // namespace bdrmesh::doctor
