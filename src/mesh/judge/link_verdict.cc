#include "mesh/judge/link_verdict.h"

#include "mesh/judge/feed_errors.h"
#include "mesh/judge/span_words.h"

namespace bdrmesh {
namespace {

/// Classic moves its checkpoint at least each second, the new architecture every 1.2 s (measured §3
/// times); a table that is being moved or a region that is being split takes some seconds more.
constexpr Millis kStuckAfter{15000};
constexpr Millis kSlowFrom{30000};
/// A list so old was given by a TiCDC that does not answer now.
constexpr Millis kFreshList{5000};
/// The row may be on its way although the checkpoint was seen to have passed it on another answer.
constexpr Millis kBeatLost{5000};

std::string error_words(const FeedSummary& feed) {
  if (!feed.error) return {};
  const ErrorMeaning meaning = meaning_of(*feed.error);
  return feed.error->code.empty() ? meaning.meaning : feed.error->code + ": " + meaning.meaning;
}

std::string pace(const Movement& movement, Millis lag) {
  if (!movement.speed) return {};
  // It gains on the present what it goes through beyond one second per second.
  const double gain = *movement.speed - 1.0;
  if (gain < 0.02) return "it falls behind or keeps its distance";
  const auto rest = static_cast<std::int64_t>(static_cast<double>(lag.count()) / gain);
  return "it catches up, about " + in_words(Millis{rest}) + " to go";
}

LinkVerdict judge_running(const FeedSummary& feed, const Movement& movement, LinkVerdict verdict,
                          WallTime now, const BeatSeen& beat) {
  if (now - movement.since > kStuckAfter) {
    verdict.word = "stuck";
    verdict.since = movement.since;
    verdict.why = "checkpoint stands still";
    if (const std::string error = error_words(feed); !error.empty()) verdict.why += "; " + error;
    return verdict;
  }
  if (beat.lost_since && now - *beat.lost_since > kBeatLost) {
    verdict.word = "stuck";
    verdict.since = beat.lost_since;
    verdict.why =
        "the checkpoint moves, but a heartbeat that it has passed is not on the target: does the "
        "sink write to that cluster?";
    return verdict;
  }
  if (verdict.lag && *verdict.lag > kSlowFrom) {
    verdict.word = "slow";
    verdict.why = pace(movement, *verdict.lag);
    return verdict;
  }
  verdict.word = "moving";
  if (feed.state != "normal") verdict.why = feed.state;
  if (const std::string error = error_words(feed); !error.empty() && feed.state != "normal")
    verdict.why += ": " + error;
  return verdict;
}

}  // namespace

std::string ClusterSeen::gate_state() const {
  if (gate.closed_everywhere()) return "closed";
  if (gate.open_everywhere()) return "open";
  for (const ServerGate& server : gate.servers) {
    if (server.error.empty() && server.closed) return "closing";
  }
  return "unknown";
}

LinkVerdict judge_link(const ClusterSeen& origin, const std::optional<FeedSummary>& feed,
                       const std::optional<Movement>& movement, WallTime now,
                       const BeatSeen& beat) {
  if (!origin.feeds)
    return {"unknown", "TiCDC of " + origin.name.value() + ": " + origin.ticdc.error, std::nullopt};
  if (!feed) return {"missing", "no changefeed on the list", std::nullopt};
  LinkVerdict verdict{"unknown", "", std::nullopt};
  if (movement) verdict.since = movement->state_since;
  if (feed->state == "failed") {
    verdict.word = "failed";
    verdict.why = error_words(*feed);
    return verdict;
  }
  if (origin.now && feed->checkpoint.is_set())
    verdict.lag = lag_between(feed->checkpoint, *origin.now);
  if (feed->state == "stopped" || feed->state == "finished") {
    verdict.word = "stopped";
    if (feed->state == "finished") verdict.why = "it has reached a target that somebody set";
    return verdict;
  }
  verdict.since.reset();
  if (!movement) {
    verdict.why = "not watched long enough";
    return verdict;
  }
  const bool list_is_old = origin.feeds->at != WallTime{} && now - origin.feeds->at > kFreshList;
  if (list_is_old) {
    verdict.word = "moving";
    verdict.why = "as last told " + in_words(now - origin.feeds->at) +
                  " ago; TiCDC does not answer" +
                  (origin.ticdc.trouble.empty() ? "" : ": " + origin.ticdc.trouble);
    return verdict;
  }
  return judge_running(*feed, *movement, verdict, now, beat);
}

bool is_fault(const LinkVerdict& verdict) { return verdict.word != "moving"; }

}  // namespace bdrmesh
