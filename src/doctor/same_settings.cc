#include <array>
#include <map>

#include "doctor/checks.h"
#include "doctor/variables.h"

namespace bdrmesh::doctor {
namespace {

struct Wanted {
  const char* variable;
  const char* because;
};

constexpr std::array kSame{
    Wanted{"sql_mode", "the same statement is accepted on one member and refused on another"},
    Wanted{"time_zone", "NOW() and TIMESTAMP columns mean different moments to the applications"},
    Wanted{"system_time_zone", "SYSTEM as time zone means different moments"},
    Wanted{"lower_case_table_names", "the same name finds a table on one member only"},
    Wanted{"collation_server", "new tables and schemas get different collations"},
    Wanted{"character_set_server", "new tables and schemas get different character sets"},
    Wanted{"default_collation_for_utf8mb4", "new tables get different collations"},
    Wanted{"tidb_enable_clustered_index", "the same CREATE TABLE makes different tables"},
};

}  // namespace

std::vector<Finding> SameSettings::run(CheckContext& ctx) const {
  Findings findings;
  for (const Wanted& wanted : kSame) {
    std::map<std::string, std::string> members;  // by value
    for (const ClusterName& name : ctx.members_in(ctx.with_tidb)) {
      ctx.asked(findings, name, wanted.variable, [&] {
        const auto value = variable(ctx, name, wanted.variable);
        if (!value) return;
        std::string& names = members[*value];
        names += (names.empty() ? "" : ", ") + name.value();
      });
    }
    if (members.size() < 2) continue;
    std::string shown;
    for (const auto& [value, names] : members)
      shown += (shown.empty() ? "" : "; ") + names + ": '" + value + "'";
    findings.warn("SETTING_DIFFERS", ClusterName(),
                  std::string(wanted.variable) + " differs (" + shown + "): " + wanted.because,
                  "SET GLOBAL " + std::string(wanted.variable) + " alike on every member");
  }
  return findings.take();
}

}  // namespace bdrmesh::doctor
