#include "lab/load/load_run.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "base/error.h"

namespace bdrmesh::lab::load {

LoadRun::LoadRun(const Clock& clock, std::vector<LoadTarget> targets, const LoadOptions& options,
                 const std::filesystem::path& ledger)
    : clock_(clock), targets_(std::move(targets)), options_(options), ledger_(ledger) {
  if (options_.writers < 1 || options_.writers > 16) {
    throw Error(ErrorKind::invalid, "BAD_OPTION", "between 1 and 16 writers per cluster");
  }
  if (options_.rate < 0) throw Error(ErrorKind::invalid, "BAD_OPTION", "a rate is not negative");
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
      const WriterOptions writer{number, pause, options_.ddl_safe,
                                 options_.seed + i * 16 + static_cast<std::uint64_t>(number), now};
      threads_.emplace_back([this, i, writer](const std::stop_token& stop) {
        Writer(clock_, targets_[i], writer, ledger_, *counts_[i]).run(stop);
      });
    }
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
