#include "lab/config/config_checks.h"

#include <filesystem>
#include <fstream>
#include <set>

#include "base/random_id.h"
#include "lab/config/go_duration.h"
#include "lab/feed/api_error.h"

namespace bdrmesh::lab {

namespace {

ApiError invalid_config(const std::string& text) {
  return {500, "CDC:ErrInvalidReplicaConfig", "invalid replica config, " + text};
}

ApiError no_storage(const std::string& why) {
  return {500, "CDC:ErrStorageInitialize", "fail to open storage for redo log: " + why};
}

void require_writable(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) throw no_storage("mkdir " + directory.string() + ": " + error.message());
  const std::filesystem::path probe = directory / ("redo_probe_" + random_id(8));
  if (!(std::ofstream(probe) << "probe").flush()) {
    throw no_storage("open " + probe.string() + ": permission denied");
  }
  std::filesystem::remove(probe, error);
}

/// Path of `file:///redo/x`, without parameters.
std::string path_of(const std::string& storage) {
  std::string path = storage.substr(storage.find(':') + 1);
  if (path.rfind("//", 0) == 0) path.erase(0, 2);
  return path.substr(0, path.find('?'));
}

void require_storage(const ReplicaConfig& config) {
  static const std::set<std::string> local = {"nfs", "local", "file"};
  static const std::set<std::string> remote = {"s3", "gcs", "gs", "azblob", "azure"};
  static const std::set<std::string> nothing = {"noop", "blackhole"};
  const std::size_t end = config.redo_storage.find(':');
  const std::string scheme = end == std::string::npos ? "" : config.redo_storage.substr(0, end);
  if (nothing.contains(scheme)) return;
  if (local.contains(scheme)) return require_writable(path_of(config.redo_storage));
  if (remote.contains(scheme)) throw no_storage("context deadline exceeded");
  throw ApiError(500, "CDC:ErrConsistentStorage",
                 "consistent storage (" + scheme + ") not support");
}

void require_durations(const ReplicaConfig& config) {
  using namespace std::chrono_literals;
  if (config.sync_point) {
    if (config.sync_point_interval < 30s) {
      throw invalid_config("The SyncPointInterval:" + to_go_text(config.sync_point_interval) +
                           " must be larger than 30s");
    }
    if (config.sync_point_retention < 1h) {
      throw invalid_config("The SyncPointRetention:" + to_go_text(config.sync_point_retention) +
                           " must be larger than 1h0m0s");
    }
  }
  if (config.stuck_duration < 30min) {
    const double seconds = std::chrono::duration<double>(config.stuck_duration).count();
    throw invalid_config("The ChangefeedErrorStuckDuration:" + std::to_string(seconds) +
                         " must be larger than 1800.000000 Seconds");
  }
}

}  // namespace

void require_valid(const ReplicaConfig& config, const ApiRules& rules, const SinkUri* sink) {
  try {
    if (rules.new_arch && config.sync_point && sink != nullptr && !sink->is_mysql()) {
      throw invalid_config(
          "The SyncPoint must be disabled when the downstream is not tidb or mysql");
    }
    require_durations(config);
    if (config.redo()) require_storage(config);
  } catch (const ApiError& e) {
    if (!rules.new_arch) throw;
    throw invalid_config("%s: " + e.message());  // its own format left open (measured.md §3)
  }
}

}  // namespace bdrmesh::lab
