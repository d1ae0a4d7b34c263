// Reads the lines of SHOW GRANTS and answers what they allow (tidb-sql §9). Pure.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace bdrmesh::doctor {

/// One line: ``GRANT SELECT,INSERT ON `pg`.* TO 'app'@'%' WITH GRANT OPTION``.
struct Grant {
  std::set<std::string> privileges;  ///< upper case; those of single columns are left out
  std::string schema;                ///< `*` for all; otherwise a LIKE pattern, as TiDB keeps it
  std::string table;                 ///< `*` for all
  std::vector<std::string> roles;    ///< of a line that grants roles instead
  bool grant_option = false;
};

/// @throws Error invalid `BAD_GRANT` for a line that is no grant; the line has no secret in it.
Grant parse_grant(const std::string& line);

/// What all the lines of one user allow together. Roles count as nothing: whether they are active
/// is not told here.
class Privileges {
 public:
  explicit Privileges(const std::vector<std::string>& lines);

  /// On `*.*`: static ones and dynamic ones. ALL PRIVILEGES there counts for both, as in TiDB,
  /// except for the exemption from read-only, which must be named.
  bool global(const std::string& privilege) const;
  /// On every table of the schema, by `*.*` or by the schema.
  bool on_schema(const std::string& privilege, const std::string& schema) const;
  /// On one table of it at least.
  bool on_table(const std::string& privilege, const std::string& schema,
                const std::string& table) const;
  /// GRANT takes both the privilege and the right to hand it on; SUPER hands on dynamic ones, but
  /// not the exemption from read-only (tidb-sql §9).
  bool may_hand_on(const std::string& privilege) const;
  bool has_roles() const { return has_roles_; }

  /// Those of `wanted` that are missing, joined by commas as GRANT takes them; empty when none is.
  std::string missing_global(const std::vector<std::string>& wanted) const;
  std::string missing_on_schema(const std::vector<std::string>& wanted,
                                const std::string& schema) const;

 private:
  std::vector<Grant> grants_;
  bool has_roles_ = false;
};

}  // namespace bdrmesh::doctor
