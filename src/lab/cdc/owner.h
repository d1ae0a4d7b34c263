// The owner of a TiCDC node: its changefeeds, their states and workers, queued admin jobs, GC safe
// points. Behaves as classic v8.5 (ticdc-api §1.5, §2; measured.md §2). Thread-safe; has a thread
// of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lab/cdc/changefeed.h"
#include "lab/feed/api_error.h"
#include "lab/feed/feed_worker.h"

namespace bdrmesh::lab {

struct OwnerTimes {
  Millis tick{50};
  Millis unborn{50};  ///< after a create nobody knows the feed
  Millis newborn{
      150};  ///< until then it has no status: pause and synced kill the process (measured.md A1)
  Millis admin_delay{200};   ///< until pause and resume take effect
  Millis update_delay{150};  ///< until an update is seen (measured.md A4)
  Millis begin_delay{1000};  ///< new architecture: from create or resume until rows move
  Millis halt_delay{150};    ///< new architecture: from `stopped` until rows stand
  Millis save_every{500};
  std::chrono::seconds gc_ttl{86400};
  Millis gc_refresh{60000};
  FeedTimes feed;
};

class Owner {
 public:
  Owner(ClusterState& cluster, const PositionSampler& sampler, OwnerTimes times);
  ~Owner();

  /// Starts every saved feed from its saved checkpoint.
  void start();
  /// Ends all workers; what was not saved is forgotten. Blocks until they are gone.
  void stop();

  /// Enters a feed. @throws ApiError 500 when the id exists.
  void create(ChangefeedInfo info);
  bool exists(const std::string& id) const;
  /// All feeds by id, newborn ones with checkpoint 0.
  std::vector<ChangefeedView> list() const;
  /// @throws ApiError 400 CDC:ErrChangeFeedNotExists, also for a newborn feed; so do the others.
  ChangefeedView view(const std::string& id) const;
  /// Like view(), but a running update is seen already.
  ChangefeedInfo stored(const std::string& id) const;

  enum class Asked { queued, killed };
  /// @return killed: the feed is newborn, and the process dies of the question.
  Asked pause(const std::string& id);
  /// @param overwrite  new checkpoint, 0 for none.
  void resume(const std::string& id, std::uint64_t overwrite);
  /// The same trap as in pause(): whether asking for `synced` now kills the process.
  bool is_deadly(const std::string& id) const;
  /// Forgets the feed. @return false when it does not exist or is newborn: then nothing happens.
  bool remove(const std::string& id);
  /// Replaces what an update may change; views show it a moment later, of the new architecture at
  /// once.
  void update(const ChangefeedInfo& info);

  // What only the new architecture has.

  /// From any state to `stopped`, at once. The worker goes on a moment longer (measured.md §3.2).
  void stop_now(const std::string& id);
  /// To `normal` at once; `overwrite` leaves start_ts as it is.
  void resume_now(const std::string& id, std::uint64_t overwrite);
  /// An update that was refused: views and later updates rest on it all the same, while the feed
  /// runs with what was accepted last (measured.md §3.1). Trouble of the feed saves it.
  void show_refused(const ChangefeedInfo& info);
  /// A new coordinator read the feeds anew: what was refused and saved is in force from the next
  /// start of the worker on, what was only in memory is gone (measured.md §3.1b).
  void read_saved();

  /// Faults of a feed, kept over its restarts. @throws Error invalid `LAB_NO_SUCH_FEED`.
  std::shared_ptr<FeedFaults> faults(const std::string& id);
  void suspend(bool suspended);

  std::uint64_t gc_safepoint() const;
  std::string gc_service() const;

 private:
  struct Feed {
    ChangefeedInfo info;
    std::optional<ChangefeedInfo> shown;  ///< what views show until shown_until
    MonoTime shown_until;
    std::optional<ChangefeedInfo> refused;  ///< the last update, if it was refused (new arch)
    bool refused_is_saved = false;
    MonoTime born;
    bool initialised = false;
    std::uint64_t checkpoint = 0;
    std::uint64_t resolved = 0;
    std::uint64_t last_synced = 0;
    std::uint64_t puller_resolved = 0;
    std::unique_ptr<FeedWorker> worker;
    std::shared_ptr<FeedFaults> faults = std::make_shared<FeedFaults>();
    std::optional<MonoTime> retry_at;
    Millis backoff{0};
    std::uint64_t trouble_checkpoint = 0;  ///< where it stood when the present trouble began
    MonoTime trouble_since;
  };
  struct Job {
    enum class Kind { pause, resume, begin, halt } kind{};
    std::string id;
    std::uint64_t overwrite = 0;
    MonoTime due;
  };

  void run(const std::stop_token& stop);
  void tick();
  void run_jobs(MonoTime now);
  void apply(const Job& job);
  void apply_new_arch(const Job& job, Feed& feed);
  ApiError not_exists(const std::string& id) const;
  void watch(Feed& feed, MonoTime now);
  void take_end(Feed& feed, const FeedWorker::Progress& progress, MonoTime now);
  void enter_trouble(Feed& feed, const char* state, MonoTime now);
  void leave_trouble(Feed& feed);
  void start_worker(Feed& feed);
  void retire_worker(Feed& feed);
  void save(MonoTime now);
  void keep_gc(MonoTime now);
  void check_gc_ttl(Feed& feed, std::uint64_t own, std::uint64_t least);
  Feed& born_feed(const std::string& id);
  const Feed& born_feed(const std::string& id) const;
  ChangefeedView view_of(const Feed& feed) const;
  Millis age(const Feed& feed) const;

  ClusterState& cluster_;
  const PositionSampler& sampler_;
  const OwnerTimes times_;
  mutable std::mutex mutex_;  // guards all below but the thread
  std::map<std::string, Feed> feeds_;
  std::deque<Job> jobs_;
  std::vector<std::unique_ptr<FeedWorker>>
      retired_;  ///< asked to end, perhaps still in a statement
  MonoTime saved_;
  std::optional<MonoTime> gc_kept_;
  bool suspended_ = false;
  std::jthread thread_;
};

}  // namespace bdrmesh::lab
