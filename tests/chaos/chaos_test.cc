// Operations on a lab under load while daemon, servers, feeds and answers fail at random.
//   chaos_test [--seed N] [--seconds 30] [--profile classic-8.5] [--quiet] [--keep]
//              [--programs DIR]
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <random>
#include <string>

#include "base/error.h"
#include "chaos/player.h"
#include "chaos/verdict.h"

namespace bdrmesh::chaos {
namespace {

struct Settings {
  std::uint64_t seed = 0;
  int seconds = 30;
  std::string profile = "classic-8.5";
  bool quiet = false;
  bool keep = false;
  std::string programs;  ///< directory of other builds of both programs
};

Settings& settings() {
  static Settings one;
  return one;
}

/// What somebody needs who must find out why: the tale, the operations, the daemon's last words.
std::string report(const Verdict& verdict, const std::string& tale, Arena& arena) {
  std::string text = tale + "\n";
  for (const std::string& failure : verdict.failures) text += "FAILED: " + failure + "\n";
  text += "logs and state: " + arena.directory() + "\n";
  return text + "again: chaos_test --seed " + std::to_string(settings().seed) + " --seconds " +
         std::to_string(settings().seconds) + " --profile " + settings().profile + "\n";
}

std::string journals(const Person& person) {
  std::string text;
  for (const Json& one : person.operations()) {
    const std::string state = one.at("state");
    if (state == "succeeded") continue;
    text += person.operation(one.at("id")).dump(1) + "\n";
  }
  return text;
}

TEST(Chaos, EverythingEndsWellWhateverFails) {
  ScriptOptions options;
  options.seed = settings().seed;
  options.duration = Millis{1000LL * settings().seconds};
  options.clusters = {"east", "west", "south"};
  const std::string& other = settings().programs;
  Arena arena({other.empty() ? BDR_PROGRAM : other + "/bdrmesh",
               other.empty() ? BDR_LAB_PROGRAM : other + "/bdrmesh-lab", options.clusters,
               settings().profile});
  Person person(arena);
  const std::string id = person.act({"apply"});
  ASSERT_TRUE(e2e::eventually([&] { return person.operation(id).at("state") == "succeeded"; }))
      << person.operation(id).dump(1) << arena.daemon_log();
  arena.start_load();

  std::string tale;
  const auto tell = [&](const std::string& line) {
    tale += line + "\n";
    if (!settings().quiet) std::cout << line << std::endl;
  };
  Player(arena, person, tell).play(make_script(options));
  const Verdict verdict = judge(arena, person);
  std::cout << "seed " << options.seed << ", " << settings().seconds << " s, " << settings().profile
            << ": " << verdict.operations << " operations, " << verdict.succeeded << " succeeded, "
            << verdict.undone << " undone, " << verdict.resumed << " resumed; "
            << verdict.failures.size() << " failures" << std::endl;
  if (settings().keep || !verdict.failures.empty()) arena.keep();
  if (verdict.failures.empty()) return;
  std::string more;
  if (arena.start_daemon()) {
    more = journals(person);
    arena.end_daemon();
  }
  FAIL() << more << report(verdict, tale, arena);
}

bool read_arguments(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--quiet") {
      settings().quiet = true;
    } else if (word == "--keep") {
      settings().keep = true;
    } else if (word == "--seed" && has_value) {
      settings().seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (word == "--seconds" && has_value) {
      settings().seconds = std::atoi(argv[++i]);
    } else if (word == "--profile" && has_value) {
      settings().profile = argv[++i];
    } else if (word == "--programs" && has_value) {
      settings().programs = argv[++i];
    } else {
      std::cerr << "unknown: " << word
                << "\nusage: chaos_test [--seed N] [--seconds 30] [--profile classic-8.5] "
                   "[--quiet] [--keep] [--programs DIR]\n";
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace bdrmesh::chaos

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  bdrmesh::chaos::settings().seed = std::random_device{}();
  if (!bdrmesh::chaos::read_arguments(argc, argv)) return 2;
  std::cout << "seed " << bdrmesh::chaos::settings().seed << std::endl;
  return RUN_ALL_TESTS();
}
