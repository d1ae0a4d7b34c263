// Brings a redo log into a downstream: rows in (checkpoint, resolved] as REPLACE and DELETE, DDL in
// (checkpoint-1, resolved], in commit order with each DDL as a barrier (ticdc-api §6.2; measured.md
// §2 §6.2, §3 19). Repeatable. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "lab/feed/sink_uri.h"
#include "lab/redo/redo_files.h"

namespace bdrmesh::lab {

/// Why an apply ended, as TiCDC names it.
class RedoApplyError : public Error {
 public:
  explicit RedoApplyError(const std::string& text)
      : Error(ErrorKind::precondition, "LAB_REDO_APPLY", text) {}
};

struct RedoApplied {
  std::uint64_t rows = 0;
  std::uint64_t ddl = 0;
};

class RedoApply {
 public:
  /// Called for each DDL before it runs.
  using Told = std::function<void(const DdlJob& job, std::uint64_t commit_ts)>;

  /// @param meta  the sum of the prefix's metas; its version says which family applies.
  RedoApply(std::filesystem::path directory, RedoMeta meta, SinkUri sink, Told told);

  /// @throws RedoApplyError, RedoStorageError.
  RedoApplied run();

 private:
  std::filesystem::path directory_;
  RedoMeta meta_;
  SinkUri sink_;
  Told told_;
};

}  // namespace bdrmesh::lab
