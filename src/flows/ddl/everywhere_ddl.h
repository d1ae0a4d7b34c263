// A schema change that every cluster runs by itself while writes go on: what the documentation of
// TiCDC allows so where no DDL replicates, and what no feed ever carries (tidb-sql §1.6).
#pragma once

#include "flows/ddl/ddl_stages.h"

namespace bdrmesh::flows {

/// Writes the stages of statements that follow each other: each on all clusters at once, then one
/// comparison and one proof that the feeds got over it.
void add_everywhere(DdlStages& stages, const Statements& part);

}  // namespace bdrmesh::flows
