// What is made to go wrong inside one feed, set by commands and read by its worker. Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"

namespace bdrmesh::lab {

class FeedFaults {
 public:
  /// The feed neither reads nor writes until thaw(); its state stays as it is.
  void freeze();
  void thaw();
  /// The same for a whole TiCDC that is stopped as by a signal; independent of freeze().
  void suspend(bool suspended);
  /// Blocks while frozen or suspended. @return false when stopped meanwhile.
  bool pass(const std::stop_token& stop);
  /// Blocks for the delay that is set. @return false when stopped meanwhile.
  bool hold_back(const std::stop_token& stop);
  bool frozen() const;

  /// Each batch of rows waits this long before it is written.
  void set_delay(Millis delay);

  /// The next row of this table is lost on its way (`*` stands for any table of the schema).
  void drop_next(std::string schema, std::string table);
  /// The next row of this table is delivered twice, the second time as in a re-delivery.
  void duplicate_next(std::string schema, std::string table);
  /// One value of the next row of this table that has one beside its key is changed on its way.
  void corrupt_next(std::string schema, std::string table);
  /// The next row of this table waits until another change of the same key has passed it.
  void reorder_next(std::string schema, std::string table);
  bool takes_drop(const std::string& schema, const std::string& table);
  bool takes_duplicate(const std::string& schema, const std::string& table);
  bool takes_corrupt(const std::string& schema, const std::string& table);
  bool takes_reorder(const std::string& schema, const std::string& table);

  /// The redo storage is full: writing to it fails until this is taken back.
  void set_redo_disk_full(bool full);
  bool redo_disk_full() const;

  void clear();

 private:
  struct Target {
    std::string schema;
    std::string table;
    bool hits(const std::string& a_schema, const std::string& a_table) const {
      return schema == a_schema && (table == "*" || table == a_table);
    }
  };
  static bool take(std::optional<Target>& target, const std::string& schema,
                   const std::string& table);

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable_any changed_;
  bool frozen_ = false;
  bool suspended_ = false;
  Millis delay_{0};
  std::optional<Target> drop_;
  std::optional<Target> duplicate_;
  std::optional<Target> corrupt_;
  std::optional<Target> reorder_;
  bool redo_disk_full_ = false;
};

}  // namespace bdrmesh::lab
