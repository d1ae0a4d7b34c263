// What journaling and restarting cost: the state store and the runner on a real disk. Prints
// numbers; docs/benchmarks.md says what they should be. Usage: state_bench [FOLDER] [SCALE%]
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

#include "bench/numbers.h"
#include "engine/runner.h"
#include "store/state_store.h"
#include "unit/engine/toy_world.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

namespace fs = std::filesystem;
using bench::Times;

constexpr int kWaiting = 200;
const SystemClock kClock;

/// Of the size of a real one: six stages on two clusters.
Plan plan_of(int number, std::size_t steps_per_stage = 2) {
  PlanBuilder plan("bench", "operation " + std::to_string(number));
  plan.lock("table:" + std::to_string(number));
  for (int stage = 0; stage < 6; ++stage) {
    plan.stage("stage " + std::to_string(stage));
    for (std::size_t i = 0; i < steps_per_stage; ++i) {
      plan.step(toy::set("thing " + std::to_string(stage) + "." + std::to_string(i),
                         i % 2 == 0 ? "east" : "west"));
    }
  }
  return plan.build();
}

OperationRecord operation_of(int number) {
  const Plan plan = plan_of(number);
  OperationRecord record;
  record.id = "op" + std::to_string(number);
  record.kind = plan.kind;
  record.title = plan.title;
  record.plan = to_json(plan);
  record.requested_by = "bench";
  record.created = kClock.now();
  return record;
}

/// What one tick of a stage on two clusters changes.
TickWrite tick_of(const OperationRecord& operation, int number) {
  TickWrite tick;
  tick.operation = operation.id;
  for (const char* cluster : {"east", "west"}) {
    const std::string id = "0." + std::string(cluster);
    tick.steps.push_back({operation.id, id, std::string("close_gate:") + cluster, StepState::done,
                          kClock.now(), kClock.now(), ""});
    tick.facts.push_back({operation.id, "fence", cluster, false, id, number});
    for (int i = 0; i < 4; ++i) {
      tick.calls.push_back({operation.id, id, "verify", kClock.now(), "tidb east 10.0.0.4:4000",
                            "read open transactions", Millis{12}, "ok", 7});
    }
  }
  tick.events = {{0, kClock.now(), "info", operation.id, "", "stage 'fence' begins"}};
  tick.header = operation;
  tick.header->state = OperationState::running;
  return tick;
}

/// The least a durable write can cost here: one page appended and synced.
void bare_sync(int fd) {
  static const std::string page(4096, 'x');
  if (::write(fd, page.data(), page.size()) != static_cast<ssize_t>(page.size()) ||
      ::fdatasync(fd) != 0) {
    std::perror("bare sync");
    std::exit(1);
  }
}

