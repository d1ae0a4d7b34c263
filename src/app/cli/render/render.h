// What the API answers, as text for people: pure functions from JSON (shapes: api/backend.h) to
// lines. A member that is missing or null shows as a dash; nothing here throws for an answer of a
// newer daemon.
#pragma once

#include <string>

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {

std::string render_status(const Json& status);
std::string render_clusters(const Json& answer);
std::string render_group(const Json& group);
std::string render_group_plan(const Json& plan);
std::string render_links(const Json& answer);
std::string render_link(const Json& link);
/// `link explain`: the verdict, then each cause with what to do.
std::string render_link_history(const Json& history);
std::string render_explanation(const Json& link);
/// What is wrong with a group as a whole, each with its code and remedy.
std::string render_findings(const Json& findings);
std::string render_operations(const Json& answer);
/// Fit for an incident report: the outcome, a timeline, what failed, all steps, the evidence.
std::string render_operation(const Json& operation);
/// The end of an operation: what it did, the pauses, the point of no return.
std::string render_outcome(const Json& operation);
std::string render_events(const Json& answer);
std::string render_gates(const Json& answer);
std::string render_doctor(const Json& answer);
std::string render_dry_run(const Json& answer);

/// `refused (CODE): text`, what changed, and `→ remedy`; `failed` instead of `refused` when it may
/// not be for certain.
std::string render_error(const Error& error);
/// {"code","kind","detail","evidence","remedy","exit_code"}, for -o json.
std::string render_error_as_json(const Error& error, int exit_code);
/// The remedy; for a name that nobody knows with the nearest one that exists.
std::string remedy_of(const Error& error);

/// `87 ms`, `2.4 s`, `3 min 5 s`, `2 h 4 min`; a dash for null.
std::string span_text(const Json& milliseconds);

}  // namespace bdrmesh
