#include "lab/app/own_lab.h"

#include <csignal>
#include <fstream>
#include <sstream>

#include "base/clock.h"
#include "base/error.h"
#include "base/random_id.h"
#include "lab/app/run_directory.h"
#include "lab/net/socket.h"
#include "lab/site/lab_files.h"

namespace bdrmesh::lab::app {

namespace fs = std::filesystem;

namespace {

constexpr Millis kStartLimit{120'000};
constexpr Millis kEndLimit{60'000};
constexpr Millis kTick{20};

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> up_words(const site::LabOptions& options, const fs::path& directory) {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  std::vector<std::string> words{self.string(),
                                 "up",
                                 "--with-parent",
                                 "--dir",
                                 directory.string(),
                                 "--clusters",
                                 std::to_string(options.clusters)};
  const auto add_list = [&words](const char* name, const std::vector<std::string>& values) {
    for (const std::string& value : values) words.insert(words.end(), {name, value});
  };
  add_list("--names", options.names);
  add_list("--profile", options.profiles);
  if (options.real_times) words.emplace_back("--real-times");
  return words;
}

/// Processes whose parent is `pid`.
std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::ifstream in("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  for (pid_t child = 0; in >> child;) children.push_back(child);
  // The engines are children of threads of their own.
  std::error_code failed;
  for (const auto& task :
       fs::directory_iterator("/proc/" + std::to_string(pid) + "/task", failed)) {
    std::ifstream of_thread(task.path() / "children");
    for (pid_t child = 0; of_thread >> child;) children.push_back(child);
  }
  return children;
}

std::vector<std::string> addresses_of(const site::LabView& lab) {
  std::vector<std::string> all;
  for (const site::ClusterView& cluster : lab.clusters) {
    all.insert(all.end(), cluster.tidb.begin(), cluster.tidb.end());
    all.insert(all.end(), cluster.ticdc.begin(), cluster.ticdc.end());
    all.push_back(cluster.pd);
  }
  all.push_back(lab.control);
  return all;
}

bool listens(const std::string& address) {
  try {
    const std::string port = address.substr(address.rfind(':') + 1);
    Socket::connect_tcp(static_cast<std::uint16_t>(std::stoul(port)));
    return true;
  } catch (const SocketClosed&) {
    return false;
  }
}

}  // namespace

OwnLab::OwnLab(const site::LabOptions& options)
    : directory_(fs::temp_directory_path() / ("bdrmesh-play-" + random_id(8))),
      log_(directory_.string() + ".log") {
  const SystemClock clock;
  process_.start(up_words(options, directory_), log_);
  const MonoTime deadline = clock.mono() + kStartLimit;
  while (process_.is_running() && clock.mono() < deadline) {
    if (fs::exists(directory_ / "lab.json")) return;
    clock.wait_for(kTick, {});
  }
  const std::string said = text_of(log_);
  process_.kill();
  fs::remove(log_);
  throw Error(ErrorKind::precondition, "LAB_CANNOT_START", "no lab came up: " + said);
}

OwnLab::~OwnLab() {
  if (process_.is_running()) end();
}

std::string OwnLab::end() {
  const SystemClock clock;
  const site::LabView lab = site::read_lab_file(directory_);
  const auto traces = find_lab(directory_);
  const std::vector<pid_t> children = children_of(process_.pid());
  process_.signal(SIGTERM);
  const MonoTime deadline = clock.mono() + kEndLimit;
  while (process_.is_running() && clock.mono() < deadline) clock.wait_for(kTick, {});
  std::string left;
  if (process_.is_running()) left += " the lab's process does not end;";
  process_.kill();
  for (const pid_t child : children) {
    if (fs::exists("/proc/" + std::to_string(child)))
      left += " process " + std::to_string(child) + ";";
  }
  for (const std::string& address : addresses_of(lab)) {
    if (listens(address)) left += " port " + address + ";";
  }
  for (const fs::path& path : {directory_, traces ? traces->short_directory : directory_}) {
    if (fs::exists(path)) left += " " + path.string() + ";";
  }
  fs::remove(log_);
  return left;
}

}  // namespace bdrmesh::lab::app
