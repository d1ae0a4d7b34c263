#include "lab/app/foreground.h"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/json.h"
#include "lab/app/control.h"
#include "lab/app/lab_api.h"
#include "lab/app/run_directory.h"
#include "lab/core/turnable_clock.h"
#include "lab/http/http_server.h"
#include "lab/site/lab.h"
#include "lab/site/lab_files.h"

namespace bdrmesh::lab::app {
namespace {

/// The kernel tells us by SIGTERM, which we take as everybody's: clean up and end.
void follow_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have died before the call; then somebody else is our parent already.
  if (::getppid() == 1) ::raise(SIGTERM);
}

const char* wait_for_end() {
  sigset_t ends;
  sigemptyset(&ends);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&ends, number);
  int caught = 0;
  sigwait(&ends, &caught);
  return caught == SIGINT ? "interrupted" : caught == SIGHUP ? "terminal closed" : "asked to end";
}

/// The programs that a person next to the clusters would have on the PATH: this one, and TiCDC's.
void link_programs(const std::filesystem::path& bin) {
  std::filesystem::create_directories(bin);
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
  for (const char* name : {"cdc", "bdrmesh-lab"}) {
    std::filesystem::create_symlink(self, bin / name);
  }
}

/// Through the first tidb-server; the password stays in its file.
std::string mysql_line(const site::ClusterView& cluster) {
  const std::string& address = cluster.tidb.front();
  const std::size_t colon = address.rfind(':');
  return "MYSQL_PWD=$(cat '" + cluster.administrator.password_file.string() + "') mysql -h " +
         address.substr(0, colon) + " -P " + address.substr(colon + 1) + " -u " +
         cluster.administrator.name;
}

void greet(const site::LabView& lab, Millis took) {
  const std::string directory = "'" + lab.directory.string() + "'";
  const site::ClusterView& first = lab.clusters.front();
  std::cout << to_table(lab) << "up in " << took.count() << " ms\n"
            << "configuration  " << (lab.directory / "bdrmesh.toml").string() << "\n"
            << "faults         bdrmesh-lab fault list, or by HTTP " << lab.control << "/faults\n"
            << "programs       export BDRMESH_LAB=" << directory
            << " PATH=\"$BDRMESH_LAB/bin:$PATH\"\n"
            << "mysql          " << mysql_line(first) << "\n"
            << "stop with Ctrl-C or: bdrmesh-lab down --dir " << directory << std::endl;
}

}  // namespace

int run_in_foreground(site::LabOptions options, bool with_parent) {
  if (with_parent) follow_parent();
  const SystemClock system_clock;
  const MonoTime begin = system_clock.mono();
  RunDirectory directory(options.directory);
  if (directory.removed_leftovers()) {
    std::cerr << "removed what a lab that was killed had left in " << directory.path().string()
              << "\n";
  }
  // The parts put their own sockets below TMPDIR: there they are found even after a kill -9.
  ::setenv("TMPDIR", directory.short_path().c_str(), 1);

  options.scratch = directory.short_path();
  TurnableClock clock(system_clock);
  site::Lab lab(clock, options, directory.id());
  lab.start();
  LabApi api(lab);
  HttpServer http([&api](const HttpRequest& request, const std::stop_token&) {
    return api.answer_http(request);
  });
  http.start();
  // It listens before the files say so and answers after they are complete: who finds lab.json can
  // ask, and who is answered finds every file.
  ControlServer control(directory.short_path() / "ctl",
                        [&api](const Json& request) { return api.answer(request); });
  lab.announce_control("http://" + http.address());
  link_programs(directory.path() / "bin");
  write_lab_files(lab.view(), options.config_out);
  control.start();
  greet(lab.view(), std::chrono::duration_cast<Millis>(system_clock.mono() - begin));
  const char* why = wait_for_end();
  std::cerr << why << ", stopping\n";
  lab.stop();
  return 0;
}

}  // namespace bdrmesh::lab::app