void measure_journal(const std::string& folder, int ticks) {
  const auto store = StateStore::open({folder + "/journal.db", {}, "bench"});
  const OperationRecord operation = operation_of(0);
  store->add_operation(operation, {}, {});
  const int fd = ::open((folder + "/bare").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  Times journal;
  Times bare;
  for (int i = 0; i < ticks; ++i) {
    const TickWrite tick = tick_of(operation, i);
    journal.measure([&] { store->write_tick(tick); });
    bare.measure([&] { bare_sync(fd); });
  }
  ::close(fd);
  bare.tell("bare write and fdatasync of 4 KiB");
  journal.tell("journal: one stage tick, synchronous=FULL", 2);
}

void fill(StateStore& store, int operations, int events_each) {
  for (int i = 0; i < operations; ++i) {
    const OperationRecord operation = operation_of(i);
    std::vector<StepRecord> steps;
    for (int step = 0; step < 12; ++step) {
      steps.push_back({operation.id,
                       std::to_string(step / 2) + "." + std::to_string(step % 2),
                       "set:thing",
                       StepState::pending,
                       {},
                       {},
                       ""});
    }
    store.add_operation(operation, {}, steps);
    TickWrite tick = tick_of(operation, i);
    for (int event = 1; event < events_each; ++event) {
      tick.events.push_back({0, kClock.now(), "info", operation.id, "east",
                             "stage 'settle' begins, number " + std::to_string(event)});
    }
    tick.header->state = OperationState::succeeded;
    tick.header->ended = kClock.now();
    store.write_tick(tick);
  }
}

void measure_lists(const std::string& path, int operations, int events_each) {
  const auto store = StateStore::open({path, {}, "bench"});
  const auto began = std::chrono::steady_clock::now();
  fill(*store, operations, events_each);
  std::printf("filled with %d operations and %d events in %.0f s, %.0f MiB\n", operations,
              operations * events_each,
              bench::Ms(std::chrono::steady_clock::now() - began).count() / 1000,
              static_cast<double>(fs::file_size(path)) / 1048576.0);
  const std::string middle = "op" + std::to_string(operations / 2);
  const auto told = [](const std::string& name, const std::function<void()>& read) {
    Times times;
    for (int i = 0; i < 200; ++i) times.measure(read);
    times.tell(name, 20);
  };
  told("newest 50 operations (op list)", [&] { (void)store->operation_headers(50); });
  told("newest 100 operations", [&] { (void)store->operation_headers(100); });
  told("newest 50 operations with their plans and steps", [&] {
    for (const auto& operation : store->operations(50)) (void)store->steps(operation.id);
  });
  told("one operation with its steps, facts and events (op show)",
       [&] { (void)store->whole_operation(middle); });
  told("unfinished operations", [&] { (void)store->unfinished_operations(); });
  told("newest 100 events", [&] { (void)store->newest_events(100); });
  told("the events of one operation", [&] { (void)store->operation_events(middle); });
  told("the calls of one operation", [&] { (void)store->calls(middle); });
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long threads() {
  const fs::directory_iterator tasks("/proc/self/task");
  return std::distance(fs::begin(tasks), fs::end(tasks));
}

double cpu_percent_over(std::chrono::seconds time) {
  const double before = cpu_seconds();
  std::this_thread::sleep_for(time);
  return 100 * (cpu_seconds() - before) / static_cast<double>(time.count());
}

void wait_for_growing_polls() { std::this_thread::sleep_for(std::chrono::seconds(5)); }

void measure_waiting(const std::string& folder) {
  toy::World world;
  world.behaviour("thing 0.0").verify = [](StepContext&) { return not_yet("a link to catch up"); };
  const StepRegistry registry = world.registry();
  const auto store = StateStore::open({folder + "/waiting.db", {}, "bench"});
  Runner runner(*store, registry, kClock);
  runner.start();
  const long before = threads();
  for (int i = 0; i < kWaiting; ++i) runner.submit({plan_of(i, 1), "", "bench"});
  wait_for_growing_polls();
  bench::tell_number("CPU of 200 operations that wait for a cluster",
                     cpu_percent_over(std::chrono::seconds(10)), "% of a core", 1);
  // Those of the one lane they share, whatever their number.
  bench::tell_number("threads more than without them", static_cast<double>(threads() - before), "",
                     2);
}

void measure_queued(const std::string& folder) {
  toy::World world;
  world.behaviour("hold").verify = [](StepContext&) { return not_yet("the end"); };
  const StepRegistry registry = world.registry();
  const auto store = StateStore::open({folder + "/queued.db", {}, "bench"});
  Runner runner(*store, registry, kClock);
  runner.start();
  PlanBuilder hold("bench", "hold");
  hold.lock("cluster:east").stage("hold").step(toy::set("hold"));
  runner.submit({hold.build(), "", ""});
  for (int i = 0; i < kWaiting; ++i) {
    PlanBuilder plan("bench", "queued " + std::to_string(i));
    plan.lock("cluster:east").stage("one").step(toy::set("thing"));
    SubmitRequest request{plan.build(), "", ""};
    request.queue = true;
    runner.submit(request);
  }
  wait_for_growing_polls();
  bench::tell_number("CPU of 200 operations in the queue for a lock",
                     cpu_percent_over(std::chrono::seconds(10)), "% of a core", 1);
}

/// From opening the file to the first call of a step, and to one of every operation under way.
void measure_restart(const std::string& path, int runs) {
  Times first;
  Times all;
  for (int run = 0; run <= runs; ++run) {
    std::atomic<int> called = 0;
    toy::World world;
    world.behaviour("thing 0.0").verify = [&](StepContext&) {
      ++called;
      return not_yet("a link to catch up");
    };
    const StepRegistry registry = world.registry();
    const auto restart = [&](const std::function<void(Runner&)>& then) {
      const auto store = StateStore::open({path, {}, "bench"});
      Runner runner(*store, registry, kClock);
      runner.start();
      then(runner);
    };
    const auto until = [&](int calls) {
      while (called < calls) std::this_thread::sleep_for(std::chrono::microseconds(200));
    };
    if (run == 0) {
      restart([&](Runner& runner) {
        for (int i = 0; i < kWaiting; ++i) runner.submit({plan_of(1'000'000 + i, 1), "", "bench"});
        until(kWaiting);
      });
      continue;
    }
    const auto began = std::chrono::steady_clock::now();
    restart([&](Runner&) {
      until(1);
      first.add(std::chrono::steady_clock::now() - began);
      until(kWaiting);
      all.add(std::chrono::steady_clock::now() - began);
    });
  }
  first.tell("restart to the first call of a step", 1000);
  all.tell("restart to a call of each of 200 operations");
}

int run(const std::string& folder, int scale) {
  Times::tell_header();
  measure_journal(folder, 20 * scale);
  measure_lists(folder + "/big.db", 50 * scale, 200);
  measure_restart(folder + "/big.db", 10);
  measure_waiting(folder);
  measure_queued(folder);
  return 0;
}

}  // namespace
}  // namespace bdrmesh

int main(int argc, char** argv) {
  const bdrmesh::TemporaryFolder temporary;
  const std::string folder = argc > 1 ? argv[1] : temporary.file("");
  const int scale = argc > 2 ? std::atoi(argv[2]) : 100;
  return bdrmesh::run(folder, scale);
}
