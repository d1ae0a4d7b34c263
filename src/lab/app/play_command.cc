#include "lab/app/play_command.h"

#include <csignal>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include "base/random_id.h"
#include "lab/app/commands.h"
#include "lab/app/control.h"
#include "lab/app/own_lab.h"
#include "lab/app/run_directory.h"
#include "lab/play/lab_stage.h"
#include "lab/play/player.h"
#include "lab/play/random_player.h"
#include "lab/play/scenario.h"
#include "lab/site/lab_files.h"

namespace bdrmesh::lab::app {

namespace fs = std::filesystem;

namespace {

constexpr Millis kDrainPatience{120'000};

/// Ctrl-C and its kin as a stop token, instead of an end in the middle of a fault.
class EndingSignals {
 public:
  EndingSignals()
      : thread_([this](const std::stop_token& stop) {
          sigset_t ends;
          sigemptyset(&ends);
          for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, number);
          const timespec tick{0, 200'000'000};
          while (!stop.stop_requested()) {
            if (sigtimedwait(&ends, nullptr, &tick) > 0) source_.request_stop();
          }
        }) {}
  std::stop_token token() const { return source_.get_token(); }

 private:
  std::stop_source source_;
  std::jthread thread_;
};

void tell(const std::string& line) { std::cout << line << std::endl; }

/// A ledger beside the lab's other temporary files, unless one is named.
class Ledger {
 public:
  explicit Ledger(const fs::path& wanted)
      : path_(wanted.empty() ? fs::temp_directory_path() / ("ledger-" + random_id(8) + ".jsonl")
                             : wanted),
        is_ours_(wanted.empty()) {}
  ~Ledger() {
    std::error_code ignored;
    if (is_ours_) fs::remove(path_, ignored);
  }
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  const fs::path& path() const { return path_; }
  /// Kept after all: it is evidence.
  void keep() {
    is_ours_ = false;
    tell("the ledger stays in " + path_.string());
  }

 private:
  fs::path path_;
  bool is_ours_;
};

fault::Names names_in(const site::LabView& lab) {
  fault::Names names;
  for (const site::ClusterView& cluster : lab.clusters) {
    names.clusters.push_back(cluster.name);
    names.tidb_servers = cluster.tidb.size();
    names.ticdc_nodes = cluster.ticdc.size();
  }
  return names;
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  if (!in) {
    throw Error(ErrorKind::invalid, "BAD_SCENARIO", "cannot read " + file.string());
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

play::LabStage stage_of(const Clock& clock, const fs::path& directory, const fs::path& ledger) {
  const fs::path socket = require_lab(directory).control_socket();
  return play::LabStage(
      clock, site::read_lab_file(directory),
      [socket](const Json& request) { return ask_lab(socket, request); }, ledger);
}

/// Feeds that wait out a long back-off are helped along: the lab's time is cheap.
void settle_feeds(const Clock& clock, play::Stagehand& stage) {
  const MonoTime deadline = clock.mono() + kDrainPatience;
  while (clock.mono() < deadline) {
    const std::vector<std::string> states = stage.feed_states();
    const bool settled = std::ranges::all_of(
        states, [](const std::string& state) { return state.ends_with(" normal"); });
    if (settled) return;
    stage.order({"turn-clock", "15s"});
    clock.wait_for(Millis{2'000}, {});
  }
  for (const std::string& state : stage.feed_states()) tell("feed " + state);
}

void tell_counts(const play::RandomPlayer& player, const RandomRequest& request) {
  std::string text;
  int all = 0;
  for (const auto& [name, count] : player.counts()) {
    all += count.done;
    text += "  " + name + " " + std::to_string(count.done) +
            (count.refused > 0 ? " (and " + std::to_string(count.refused) + " refused)" : "");
  }
  tell("seed " + std::to_string(request.options.seed) + ", " +
       std::to_string(request.options.duration.count() / 1000) + " s, " + std::to_string(all) +
       " faults:" + text);
}

/// @return what is wrong with the lab or its rows in the end; empty when nothing is.
std::string play_on(const Clock& clock, play::LabStage& stage, const RandomRequest& request,
                    const fault::Names& names, const std::stop_token& stop) {
  stage.make_mesh();
  load::LoadOptions load;
  load.rate = request.rate;
  load.seed = request.options.seed;
  load.hot_keys = 5;
  load.long_share = 0.01;
  stage.start_load(load);
  play::RandomPlayer player(clock, stage, tell);
  player.play(play::random_plan(request.options, names), stop);
  std::cout << get_or<std::string>(stage.order({"heal"}), "text", "");
  stage.stop_load();
  settle_feeds(clock, stage);
  const std::string lost = stage.lost(kDrainPatience);
  tell_counts(player, request);
  std::cout << stage.load_table();
  return lost;
}

}  // namespace

int play_scenario(const PlayRequest& request) {
  const SystemClock clock;
  require_lab(request.directory);
  const site::LabView lab = site::read_lab_file(request.directory);
  const play::Scenario scenario = play::read_scenario(text_of(request.scenario), names_in(lab));
  if (request.only_check) {
    tell(request.scenario.string() + ": " + std::to_string(scenario.size()) + " lines, no errors");
    return kDone;
  }
  Ledger ledger(request.ledger);
  play::LabStage stage = stage_of(clock, request.directory, ledger.path());
  const EndingSignals signals;
  const bool played = play::Player(clock, stage, tell).play(scenario, signals.token());
  stage.stop_load();
  tell(played ? "played to the end" : "NOT PLAYED TO THE END");
  return played ? kDone : kFailed;
}

int play_random(const RandomRequest& request) {
  const SystemClock clock;
  const EndingSignals signals;
  std::optional<OwnLab> own;
  if (!request.directory) own.emplace(request.lab);
  const fs::path directory = own ? own->directory() : *request.directory;
  Ledger ledger(request.ledger);
  tell("playing with seed " + std::to_string(request.options.seed) + " on the lab in " +
       directory.string());
  std::string wrong;
  {
    play::LabStage stage = stage_of(clock, directory, ledger.path());
    wrong =
        play_on(clock, stage, request, names_in(site::read_lab_file(directory)), signals.token());
  }
  if (!wrong.empty()) ledger.keep();
  tell(wrong.empty() ? "nothing that was acknowledged is lost" : "LOST OR WRONG: " + wrong);
  if (own) {
    const std::string left = own->end();
    tell(left.empty() ? "no process, port or file was left behind" : "LEFT BEHIND: " + left);
    wrong += left;
  }
  return wrong.empty() ? kDone : kFailed;
}

}  // namespace bdrmesh::lab::app
