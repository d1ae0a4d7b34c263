// A schema change that TiCDC carries: on the PRIMARY, followed through its feeds until every member
// has it (design §5, tidb-sql §1.5). Writes go on.
#pragma once

#include "flows/ddl/ddl_stages.h"

namespace bdrmesh::flows {

/// Writes the stages of statements that follow each other and all replicate. What takes long is
/// followed before the next statement is sent: a feed may pass an index that is not public yet.
/// @throws Error precondition `NO_PRIMARY` when no member is.
void add_replicated(DdlStages& stages, const Statements& part);

}  // namespace bdrmesh::flows
