#include "clients/ticdc/ticdc_errors.h"

#include <array>
#include <optional>
#include <string_view>

#include "clients/ticdc/ticdc_json.h"

namespace bdrmesh {
namespace {

struct Meaning {
  std::string_view sign;  ///< part of error_code or text
  ErrorKind kind;
  const char* code;
};

using enum ErrorKind;

// In order: the wrapper's cause outranks the wrapper. TiCDC itself decides by substring too
// (ticdc-api §1.3), so no code stands alone.
constexpr std::array kMeanings{
    Meaning{"ErrCredentialNotFound", precondition, "TICDC_LOGIN"},
    Meaning{"ErrUnauthorized", precondition, "TICDC_LOGIN"},
    Meaning{"ErrServerIsNotReady", transient, "TICDC_BUSY"},
    Meaning{"ErrOwnerNotFound", transient, "TICDC_BUSY"},
    Meaning{"ErrNotOwner", transient, "TICDC_BUSY"},
    Meaning{"ErrRequestForwardErr", transient, "TICDC_BUSY"},
    Meaning{"ErrClusterIsUnhealthy", transient, "TICDC_BUSY"},
    Meaning{"ErrChangeFeedDeletionUnfinished", transient, "TICDC_BUSY"},
    Meaning{"coordinator is not fully initialized", transient, "TICDC_BUSY"},
    Meaning{"coordinator is not bootstrapped", transient, "TICDC_BUSY"},
    Meaning{"still in scheduling", transient, "TICDC_BUSY"},
    Meaning{"TiCDC cluster is unavailable", transient, "TICDC_BUSY"},
    Meaning{"ErrChangeFeedAlreadyExists", conflict, "FEED_EXISTS"},
    // Two creates of one id at once: the new architecture's loser has no code (measured §3 28).
    Meaning{"changefeed already exists", conflict, "FEED_EXISTS"},
    // After a change of the owner also said of feeds that live on (measured §2 A12).
    Meaning{"ErrChangeFeedNotExists", transient, "FEED_NOT_FOUND"},
    // The same of classic; whoever tried before may be the winner (measured §2 B).
    Meaning{"ErrMetaOpFailed", ambiguous, "TICDC_CONFLICT"},
    Meaning{"Error 1045", precondition, "SINK_LOGIN"},
    Meaning{"Error 3118", precondition, "SINK_LOGIN"},
    Meaning{"ErrMySQLConnectionError", precondition, "SINK_UNREACHABLE"},
    Meaning{"ErrSameUpstreamDownstream", precondition, "SINK_IS_SOURCE"},
    Meaning{"ErrStartTsBeforeGC", precondition, "GC_PASSED"},
    Meaning{"ErrSnapshotLostByGC", precondition, "GC_PASSED"},
    Meaning{"ErrTableIneligible", precondition, "TABLE_INELIGIBLE"},
    Meaning{"ErrUpstreamHasRunningImport", precondition, "IMPORT_RUNNING"},
    Meaning{"ErrStorageInitialize", precondition, "REDO_STORAGE"},
    Meaning{"ErrConsistentStorage", invalid, "REDO_STORAGE"},
    Meaning{"ErrSinkURIInvalid", invalid, "TICDC_REFUSED"},
    Meaning{"ErrMySQLInvalidConfig", invalid, "TICDC_REFUSED"},
    Meaning{"ErrFilterRuleInvalid", invalid, "TICDC_REFUSED"},
    Meaning{"ErrTargetTsBeforeStartTs", invalid, "TICDC_REFUSED"},
    Meaning{"ErrInvalidReplicaConfig", invalid, "TICDC_REFUSED"},
    Meaning{"the same with the old one", conflict, "FEED_UNCHANGED"},
    Meaning{"ErrChangefeedUpdateRefused", conflict, "FEED_UPDATE_REFUSED"},
    Meaning{"ErrAPIInvalidParam", invalid, "TICDC_REFUSED"},
    Meaning{"ErrMetaListDatabases", precondition, "GC_PASSED"},
};

const Meaning* find_meaning(const TicdcFailure& failure) {
  for (const Meaning& meaning : kMeanings) {
    if (failure.code.find(meaning.sign) != std::string::npos ||
        failure.message.find(meaning.sign) != std::string::npos)
      return &meaning;
  }
  return nullptr;
}

/// A node that forwards to a dead owner prints its own HTTP client's error, without a code
/// (measured §2 B, §3, 17).
bool forward_failed(const TicdcFailure& failure) {
  return failure.code.empty() && failure.message.find("\"http") != std::string::npos;
}

bool never_reached_owner(const TicdcFailure& failure) {
  return failure.message.find("dial tcp") != std::string::npos;
}

/// Failures in the middle of the work, as against refusals, which have a code of their own and
/// status 500 all the same: etcd may have taken a write before its answer was lost.
bool cut_short(const TicdcFailure& failure) {
  if (failure.code.empty()) return true;
  for (const std::string_view sign :
       {"ErrPDEtcdAPIError", "ErrInternalServerError", "ErrReachMaxTry", "Timeout",
        "context canceled", "context deadline exceeded", "EOF"}) {
    if (failure.code.find(sign) != std::string::npos ||
        failure.message.find(sign) != std::string::npos)
      return true;
  }
  return false;
}

struct Verdict {
  ErrorKind kind;
  std::string code;
};

Verdict unknown_fate(const TicdcRequest& request) {
  if (request.changes) return {ambiguous, "TICDC_ANSWER_LOST"};
  return {transient, "TICDC_BUSY"};
}

Verdict judge_answer(const HttpAnswer& answer, const TicdcFailure& failure,
                     const TicdcRequest& request) {
  if (forward_failed(failure)) {
    return never_reached_owner(failure) ? Verdict{transient, "TICDC_BUSY"} : unknown_fate(request);
  }
  if (const Meaning* meaning = find_meaning(failure)) return {meaning->kind, meaning->code};
  if (answer.status == 401 || answer.status == 403) return {precondition, "TICDC_LOGIN"};
  if (answer.status == 404 || (answer.status >= 300 && answer.status < 400)) {
    return {precondition, "NOT_TICDC"};
  }
  if (answer.status >= 500 && cut_short(failure)) return unknown_fate(request);
  return {invalid, "TICDC_REFUSED"};
}

Verdict judge(const HttpAnswer& answer, const TicdcFailure& failure, const TicdcRequest& request) {
  switch (answer.outcome) {
    case HttpOutcome::answered:
      return judge_answer(answer, failure, request);
    case HttpOutcome::never_connected:
      return {transient, "TICDC_UNREACHABLE"};
    case HttpOutcome::refused_tls:
      return {precondition, "TICDC_TLS"};
    case HttpOutcome::lost:
      if (request.changes) return {ambiguous, "TICDC_ANSWER_LOST"};
      return {transient, "TICDC_UNREACHABLE"};
    case HttpOutcome::stopped:
      if (request.changes) return {ambiguous, "TICDC_ANSWER_LOST"};
      break;
    case HttpOutcome::stopped_before:
      break;
  }
  return {cancelled, "CANCELLED"};
}

std::string remedy_for(const std::string& code) {
  if (code == "SINK_LOGIN" || code == "SINK_UNREACHABLE")
    return "check [cluster.sink] of the target: address, user and password";
  if (code == "TICDC_LOGIN")
    return "this TiCDC wants a user and a password ([security] client-user-required), which "
           "bdrmesh "
           "does not send: set it to false on every TiCDC node, or let certificates guard the port "
           "(cert-allowed-cn)";
  if (code == "NOT_TICDC") return "check the ticdc addresses of the configuration";
  if (code == "SINK_IS_SOURCE")
    return "check tidb, pd and ticdc of both clusters: the target is the source itself";
  if (code == "TABLE_INELIGIBLE")
    return "give these tables a primary key or a not-null unique key, or leave them out of the "
           "group";
  return {};
}

}  // namespace

Error ticdc_error(const HttpAnswer& answer, const TicdcRequest& request) {
  const bool answered = answer.outcome == HttpOutcome::answered;
  const TicdcFailure failure =
      answered ? read_ticdc_failure(answer.body) : TicdcFailure{{}, answer.trouble};
  const Verdict verdict = judge(answer, failure, request);
  std::string message = "TiCDC at " + request.url + ": cannot " + request.doing;
  if (verdict.kind == ambiguous)
    message = "TiCDC at " + request.url + ": no clear answer to: " + request.doing +
              "; it may have happened";
  if (answered) message += ": HTTP " + std::to_string(answer.status);
  if (!failure.code.empty()) message += " " + failure.code;
  message += failure.message.empty() ? " (empty answer)" : ": " + failure.message;
  return Error(verdict.kind, verdict.code, message, remedy_for(verdict.code));
}

bool says_no_such_feed(const HttpAnswer& answer) {
  if (answer.outcome != HttpOutcome::answered || answer.status < 400) return false;
  const TicdcFailure failure = read_ticdc_failure(answer.body);
  const Meaning* meaning = find_meaning(failure);
  return meaning != nullptr && std::string_view(meaning->code) == "FEED_NOT_FOUND";
}

}  // namespace bdrmesh
