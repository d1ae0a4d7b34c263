// TiDB's system variables that the lab knows: scope, values, what SET makes of them (tidb-sql §1.1,
// §2.2, §5.3). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/wire/reply.h"
#include "model/version.h"

namespace bdrmesh::lab {

enum class VariableScope { global_only, session_only, both, read_only };
enum class VariableType { flag, integer, duration, choice, text };

struct VariableRule {
  VariableScope scope = VariableScope::both;
  VariableType type = VariableType::text;
  std::string initial;
  std::int64_t least = 0;
  std::int64_t greatest = 0;
  std::vector<std::string> choices;  ///< also set by their number
  Version since;                     ///< first version that has it; 0.0.0: all that are imitated
};

/// @return nullptr for a variable that is none of TiDB's own.
const VariableRule* find_variable(std::string_view name);
/// @return nullptr also for one that this version does not have yet.
const VariableRule* find_variable(std::string_view name, const Version& version);
/// Every known one.
const std::map<std::string, VariableRule, std::less<>>& all_variables();

struct AcceptedValue {
  std::string value;     ///< flags as ON or OFF
  bool clamped = false;  ///< warning 1292
};

/// @param is_text  the value was written in quotes.
/// @throws SqlFailure codes 1231, 1232 as a Refused.
AcceptedValue accept_value(const std::string& name, const VariableRule& rule,
                           const std::string& value, bool is_text);

/// As SELECT @@x shows it: flags as 1 and 0.
std::string shown_by_select(const VariableRule& rule, const std::string& value);

}  // namespace bdrmesh::lab
