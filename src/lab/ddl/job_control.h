// What ADMIN CANCEL, PAUSE and RESUME DDL JOBS make of a job, and what they answer (tidb-sql §4.1,
// measured A17). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/core/ddl_jobs.h"

namespace bdrmesh::lab {

enum class JobOrder { cancel, pause, resume };

struct OrderOutcome {
  std::string result;             ///< RESULT: `successful` or `error: [ddl:...]...`
  std::optional<JobState> state;  ///< what the job's state becomes
};

/// @param job  nullptr when there is none of that id.
/// @param terse  the words of servers before v8.0.
OrderOutcome obey_order(JobOrder order, std::int64_t id, const DdlJob* job, bool terse);

}  // namespace bdrmesh::lab
