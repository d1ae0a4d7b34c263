// `bdrmesh-lab play`: a scenario from a file, or random faults under load.
#pragma once

#include <filesystem>
#include <optional>

#include "lab/play/random_plan.h"
#include "lab/site/lab_plan.h"

namespace bdrmesh::lab::app {

struct PlayRequest {
  std::filesystem::path directory;  ///< of the running lab
  std::filesystem::path scenario;
  std::filesystem::path ledger;  ///< empty: a temporary one
  bool only_check = false;       ///< reads the scenario and does nothing
};

/// Plays the file on the running lab; says line by line what happens. @return exit code: 0 when
/// every line did what it should.
/// @throws Error invalid `BAD_SCENARIO` with the numbers of the wrong lines, before it begins.
int play_scenario(const PlayRequest& request);

struct RandomRequest {
  std::optional<std::filesystem::path> directory;  ///< of a running lab; none: one of its own
  site::LabOptions lab;                            ///< of its own lab
  play::RandomOptions options;
  double rate = 20;  ///< transactions per second and cluster
  std::filesystem::path ledger;
};

/// Full mesh, load, random faults, healing, and the ledger's verdict. @return exit code: 0 when
/// nothing that was acknowledged is lost and, of its own lab, nothing was left behind.
int play_random(const RandomRequest& request);

}  // namespace bdrmesh::lab::app
