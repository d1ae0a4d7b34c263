#include "lab/ddl/job_control.h"

#include "lab/ddl/job_plan.h"

namespace bdrmesh::lab {

namespace {

constexpr const char* kSuccessful = "successful";

OrderOutcome refused(int code, const std::string& text) {
  return {"error: [ddl:" + std::to_string(code) + "]" + text, std::nullopt};
}

std::string job_words(std::int64_t id) { return "Job [" + std::to_string(id) + "]"; }

bool is_ending(JobState state) {
  return state == JobState::cancelling || state == JobState::rollingback;
}

OrderOutcome cancel(std::int64_t id, const DdlJob& job) {
  const std::string words = "This job:" + std::to_string(id);
  if (is_ending(job.state)) return {kSuccessful, std::nullopt};
  if (job.state == JobState::done) {
    return refused(8225, words + " is finished, so can't be cancelled");
  }
  if (job.state != JobState::queueing && !can_roll_back(job.type, job.schema_state)) {
    return refused(8226, words + " is almost finished, can't be cancelled now");
  }
  return {kSuccessful, JobState::cancelling};
}

OrderOutcome pause(std::int64_t id, const DdlJob& job, bool terse) {
  if (job.state == JobState::pausing || job.state == JobState::paused) {
    return refused(8262, job_words(id) + " has already been paused");
  }
  const bool pausable =
      job.state == JobState::queueing ||
      (job.state == JobState::running && can_roll_back(job.type, job.schema_state));
  if (pausable) return {kSuccessful, JobState::pausing};
  if (terse) return refused(8260, "Job " + std::to_string(id) + " can't be paused now");
  return refused(8260, job_words(id) + " can't be paused: state [" +
                           std::string(to_string(job.state)) + "] or schema state [" +
                           job.schema_state + "]");
}

OrderOutcome resume(std::int64_t id, const DdlJob& job, bool terse) {
  if (job.state == JobState::paused) return {kSuccessful, JobState::queueing};
  if (terse) return refused(8261, "Job " + std::to_string(id) + " can't be resumed");
  return refused(8261, job_words(id) + " can't be resumed: job has not been paused, job state:" +
                           std::string(to_string(job.state)) +
                           ", schema state:" + job.schema_state);
}

}  // namespace

OrderOutcome obey_order(JobOrder order, std::int64_t id, const DdlJob* job, bool terse) {
  if (job == nullptr || is_final(job->state)) {
    return refused(8224, "DDL Job:" + std::to_string(id) + " not found");
  }
  switch (order) {
    case JobOrder::cancel:
      return cancel(id, *job);
    case JobOrder::pause:
      return pause(id, *job, terse);
    case JobOrder::resume:
      break;
  }
  return resume(id, *job, terse);
}

}  // namespace bdrmesh::lab
