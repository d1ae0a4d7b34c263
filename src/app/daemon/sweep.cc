#include "app/daemon/sweep.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh {
namespace {

constexpr Millis kTick{60'000};
constexpr std::size_t kAtOnce = 4;
/// A table whose comparison failed waits so long, while others go on.
constexpr Millis kAgain{3600'000};

std::string quoted(const std::string& name) {
  std::string out = "`";
  for (const char c : name) out += c == '`' ? "``" : std::string(1, c);
  return out + "`";
}

}  // namespace

std::vector<TableName> due_tables(const std::vector<TableName>& all,
                                  const std::map<TableName, WallTime>& looked, WallTime now,
                                  Millis period, std::size_t most) {
  std::vector<std::pair<WallTime, TableName>> due;
  for (const TableName& table : all) {
    const auto found = looked.find(table);
    const WallTime last = found == looked.end() ? WallTime{} : found->second;
    if (now - last >= period * 9 / 10) due.emplace_back(last, table);
  }
  std::ranges::sort(due);
  if (due.size() > most) due.resize(most);
  std::vector<TableName> out;
  for (auto& [last, table] : due) out.push_back(std::move(table));
  return out;
}

std::string rule_of(const TableName& table) {
  return quoted(table.schema) + "." + quoted(table.table);
}

void Sweep::start() {
  if (parts_.desired.manager.sweep == Millis{0}) return;
  thread_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      turn();
      if (!parts_.clock.wait_for(kTick, stop)) return;
    }
  });
}

void Sweep::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void Sweep::turn() {
  for (const GroupSpec& group : parts_.desired.groups) {
    try {
      turn(group, parts_.clock.now());
    } catch (const Error& e) {
      // A person's verification runs, or the clusters do not answer: the next round tries again.
      const bool passing = e.kind() == ErrorKind::conflict || e.kind() == ErrorKind::cancelled ||
                           e.kind() == ErrorKind::transient || e.kind() == ErrorKind::ambiguous;
      const std::string text = e.code() + ": " + e.message();
      if (passing || text == trouble_) continue;
      trouble_ = text;
      parts_.events.tell({parts_.clock.now(), "warning", "group " + group.name.value(),
                          "its rows could not be compared by the sweep: " + text});
    }
  }
}

void Sweep::turn(const GroupSpec& group, WallTime now) {
  std::map<TableName, WallTime> looked = parts_.looked(group);
  for (const auto& [table, at] : tried_) {
    if (table.first != group.name || now - at >= kAgain) continue;
    looked[table.second] = std::max(looked[table.second], at);
  }
  const auto& manager = parts_.desired.manager;
  const std::vector<TableName> due =
      due_tables(parts_.tables(group), looked, now, manager.sweep, kAtOnce);
  if (due.empty()) return;
  Json rules = Json::array();
  for (const TableName& table : due) rules.push_back(rule_of(table));
  SubmitOperation request;
  request.kind = "verify.rows";
  request.args = {{"group", group.name.value()},
                  {"mode", "live"},
                  {"tables", rules},
                  {"readers", 1},
                  {"max_load", manager.sweep_load}};
  request.requested_by = "sweep";
  parts_.backend.submit(request);
  for (const TableName& table : due) tried_[{group.name, table}] = now;
}

}  // namespace bdrmesh
