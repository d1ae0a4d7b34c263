#include "store/state_store.h"

#include <filesystem>
#include <system_error>

#include "base/error.h"
#include "base/text_file.h"
#include "store/migrations.h"
#include "store/state_store_impl.h"

namespace bdrmesh {
namespace {

constexpr const char* kMemory = ":memory:";

/// Operations tell of hosts, users and rows: nobody else's to read. SQLite makes its other files
/// with the rights of this one. What cannot be done here fails when the file is opened.
void keep_private(const std::string& path) {
  if (write_new_private_file(path, "")) return;
  std::error_code ignored;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, ignored);
}

}  // namespace

StateStore::Impl::Impl(const std::string& path, const std::string& holder,
                       const std::string& migrations_dir)
    : hold_(path == kMemory ? nullptr : std::make_unique<FileHold>(path, holder)), pool_(path) {
  {
    const auto connection = pool_.lend();
    migrate(*connection,
            migrations_dir.empty() ? embedded_migrations() : migrations_in(migrations_dir));
  }
  take_epoch(holder);
}

void StateStore::Impl::take_epoch(const std::string& holder) {
  const auto connection = pool_.lend();
  sqlite::Transaction transaction(*connection);
  connection->query("UPDATE manager SET epoch = epoch + 1, holder = ?, opened_ms = ?")
      .bind(holder)
      .bind(to_millis(SystemClock().now()))
      .run();
  {
    auto query = connection->query("SELECT epoch FROM manager");
    if (query.next()) epoch_ = static_cast<std::uint64_t>(query.number(0));
  }
  transaction.commit();
}

void StateStore::Impl::write(const Body& body, const std::vector<EventRecord>& events) {
  const std::lock_guard lock(write_mutex_);
  const std::int64_t ordinal = ++ordinal_;
  hook_(true, ordinal);
  {
    const auto connection = pool_.lend();
    sqlite::Transaction transaction(*connection);
    {
      auto query = connection->query("SELECT epoch, holder FROM manager");
      if (!query.next() || query.number(0) != static_cast<std::int64_t>(epoch_)) {
        throw Error(ErrorKind::conflict, "EPOCH_LOST",
                    "another daemon has taken over " + connection->path() + " since epoch " +
                        std::to_string(epoch_),
                    "stop this daemon: the other one goes on with the operations");
      }
    }
    body(*connection);
    transaction.commit();
  }
  for (const EventRecord& event : events) listener_(event);
  hook_(false, ordinal);
}

void StateStore::Impl::give_space_back() {
  const std::lock_guard lock(write_mutex_);
  const auto connection = pool_.lend();
  connection->query("VACUUM").run();
  connection->query("PRAGMA wal_checkpoint(TRUNCATE)").run();
}

void StateStore::Impl::set_event_listener(EventListener listener) {
  const std::lock_guard lock(write_mutex_);
  listener_ = std::move(listener);
}

void StateStore::Impl::set_write_hook(WriteHook hook) {
  const std::lock_guard lock(write_mutex_);
  hook_ = hook ? std::move(hook) : [](bool, std::int64_t) {};
  ordinal_ = 0;
}

StateStore::StateStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StateStore::~StateStore() = default;

std::unique_ptr<StateStore> StateStore::open(const Options& options) {
  keep_private(options.path);
  return std::unique_ptr<StateStore>(
      new StateStore(std::make_unique<Impl>(options.path, options.holder, options.migrations_dir)));
}

std::unique_ptr<StateStore> StateStore::in_memory() {
  return std::unique_ptr<StateStore>(new StateStore(std::make_unique<Impl>(kMemory, "", "")));
}

std::uint64_t StateStore::epoch() const { return impl_->epoch(); }

bool StateStore::epoch_is_ours() const {
  const auto connection = impl_->reader();
  auto query = connection->query("SELECT epoch FROM manager");
  return query.next() && query.number(0) == static_cast<std::int64_t>(impl_->epoch());
}

void StateStore::set_write_hook(WriteHook hook) { impl_->set_write_hook(std::move(hook)); }
void StateStore::set_event_listener(EventListener listener) {
  impl_->set_event_listener(std::move(listener));
}

}  // namespace bdrmesh
