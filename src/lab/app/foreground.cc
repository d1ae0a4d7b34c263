#include "lab/app/foreground.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/json.h"
#include "lab/app/control.h"
#include "lab/app/fault_board.h"
#include "lab/app/lab.h"
#include "lab/app/lab_files.h"
#include "lab/app/run_directory.h"

namespace bdrmesh::lab::app {
namespace {

/// The kernel tells us by SIGTERM, which we take as everybody's: clean up and end.
void follow_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have died before the call; then somebody else is our parent already.
  if (::getppid() == 1) ::raise(SIGTERM);
}

Json answer(Lab& lab, FaultBoard& faults, const Json& request) {
  const auto command = get_required<std::string>(request, "command");
  if (command == "status") {
    Json status = lab.status();
    status["faults"] = faults.in_force();
    return status;
  }
  if (command == "fault") {
    return {{"text", faults.order(get_required<FaultBoard::Words>(request, "words"))}};
  }
  if (command == "down") {
    ::kill(::getpid(), SIGTERM);  // blocked everywhere: the main thread waits for it
    return {{"text", "ending"}};
  }
  throw Error(ErrorKind::invalid, "BAD_REQUEST", "no command '" + command + "'");
}

const char* wait_for_end() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, number);
  int caught = 0;
  sigwait(&ends, &caught);
  return caught == SIGINT ? "interrupted" : caught == SIGHUP ? "terminal closed" : "asked to end";
}

}  // namespace

int run_in_foreground(LabOptions options, bool with_parent) {
  if (with_parent) follow_parent();
  const SystemClock clock;
  const MonoTime begin = clock.mono();
  RunDirectory directory(options.directory);
  if (directory.removed_leftovers()) {
    std::cerr << "removed what a lab that was killed had left in " << directory.path().string()
              << "\n";
  }
  // The parts put their own sockets below TMPDIR: there they are found even after a kill -9.
  ::setenv("TMPDIR", directory.short_path().c_str(), 1);

  options.scratch = directory.short_path();
  Lab lab(clock, options, directory.id());
  lab.start();
  FaultBoard faults(lab);
  const ControlServer control(directory.short_path() / "ctl",
                              [&](const Json& request) { return answer(lab, faults, request); });
  write_lab_files(lab.view(), options.config_out);
  const auto took = std::chrono::duration_cast<Millis>(clock.mono() - begin);

  std::cout << to_table(lab.view()) << "up in " << took.count() << " ms\n"
            << "configuration  " << (directory.path() / "bdrmesh.toml").string() << "\n"
            << "stop with Ctrl-C or: bdrmesh-lab down --dir '" << directory.path().string() << "'"
            << std::endl;
  const char* why = wait_for_end();
  std::cerr << why << ", stopping\n";
  lab.stop();
  return 0;
}

}  // namespace bdrmesh::lab::app
