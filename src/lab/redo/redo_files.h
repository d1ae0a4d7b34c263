// The files below a redo prefix: their names, the sum of their metas, and what removes or damages
// them (ticdc-api §6.1, §1.5.5; measured.md §2 §6.1, §3 21). Blocks on the disk only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lab/redo/redo_format.h"

namespace bdrmesh::lab {

/// The storage of a redo log failed. @see ticdc-api §2.4.
class RedoStorageError : public Error {
 public:
  /// @param rfc_code  `CDC:ErrConsistentStorage`
  RedoStorageError(std::string rfc_code, const std::string& text)
      : Error(ErrorKind::precondition, "LAB_REDO_STORAGE", "[" + rfc_code + "]" + text),
        code(std::move(rfc_code)) {}
  std::string code;
};

/// Where a storage URI points: `file:///redo/x`, `local:///x`, `nfs:///x`; nothing for `noop://`
/// and `blackhole://`.
/// @throws RedoStorageError CDC:ErrConsistentStorage for a scheme that TiCDC does not know,
/// CDC:ErrStorageInitialize for object stores, which the lab does not have.
std::optional<std::filesystem::path> redo_directory(const std::string& storage);

/// A feed as files are named after it.
struct RedoOwner {
  std::string address;  ///< advertised, `127.0.0.1:8300`
  std::string space = "default";
  std::string feed;
  int version = 0;  ///< 0 classic, 1 new architecture
};

/// `<address>_<feed>_row_<maxCommitTs>_<uuid>.log`; a namespace other than `default` stands behind
/// the address. @param kind `row` or `ddl`.
std::string redo_log_name(const RedoOwner& owner, const std::string& kind,
                          std::uint64_t max_commit_ts);
/// `<address>_default_<feed>_meta_<uuid>.meta`
std::string redo_meta_name(const RedoOwner& owner);
/// `delete_<feed>`, left by DELETE of a running feed until the id is created again.
std::string redo_marker_name(const RedoOwner& owner);

/// The timestamp in a log's name.
std::optional<std::uint64_t> max_commit_ts_of(const std::string& log_name);

/// All metas below a prefix, whatever feed they are of.
struct RedoMetas {
  RedoMeta sum;  ///< the greatest of both positions
  std::vector<std::filesystem::path> files;
};
RedoMetas read_metas(const std::filesystem::path& directory);

/// The logs of one kind, sorted by name.
std::vector<std::filesystem::path> redo_logs(const std::filesystem::path& directory,
                                             const std::string& kind);

/// Writes a whole file under its final name at once.
/// @throws RedoStorageError CDC:ErrRedoFileOp.
void write_redo_file(const std::filesystem::path& file, const std::string& content);

/// Removes every file of that feed, also of older incarnations, and leaves the marker.
void remove_redo_files(const std::filesystem::path& directory, const RedoOwner& owner);

/// Fault: cuts the newest log file in half. @return its name, empty when there is none.
std::string truncate_last_redo_file(const std::filesystem::path& directory);
/// Fault: removes the metas. @return how many there were.
std::size_t remove_redo_metas(const std::filesystem::path& directory);

}  // namespace bdrmesh::lab
