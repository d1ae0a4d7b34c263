// The statements that take a script back.
#include <algorithm>
#include <set>

#include "flows/ddl/ddl_script.h"

namespace bdrmesh::flows {
namespace {

using ddl::Strategy;

Error bad_undo(const std::string& what, const std::string& remedy) {
  return {ErrorKind::invalid, "BAD_UNDO", what, remedy};
}

void require_one_strategy(const std::vector<ddl::Statement>& script) {
  for (const ddl::Statement& one : script) {
    if (one.strategy == Strategy::replicated) {
      throw bad_undo(
          "changefeeds carry this statement to the other clusters, so it cannot be taken "
          "back on some of them: " +
              one.text,
          "leave --undo out, or take --strategy paused");
    }
    if (one.strategy != script.front().strategy) {
      throw bad_undo(
          "the script needs a write pause for a part of it only: when the rest fails, "
          "writes go on again, and that part cannot be taken back any more",
          "make it two scripts, each with its --undo, or take --strategy paused");
    }
  }
}

/// ALTER TABLE has clauses; CREATE INDEX and DROP INDEX are of one kind.
bool all_of_kind(const ddl::Statement& statement, ddl::Kind kind) {
  if (statement.clauses.empty()) return statement.kind == kind;
  return std::ranges::all_of(statement.clauses, [&](ddl::Kind one) { return one == kind; });
}

/// Taken back while applications write, as it was made.
bool needs_no_pause(const ddl::Statement& undo, const ddl::Statement& change) {
  if (undo.strategy == Strategy::everywhere) return true;
  // An index is dropped without a pause when it is no unique one, which the change itself tells.
  return all_of_kind(change, ddl::Kind::add_index) && all_of_kind(undo, ddl::Kind::drop_index);
}

void require_fitting(const ddl::Statement& undo, const ddl::Statement& change) {
  const bool ddl = undo.class_ != ddl::DdlClass::not_ddl && undo.class_ != ddl::DdlClass::unknown;
  const std::set<TableName> changed(change.tables.begin(), change.tables.end());
  const std::set<TableName> given_back(undo.tables.begin(), undo.tables.end());
  if (!ddl || changed != given_back) {
    throw bad_undo("'" + undo.text + "' does not take this back: " + change.text,
                   "give DDL on the same tables, in the order of the script");
  }
  if (change.strategy == Strategy::everywhere && !needs_no_pause(undo, change)) {
    throw bad_undo("the change needs no write pause, but taking it back would: " + undo.text,
                   "leave --undo out, or take --strategy paused");
  }
}

}  // namespace

std::vector<ddl::Statement> fitting_undo(const std::vector<ddl::Statement>& script,
                                         const DdlOptions& options, const ddl::Context& context) {
  if (options.undo.empty()) return {};
  const std::vector<ddl::Statement> undo = ddl::classify(options.undo, context);
  if (undo.size() != script.size()) {
    throw bad_undo("--undo has " + std::to_string(undo.size()) + " statements and the script " +
                       std::to_string(script.size()),
                   "give one for each, in the order of the script; they run last one first");
  }
  require_one_strategy(script);
  for (std::size_t i = 0; i < script.size(); ++i) require_fitting(undo[i], script[i]);
  return undo;
}

}  // namespace bdrmesh::flows
