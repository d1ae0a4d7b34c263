// What the coordinator of the new architecture does otherwise than the owner of the classic one
// (ticdc-api §1.5.6, §1.5.7; measured.md §3).
#include "lab/owner/owner.h"

namespace bdrmesh::lab {

ApiError Owner::not_exists(const std::string& id) const {
  const std::string shown = cluster_.profile.is_classic() ? "default/" + id : id;
  return {400, "CDC:ErrChangeFeedNotExists", "changefeed not exists, " + shown};
}

void Owner::stop_now(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Feed& feed = born_feed(id);
  feed.info.state = feed_state::kStopped;
  feed.trouble = {};
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
  jobs_.push_back({Job::Kind::halt, id, 0, cluster_.clock.mono() + times_.halt_delay});
}

void Owner::resume_now(const std::string& id, std::uint64_t overwrite) {
  const std::lock_guard lock(mutex_);
  Feed& feed = born_feed(id);
  feed.info.error.reset();
  feed.info.warning.reset();
  feed.info.state = feed_state::kNormal;
  feed.trouble = {};
  retire_worker(feed);
  if (overwrite != 0) {
    feed.checkpoint = overwrite;
    feed.info.saved_checkpoint = overwrite;
  }
  std::erase_if(jobs_, [&](const Job& job) { return job.id == id; });
  jobs_.push_back({Job::Kind::begin, id, 0, cluster_.clock.mono() + times_.begin_delay});
}

void Owner::apply_new_arch(const Job& job, Feed& feed) {
  if (job.kind == Job::Kind::halt) retire_worker(feed);
  if (job.kind == Job::Kind::begin && feed.info.state == feed_state::kNormal) start_worker(feed);
}

void Owner::show_refused(const ChangefeedInfo& info) {
  const std::lock_guard lock(mutex_);
  Feed& feed = born_feed(info.id);
  feed.refused = info;
  feed.refused_is_saved = false;
}

void Owner::read_saved() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, feed] : feeds_) {
    if (feed.refused && feed.refused_is_saved) {
      feed.info.sink_uri = feed.refused->sink_uri;
      feed.info.config = feed.refused->config;
      feed.info.target_ts = feed.refused->target_ts;
    }
    feed.refused.reset();
    feed.refused_is_saved = false;
  }
}

}  // namespace bdrmesh::lab
