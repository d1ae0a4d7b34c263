// The changefeeds of a TiCDC as its owner sees them: states, workers and who carries them, queued
// admin jobs, GC safe points (ticdc-api §1.5, §2; measured.md §2, §3). There is one such book per
// cluster; it is worked on only while some node is in office. Thread-safe; a thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lab/feed/api_error.h"
#include "lab/feed/feed_worker.h"
#include "lab/owner/changefeed.h"
#include "lab/owner/feed_trouble.h"
#include "lab/owner/ticdc_gc.h"

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
  Millis report_every{
      5000};  ///< new architecture: a DDL's error is reported again (measured.md §3.12)
  std::chrono::seconds gc_ttl{86400};
  Millis gc_refresh{60000};
  std::optional<GcRule> gc_rule;  ///< instead of the version's own
  FeedTimes feed;
};

class Owner {
 public:
  Owner(ClusterState& cluster, const PositionSampler& sampler, OwnerTimes times);
  ~Owner();

  /// Begins to work, in office.
  /// @param nodes  names of the nodes that carry feeds, `127.0.0.1:8300`.
  void start(std::vector<std::string> nodes);
  /// Ends all workers. Blocks until they are gone.
  void stop();

  // Nodes come and go. A feed is carried by one node.

  /// Nobody is in office: feeds go on where they are carried, nobody looks after them; queued jobs
  /// are forgotten.
  void leave_office();
  /// A new owner reads what is saved: back-offs and `last_synced` are forgotten, and of the new
  /// architecture error texts are cut and unsaved updates gone.
  void enter_office();
  /// The node's process is dead: its connections break, its feeds stand.
  void lose(std::size_t node);
  /// What dead or hanging `from` carried goes on elsewhere, from the saved checkpoints.
  void hand_over(std::size_t from, std::size_t to);
  /// The node can carry feeds (again).
  void welcome(std::size_t node);
  /// The node's feeds stand still, as it does.
  void suspend(std::size_t node, bool suspended);
  /// The node in office hangs: nobody looks after the feeds, nothing is forgotten.
  void rest(bool resting);

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

  // What happens to feeds behind everybody's back. All throw Error invalid `LAB_NO_SUCH_FEED`.

  /// Faults of a feed, kept over its restarts.
  std::shared_ptr<FeedFaults> faults(const std::string& id);
  /// The feed meets this error, as if its worker had.
  void meet_error(const std::string& id, const FeedError& error);
  /// Somebody changed the feed where it is saved: no state is asked for, the worker starts anew.
  void drift(const std::string& id, const std::function<void(ChangefeedInfo&)>& change);

  /// PD's minimum, 0 before garbage was collected for the first time.
  std::uint64_t gc_safepoint() const;
  std::string gc_service() const { return gc_.service(); }
  /// Enters what the feeds hold in PD now, if somebody is in office and awake.
  void renew_gc();

 private:
  struct Feed {
    ChangefeedInfo info;
    std::optional<ChangefeedInfo> shown;  ///< what views show until shown_until
    MonoTime shown_until;
    std::optional<ChangefeedInfo> refused;  ///< the last update, if it was refused (new arch)
    bool refused_is_saved = false;
    MonoTime born;
    bool initialised = false;
    bool created_in_this_term = true;
    std::size_t carrier = 0;
    std::uint64_t checkpoint = 0;
    std::uint64_t resolved = 0;
    std::uint64_t last_synced = 0;
    std::uint64_t puller_resolved = 0;
    std::uint64_t dml_errors = 0;  ///< since this owner began
    std::uint64_t ddl_errors = 0;
    std::unique_ptr<FeedWorker> worker;
    std::shared_ptr<FeedFaults> faults = std::make_shared<FeedFaults>();
    FeedTrouble trouble;
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

  // States: owner_states.cc.
  void watch(Feed& feed, MonoTime now);
  bool be_born(Feed& feed);
  void take_progress(Feed& feed, const FeedWorker::Progress& progress, MonoTime now);
  void take_end(Feed& feed, const FeedWorker::Progress& progress, MonoTime now);
  void take_error(Feed& feed, const FeedError& error, MonoTime now);
  void take_warning(Feed& feed, const FeedError& warning, MonoTime now);
  void try_again(Feed& feed, MonoTime now);
  void report_again(Feed& feed, MonoTime now);
  void fail(Feed& feed, FeedError error);
  void enter_trouble(Feed& feed, const char* state, MonoTime now);
  void leave_trouble(Feed& feed);
  bool is_classic() const { return cluster_.profile.is_classic(); }

  // Carriers: owner_carriers.cc.
  bool can_run(const Feed& feed) const { return !lost_.contains(feed.carrier); }
  std::size_t idlest_node() const;
  void start_worker(Feed& feed);
  void retire_worker(Feed& feed);

  // Garbage collection: owner_gc.cc.
  void keep_gc(MonoTime now);
  void renew_gc_locked(MonoTime now);
  void check_gc(Feed& feed);

  Feed& born_feed(const std::string& id);
  const Feed& born_feed(const std::string& id) const;
  Feed& any_feed(const std::string& id);
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
  std::vector<std::string> nodes_;
  std::set<std::size_t> lost_;       ///< nodes whose process is dead
  std::set<std::size_t> suspended_;  ///< nodes that hang
  bool in_office_ = false;
  bool resting_ = false;
  TicdcGc gc_;
  std::optional<MonoTime> gc_kept_;
  std::jthread thread_;
};

}  // namespace bdrmesh::lab
