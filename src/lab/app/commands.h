// The commands that talk to a running lab or to any cluster: status, sql, fault, load, down. Each
// prints to stdout and gives the exit code. Parsing of arguments is main's.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lab/load/load_run.h"
#include "lab/load/load_target.h"

namespace bdrmesh::lab::app {

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kRefused = 3;

int show_status(const std::filesystem::path& directory, bool as_json);

struct SqlRequest {
  std::string cluster;
  std::string statement;
  int server = 1;            ///< 1 or 2
  std::string user = "dba";  ///< dba, app, bdrmesh or cdc_<from>
  bool as_json = false;
};
int run_sql(const std::filesystem::path& directory, const SqlRequest& request);

/// `list`, or a fault with its arguments.
int order_fault(const std::filesystem::path& directory, const std::vector<std::string>& words,
                bool as_json);

/// Asks the lab to end and waits until nothing of it is left.
int take_down(const std::filesystem::path& directory, bool as_json);

struct LoadRequest {
  std::filesystem::path config;  ///< the product's configuration
  load::LoadUser user;
  std::filesystem::path ledger = "ledger.jsonl";
  double seconds = 0;  ///< 0: until SIGINT or SIGTERM
  load::LoadOptions options;
  load::LoadUser ddl_user{"dba", ""};  ///< who alters tables, if anybody shall
  bool as_json = false;
};
int run_load(const LoadRequest& request);

struct CheckRequest {
  std::filesystem::path config;  ///< empty: windows only
  load::LoadUser user;
  std::filesystem::path ledger = "ledger.jsonl";
  double wait_seconds = 10;
  std::filesystem::path operation;
  std::vector<std::string> between;
  bool as_json = false;
};
int check_load(const CheckRequest& request);

}  // namespace bdrmesh::lab::app
