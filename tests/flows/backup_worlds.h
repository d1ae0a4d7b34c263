// Worlds for operations that copy a cluster into others, and what must be true after them.
#pragma once

#include <optional>
#include <string>

#include "flows/flow_bench.h"

namespace bdrmesh::flows {

/// The first cluster has app.orders with row 1, `of <its name>`; the others are empty.
void one_full_others_empty(FlowBench& bench);
/// The first two clusters are a mesh with roles and row 1; the third is configured and empty.
void newcomer_beside_a_mesh(FlowBench& bench);
/// A pair: the first cluster serves, the second is empty.
void primary_and_empty_secondary(FlowBench& bench);

/// Row 1 of app.orders; empty when it is not there.
std::string row_of(const FlowBench& bench, const std::string& cluster);
/// The last value of a fact that the operation has left.
std::optional<Json> fact_of(const FlowBench& bench, const fakes::EndOfRun& end,
                            const std::string& name, const std::string& scope);
void expect_gc_as_it_was(const FlowBench& bench, const std::string& journal);
void expect_no_probe_left(const FlowBench& bench, const std::string& journal);

}  // namespace bdrmesh::flows
