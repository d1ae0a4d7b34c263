#include "lab/load/refusals.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <optional>
#include <sstream>

#include "lab/load/ledger.h"

namespace bdrmesh::lab::load {
namespace {

class Member {
 public:
  explicit Member(const std::string& cluster) { seen_.cluster = cluster; }

  void see(const LedgerEntry& entry) {
    last_ = std::max(last_, entry.at);
    if (entry.outcome == Outcome::committed) return end(entry.at);
    ++seen_.attempts;
    if (!began_) began_ = entry.at;
  }

  Refusals finish() {
    end(last_);
    return seen_;
  }

 private:
  void end(WallTime when) {
    if (!began_) return;
    const Millis lasted = std::max(Millis{0}, when - *began_);
    ++seen_.times;
    seen_.total += lasted;
    if (lasted > seen_.longest) {
      seen_.longest = lasted;
      seen_.longest_began = *began_;
    }
    began_.reset();
  }

  Refusals seen_;
  std::optional<WallTime> began_;
  WallTime last_{};
};

}  // namespace

std::vector<Refusals> refusals_in(const std::filesystem::path& ledger) {
  std::map<std::string, Member> members;
  read_ledger(ledger, [&members](const LedgerEntry& entry) {
    members.try_emplace(entry.cluster, entry.cluster).first->second.see(entry);
  });
  std::vector<Refusals> all;
  for (auto& [cluster, member] : members) all.push_back(member.finish());
  return all;
}

std::string to_table(const std::vector<Refusals>& all) {
  std::ostringstream out;
  out << std::left << std::setw(12) << "CLUSTER" << std::right << std::setw(9) << "ATTEMPTS"
      << std::setw(7) << "TIMES" << std::setw(17) << "LONGEST REFUSAL" << std::setw(12) << "IN ALL"
      << "  THE LONGEST BEGAN\n";
  for (const Refusals& one : all) {
    out << std::left << std::setw(12) << one.cluster << std::right << std::setw(9) << one.attempts
        << std::setw(7) << one.times << std::setw(14) << one.longest.count() << " ms"
        << std::setw(9) << one.total.count() << " ms  "
        << (one.times == 0 ? "-" : to_rfc3339(one.longest_began)) << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::load
