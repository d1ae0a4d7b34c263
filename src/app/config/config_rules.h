// Table filter rules as the configuration judges them: do two sets overlap, is a reserved schema
// named? Pure. Understands the wildcards * and ?; of regular expressions and character classes it
// says that it cannot tell.
#pragma once

#include <string>
#include <vector>

namespace bdrmesh {

enum class Overlap { no, yes, cannot_tell };

/// Whether some table may be carried by both sets of TiCDC filter rules (`app.*`, `!app.log`; the
/// last match wins).
Overlap rules_overlap(const std::vector<std::string>& a, const std::vector<std::string>& b);

/// What is wrong with a rule, in a sentence; empty when nothing is.
std::string fault_of_rule(const std::string& rule);

/// Reserved schemas that the rules would carry: `bdrmesh_local` (through wildcards too, no feed may
/// carry it), and `mysql`, `tidb_cdc` when a rule names them (TiCDC leaves them out by itself:
/// ticdc-api §4).
std::vector<std::string> reserved_schemas_in(const std::vector<std::string>& rules);

}  // namespace bdrmesh
