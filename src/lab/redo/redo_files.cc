#include "lab/redo/redo_files.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>

#include "lab/core/uuid.h"

namespace bdrmesh::lab {

namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::string named(const RedoOwner& owner) {
  return owner.address + "_" + (owner.space == "default" ? "" : owner.space + "_") + owner.feed;
}

}  // namespace

std::optional<std::filesystem::path> redo_directory(const std::string& storage) {
  static const std::set<std::string> local = {"file", "local", "nfs"};
  static const std::set<std::string> nothing = {"noop", "blackhole"};
  static const std::set<std::string> remote = {"s3", "gcs", "gs", "azblob", "azure"};
  const std::size_t colon = storage.find(':');
  const std::string scheme = colon == std::string::npos ? "" : storage.substr(0, colon);
  if (nothing.contains(scheme)) return std::nullopt;
  if (remote.contains(scheme)) {
    throw RedoStorageError("CDC:ErrStorageInitialize",
                           "fail to open storage for redo log: context deadline exceeded");
  }
  if (!local.contains(scheme)) {
    throw RedoStorageError("CDC:ErrConsistentStorage",
                           "consistent storage (" + scheme + ") not support");
  }
  std::string path = storage.substr(colon + 1);
  path.resize(std::min(path.size(), path.find('?')));
  if (path.rfind("//", 0) == 0) path.erase(0, 2);
  return path;
}

std::string redo_log_name(const RedoOwner& owner, const std::string& kind,
                          std::uint64_t max_commit_ts) {
  return named(owner) + "_" + kind + "_" + std::to_string(max_commit_ts) + "_" + random_uuid() +
         ".log";
}

std::string redo_meta_name(const RedoOwner& owner) {
  return owner.address + "_" + owner.space + "_" + owner.feed + "_meta_" + random_uuid() + ".meta";
}

std::string redo_marker_name(const RedoOwner& owner) {
  return "delete_" + (owner.space == "default" ? "" : owner.space + "_") + owner.feed;
}

std::optional<std::uint64_t> max_commit_ts_of(const std::string& log_name) {
  const std::size_t end = log_name.rfind('_');
  if (end == std::string::npos || end == 0) return std::nullopt;
  const std::size_t begin = log_name.rfind('_', end - 1);
  if (begin == std::string::npos) return std::nullopt;
  std::uint64_t ts = 0;
  const char* const last = log_name.data() + end;
  const auto parsed = std::from_chars(log_name.data() + begin + 1, last, ts);
  if (parsed.ec != std::errc{} || parsed.ptr != last) return std::nullopt;
  return ts;
}

RedoMetas read_metas(const std::filesystem::path& directory) {
  RedoMetas metas;
  for (const auto& file : files_in(directory)) {
    if (!ends_with(file.filename().string(), ".meta")) continue;
    const RedoMeta meta = decode_meta(content_of(file));
    metas.sum.checkpoint = std::max(metas.sum.checkpoint, meta.checkpoint);
    metas.sum.resolved = std::max(metas.sum.resolved, meta.resolved);
    metas.sum.version = std::max(metas.sum.version, meta.version);
    metas.sum.feed = meta.feed;
    metas.files.push_back(file);
  }
  return metas;
}

std::vector<std::filesystem::path> redo_logs(const std::filesystem::path& directory,
                                             const std::string& kind) {
  std::vector<std::filesystem::path> logs = files_in(directory);
  std::erase_if(logs, [&](const auto& file) {
    const std::string name = file.filename().string();
    return !ends_with(name, ".log") || name.find("_" + kind + "_") == std::string::npos;
  });
  return logs;
}

void write_redo_file(const std::filesystem::path& file, const std::string& content) {
  const std::filesystem::path draft = file.string() + ".tmp";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << content;
    out.close();
    if (!out) {
      throw RedoStorageError("CDC:ErrRedoFileOp",
                             "redo file operation: open " + file.string() + ": cannot be written");
    }
  }
  std::error_code error;
  std::filesystem::rename(draft, file, error);
  if (error) throw RedoStorageError("CDC:ErrRedoFileOp", "redo file operation: " + error.message());
}

void remove_redo_files(const std::filesystem::path& directory, const RedoOwner& owner) {
  std::error_code error;
  std::ofstream(directory / redo_marker_name(owner)) << "D";
  for (const auto& file : files_in(directory)) {
    const bool ours = file.filename().string().find("_" + owner.feed + "_") != std::string::npos;
    if (ours) std::filesystem::remove(file, error);
  }
}

std::string truncate_last_redo_file(const std::filesystem::path& directory) {
  std::filesystem::path newest;
  std::uint64_t newest_ts = 0;
  for (const char* kind : {"row", "ddl"}) {
    for (const auto& file : redo_logs(directory, kind)) {
      const std::uint64_t ts = max_commit_ts_of(file.filename().string()).value_or(0);
      if (ts >= newest_ts) {
        newest = file;
        newest_ts = ts;
      }
    }
  }
  if (newest.empty()) return "";
  std::error_code error;
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest, error) / 2, error);
  return newest.filename().string();
}

std::size_t remove_redo_metas(const std::filesystem::path& directory) {
  std::size_t removed = 0;
  std::error_code error;
  for (const auto& file : files_in(directory)) {
    if (ends_with(file.filename().string(), ".meta") && std::filesystem::remove(file, error)) {
      ++removed;
    }
  }
  return removed;
}

}  // namespace bdrmesh::lab
