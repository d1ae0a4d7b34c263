#include "app/daemon/auto_repair.h"

#include <algorithm>

#include "base/error.h"
#include "mesh/judge/span_words.h"

namespace bdrmesh {

void AutoRepair::start() {
  const bool wanted = std::ranges::any_of(parts_.desired.groups, &GroupSpec::auto_resume);
  if (!wanted) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    static constexpr Millis kTick{1000};
    while (!stop.stop_requested()) {
      const MonoTime begun = parts_.clock.mono();
      turn();
      if (!parts_.clock.wait_until(begun + kTick, stop)) return;
    }
  });
}

void AutoRepair::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void AutoRepair::turn() {
  const WallTime now = parts_.clock.now();
  for (const GroupSpec& group : parts_.desired.groups) {
    if (!group.auto_resume) continue;
    for (const Link& link : parts_.watch.now(group).links()) {
      if (!parts_.watch.is_quiet(link)) turn(group, link, now);
    }
  }
}

void AutoRepair::turn(const GroupSpec& group, const Link& link, WallTime now) {
  const LinkSeen seen = parts_.watch.link(group.name, link);
  const auto due = policy_.due(group.name, link, seen.verdict, seen.error, now);
  if (!due) return;
  const std::string subject = "link " + group.name.value() + " " + to_string(link);
  SubmitOperation request;
  request.kind = "link.resume";
  request.args = {{"group", group.name.value()},
                  {"from", link.from.value()},
                  {"to", link.to.value()},
                  {"once", true}};
  request.requested_by = "auto_repair";
  try {
    const Json answer = parts_.backend.submit(request);
    parts_.events.tell({now, "warning", subject,
                        "resumed by itself, try " + std::to_string(due->number) + ": " + due->why +
                            "; operation " + get_or<std::string>(answer, "operation", "?") +
                            "; if it fails again, the next try is not before " +
                            in_words(due->next)});
  } catch (const Error& e) {
    // Something else works on the group, or the clusters do not answer: soon again.
    const bool passing = e.kind() == ErrorKind::conflict || e.kind() == ErrorKind::cancelled ||
                         e.kind() == ErrorKind::transient || e.kind() == ErrorKind::ambiguous;
    if (passing) return policy_.not_made(group.name, link, now);
    parts_.events.tell({now, "warning", subject,
                        "could not be resumed by itself: " + e.code() + ": " + e.message()});
  }
}

}  // namespace bdrmesh
