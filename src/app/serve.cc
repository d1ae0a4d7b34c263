#include "app/serve.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <pthread.h>
#include <set>
#include <signal.h>

#include "api/http_server.h"
#include "api/router.h"
#include "app/config/config.h"
#include "app/config/config_address.h"
#include "app/config/secrets.h"
#include "app/daemon/daemon.h"
#include "app/logging.h"
#include "app/manager_probe.h"
#include "app/take_over.h"

namespace bdrmesh {
namespace {

/// SIGINT and SIGTERM, held back in every thread started afterwards and waited for here.
class StopSignals {
 public:
  StopSignals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
    signal(SIGPIPE, SIG_IGN);
  }
  ~StopSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  int wait() const {
    int number = 0;
    sigwait(&set_, &number);
    return number;
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
};

/// Written beside and renamed, so that whoever waits for it never reads half a number.
void write_port_file(const std::string& path, std::uint16_t port) {
  const std::string beside = path + ".new";
  {
    std::ofstream file(beside, std::ios::trunc);
    file << port << "\n";
  }
  if (std::rename(beside.c_str(), path.c_str()) != 0) {
    throw Error(ErrorKind::precondition, "PORT_FILE_UNWRITABLE", "cannot write '" + path + "'",
                "name a file in a writable folder");
  }
}

HttpServerOptions listen_options(const std::string& listen) {
  // The configuration was checked: this parses.
  const HostPort address = parse_host_port(listen).value_or(HostPort{"127.0.0.1", 8440});
  HttpServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.asks_clusters = Router::asks_clusters;
  return options;
}

std::string shown_address(const std::string& host, std::uint16_t port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
         std::to_string(port);
}

Desired load_and_warn(const std::string& path) {
  ConfigResult result = read_config_file(path);
  for (const ConfigProblem& warning : result.warnings) log_warning(describe(warning, path));
  Desired desired = accepted(std::move(result), path);
  std::set<std::string> exposures;
  for (const ClusterSpec& cluster : desired.clusters) {
    exposures.insert(exposure_of(cluster.password));
    for (const ClusterSpec& origin : desired.clusters)
      exposures.insert(exposure_of(cluster.sink.password_for(origin.name)));
  }
  exposures.erase("");
  for (const std::string& exposure : exposures) log_warning(exposure);
  return desired;
}

/// Events say nothing secret: what servers answered was masked before it became one.
void log_event(const EventRecord& event) {
  std::string text = event.operation.empty() ? "" : event.operation + ": ";
  if (!event.subject.empty()) text += event.subject + ": ";
  text += event.text;
  if (event.severity == "alarm") {
    log_error(text);
  } else if (event.severity == "warning") {
    log_warning(text);
  } else {
    log_info(text);
  }
}

/// Tells the server's streams that an event was stored. Thread-safe; silent until `hang` and after
/// its own end.
class Bell {
 public:
  void hang(HttpServer* server) {
    const std::lock_guard lock(mutex_);
    server_ = server;
  }
  void ring() {
    const std::lock_guard lock(mutex_);
    if (server_ != nullptr) server_->wake_streams();
  }

 private:
  std::mutex mutex_;  // guards server_
  HttpServer* server_ = nullptr;
};

/// The bell hangs as long as this lives.
struct HungBell {
  HungBell(Bell& hung, HttpServer& server) : bell(hung) { bell.hang(&server); }
  ~HungBell() { bell.hang(nullptr); }
  HungBell(const HungBell&) = delete;
  HungBell& operator=(const HungBell&) = delete;
  Bell& bell;
};

void take_over_first(const Desired& desired, const ServeOptions& options) {
  Terminal terminal(std::cout, std::cerr, false);
  TakeOverOptions how;
  how.manager_is_dead = options.manager_is_dead;
  how.ask = [&](const std::string& question) {
    if (!options.confirm.empty()) return options.confirm;
    std::cerr << question << std::flush;
    std::string typed;
    std::getline(std::cin, typed);
    return typed;
  };
  take_over_clusters(desired, how, terminal);
}

}  // namespace

ExitCode serve(const ServeOptions& options) {
  const Desired desired = load_and_warn(options.config);
  // Starts no thread, and Ctrl-C at its question must end it.
  if (options.take_over) take_over_first(desired, options);
  const StopSignals signals;
  Bell bell;
  const std::unique_ptr<Daemon> daemon = make_daemon(desired, [&bell](const EventRecord& event) {
    log_event(event);
    bell.ring();
  });
  const Router router(daemon->backend());
  const HttpServerOptions listen = listen_options(desired.manager.listen);
  HttpServer server(listen,
                    [&router](const ApiRequest& request) { return router.answer(request); });
  const HungBell hung(bell, server);
  // Listening comes first: what this daemon notes on the clusters says where it answers.
  server.start();
  daemon->answers_at(own_address(shown_address(listen.host, server.port())));
  daemon->start();
  if (!options.port_file.empty()) write_port_file(options.port_file, server.port());
  std::cerr << "listening on " + shown_address(listen.host, server.port()) + "\n" << std::flush;
  const int number = signals.wait();
  log_info("stopping after signal " + std::to_string(number));
  daemon->stop_asking();
  server.stop();
  daemon->stop();
  log_info("stopped");
  return ExitCode::done;
}

}  // namespace bdrmesh
