// What a backup looks like on disk. The format is the lab's own:
//
//   backup.lock      made first: another backup keeps away
//   <n>.rows         rows of one table, one tuple of SQL literals per line: (1,x'61',NULL).
//                    Texts are hexadecimal in the column's own character set, times in UTC.
//   backupmeta       made last; JSON: format, cluster_id, version, backup_ts, schemas (name,
//                    definition), tables (schema, name, kind, definition, columns, file, rows,
//                    bytes, checksum)
//
// Not thread-safe; blocks on the file system. Failures are Error precondition `LAB_STORAGE` with
// the words of Go's file functions, as TiDB passes them on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

namespace bdrmesh::lab {

struct BackedUpSchema {
  std::string name;
  std::string definition;
};

struct BackedUpTable {
  std::string schema;
  std::string name;
  std::string kind;        ///< `table`, `view` or `sequence`
  std::string definition;  ///< as TiDB's SHOW CREATE shows it
  std::string columns;     ///< list of names, quoted
  std::string file;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;
};

struct BackupMeta {
  std::uint64_t cluster_id = 0;
  std::string version;
  std::uint64_t backup_ts = 0;
  std::vector<BackedUpSchema> schemas;
  std::vector<BackedUpTable> tables;
  std::uint64_t bytes() const;
};

/// Does not depend on the order of rows.
class RowsChecksum {
 public:
  void add(const std::string& tuple);
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0;
};

/// A directory being filled.
class BackupWriter {
 public:
  /// Makes the directory and its lock. @throws Error also when there is a backup already.
  BackupWriter(std::filesystem::path directory, const std::string& uri);

  /// Opens the next file of rows. @return its name.
  std::string begin_table();
  void write(const std::string& tuple);
  /// @return bytes written.
  std::uint64_t end_table();
  void finish(const BackupMeta& meta);

 private:
  std::ofstream open(const std::string& name);

  std::filesystem::path directory_;
  std::ofstream rows_;
  std::string current_;
  std::uint64_t written_ = 0;
  int files_ = 0;
};

/// @throws Error when there is none or it is damaged.
BackupMeta read_backup_meta(const std::filesystem::path& directory);
/// Calls `take` for each tuple of a file. @throws Error
void read_backup_rows(const std::filesystem::path& directory, const std::string& file,
                      const std::function<void(std::string&&)>& take);

}  // namespace bdrmesh::lab
