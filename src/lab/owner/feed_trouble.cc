#include "lab/owner/feed_trouble.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace bdrmesh::lab {

namespace {

constexpr std::array<std::string_view, 3> kHistoryLost{
    "CDC:ErrGCTTLExceeded", "CDC:ErrSnapshotLostByGC", "CDC:ErrStartTsBeforeGC"};
constexpr std::array<std::string_view, 16> kUnretryable{
    "CDC:ErrExpressionColumnNotFound", "CDC:ErrExpressionParseFailed",
    "CDC:ErrSchemaSnapshotNotFound",   "CDC:ErrSyncRenameTableFailed",
    "CDC:ErrChangefeedUnretryable",    "CDC:ErrCorruptedDataMutation",
    "CDC:ErrDispatcherFailed",         "CDC:ErrColumnSelectorFailed",
    "CDC:ErrSinkURIInvalid",           "CDC:ErrKafkaInvalidConfig",
    "CDC:ErrMySQLInvalidConfig",       "CDC:ErrStorageSinkInvalidConfig",
    "CDC:ErrInvalidTableRoutingRule",  "CDC:ErrTableRoutingFailed",
    "CDC:ErrTableRouteConflict",       "CDC:ErrTableAfterDDLNotSplitable"};

/// `[CDC:ErrX]text` begins with it.
bool begins_with_code(const std::string& message, std::string_view code) {
  return message.rfind("[" + std::string(code) + "]", 0) == 0;
}

template <std::size_t size>
bool is_one_of(const FeedError& error, const std::array<std::string_view, size>& codes) {
  return std::ranges::any_of(codes, [&](std::string_view code) {
    return error.code == code || begins_with_code(error.message, code);
  });
}

}  // namespace

ErrorClass class_of(const FeedError& error) {
  if (is_one_of(error, kHistoryLost)) return ErrorClass::history_lost;
  if (is_one_of(error, kUnretryable)) return ErrorClass::unretryable;
  return ErrorClass::retryable;
}

void FeedTrouble::begin(std::uint64_t at_checkpoint, MonoTime now) {
  if (since && at_checkpoint <= checkpoint) return;
  checkpoint = at_checkpoint;
  since = now;
  backoff = Millis{0};
}

Millis FeedTrouble::next_pause(const FeedTimes& times) {
  backoff =
      backoff.count() == 0 ? times.backoff_first : std::min(backoff * 2, times.backoff_longest);
  return backoff;
}

FeedError given_up(FeedError last, WallTime now) {
  return {now, "CDC:ErrChangefeedUnretryable", std::move(last.message)};
}

FeedError worded_for_new_arch(FeedError error) {
  const ErrorClass kind = class_of(error);
  if (kind == ErrorClass::history_lost) return error;
  error.code = kind == ErrorClass::unretryable ? "CDC:ErrChangefeedUnretryable"
                                               : "CDC:ErrChangefeedRetryable";
  return error;
}

std::string cut_for_etcd(const std::string& message) {
  constexpr std::size_t kLongest = 100;
  return message.size() <= kLongest ? message : message.substr(0, kLongest) + "...";
}

}  // namespace bdrmesh::lab
