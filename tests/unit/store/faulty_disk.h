// A disk under SQLite that fails when told: full, broken, torn writes, lost power. Registered as
// SQLite's default VFS, so that the product's own connections run on it. Notes what was synced
// instead of waiting for the real disk. Thread-safe.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

namespace bdrmesh::fakes {

enum class DiskFault {
  none,
  full,         ///< a write gets ENOSPC; a sync fails
  io_error,     ///< a write or sync fails and did nothing
  short_write,  ///< half of a write is done, then it fails; a sync fails
};

/// Whether every place is to be struck by every fault, or only some by some:
/// BDRMESH_EVERY_FAULT=full.
inline bool every_fault() {
  const char* mode = std::getenv("BDRMESH_EVERY_FAULT");
  return mode != nullptr && std::string(mode) == "full";
}

class FaultyDisk {
 public:
  /// Registers the VFS at the first call.
  static FaultyDisk& instance();

  /// The `nth` write or sync from now (from 1) fails with `fault`, and all later ones too when it
  /// `stays`.
  void fail_at(DiskFault fault, std::int64_t nth, bool stays);
  void heal();
  /// Writes and syncs since `fail_at` or `heal`.
  std::int64_t operations() const;
  /// How many of them failed.
  std::int64_t failures() const;

  /// The database `path`, put there by other means, counts as synced.
  void assume_durable(const std::string& path);
  /// Writes what a power cut now would leave of the database `path` to `copy`: of each file what
  /// was synced last.
  void copy_after_power_cut(const std::string& path, const std::string& copy) const;

  // For the VFS only.
  DiskFault next();
  void synced(const std::string& path, std::string content);
  void removed(const std::string& path);

 private:
  mutable std::mutex mutex_;  ///< guards everything below
  DiskFault fault_ = DiskFault::none;
  std::int64_t at_ = 0;
  bool stays_ = false;
  std::int64_t operations_ = 0;
  std::int64_t failures_ = 0;
  std::map<std::string, std::string> durable_;  ///< content at the last sync, by path
};

}  // namespace bdrmesh::fakes
