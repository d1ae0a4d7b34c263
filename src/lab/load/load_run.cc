#include "lab/load/load_run.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "base/error.h"
#include "lab/load/bystander.h"

namespace bdrmesh::lab::load {

namespace {

void require(bool holds, const char* rule) {
  if (!holds) throw Error(ErrorKind::invalid, "BAD_OPTION", rule);
}

void require_sound(const LoadOptions& options, bool nobody_alters) {
  require(options.writers >= 1 && options.writers <= 16, "between 1 and 16 writers per cluster");
  require(options.rate >= 0, "a rate is not negative");
  require(options.hot_keys >= 0 && options.hot_keys <= 200, "between 0 and 200 hot keys");
  require(options.shared_hot_keys >= 0 && options.shared_hot_keys <= 20,
          "between 0 and 20 shared hot keys");
  require(options.long_share >= 0 && options.long_share <= 1,
          "between 0 and 100 % long transactions");
  require(options.ddl_per_minute >= 0 && (options.ddl_per_minute == 0 || !nobody_alters),
          "DDL needs a rate that is not negative and a user who may alter tables");
}

}  // namespace

LoadRun::LoadRun(const Clock& clock, std::vector<LoadTarget> targets, const LoadOptions& options,
                 const std::filesystem::path& ledger, std::vector<LoadTarget> ddl_targets)
    : clock_(clock),
      targets_(std::move(targets)),
      ddl_targets_(std::move(ddl_targets)),
      options_(options),
      ledger_(ledger) {
  require_sound(options_, ddl_targets_.empty());
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    counts_.push_back(std::make_unique<WriterCounts>());
  }
}

LoadRun::~LoadRun() { stop(); }

void LoadRun::start() {
  const WallTime now = clock_.now();
  Millis pause{0};
  if (options_.rate > 0)
    pause = Millis{std::max(1L, std::lround(1000 * options_.writers / options_.rate))};
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    for (int number = 0; number < options_.writers; ++number) {
      const WriterOptions writer{number,
                                 pause,
                                 options_.ddl_safe,
                                 options_.seed + i * 16 + static_cast<std::uint64_t>(number),
                                 now,
                                 {options_.hot_keys, options_.shared_hot_keys},
                                 options_.long_share};
      threads_.emplace_back([this, i, writer](const std::stop_token& stop) {
        Writer(clock_, targets_[i], writer, ledger_, *counts_[i]).run(stop);
      });
    }
  }
  if (options_.ddl_per_minute <= 0) return;
  const Millis between{std::lround(60'000 / options_.ddl_per_minute)};
  for (const LoadTarget& target : ddl_targets_) {
    threads_.emplace_back([this, &target, between](const std::stop_token& stop) {
      alter_on_and_on(clock_, target, between, stop);
    });
  }
}

void LoadRun::stop() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

std::vector<LoadRun::ClusterCounts> LoadRun::counts() const {
  std::vector<ClusterCounts> all;
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    all.push_back({targets_[i].cluster, counts_[i]->values()});
  }
  return all;
}

std::string to_table(const std::vector<LoadRun::ClusterCounts>& counts) {
  std::ostringstream out;
  out << std::left << std::setw(12) << "CLUSTER" << std::right << std::setw(11) << "COMMITTED"
      << std::setw(9) << "REFUSED" << std::setw(9) << "UNKNOWN" << std::setw(7) << "LOST"
      << std::setw(17) << "LONGEST SILENCE"
      << "  REFUSALS BY CODE\n";
  for (const auto& [cluster, values] : counts) {
    std::uint64_t refused = 0;
    std::string codes;
    for (const auto& [code, count] : values.refused) {
      refused += count;
      codes += " " + std::to_string(code) + "x" + std::to_string(count);
    }
    out << std::left << std::setw(12) << cluster << std::right << std::setw(11) << values.committed
        << std::setw(9) << refused << std::setw(9) << values.unknown << std::setw(7)
        << values.connections_lost << std::setw(14) << values.longest_silence.count() << " ms "
        << codes << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::load
