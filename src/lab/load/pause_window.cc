#include "lab/load/pause_window.h"

#include <fstream>
#include <iomanip>
#include <map>
#include <sstream>

#include "base/json.h"
#include "lab/load/ledger.h"

namespace bdrmesh::lab::load {
namespace {

constexpr std::size_t kExamples = 5;

[[noreturn]] void bad_window(const std::string& why) {
  throw Error(ErrorKind::invalid, "BAD_WINDOW", why);
}

std::uint64_t tso_in(const std::string& text) {
  std::size_t used = 0;
  std::uint64_t tso = 0;
  try {
    tso = std::stoull(text, &used);
  } catch (const std::logic_error&) {
    used = 0;
  }
  if (used == 0 || used != text.size()) bad_window("'" + text + "' is no TSO");
  return tso;
}

/// A TSO is written as a number, as text (it does not fit a double), or as the member `tso`.
std::uint64_t tso_in(const Json& value) {
  if (value.is_object() && value.contains("tso")) return tso_in(value.at("tso"));
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  if (value.is_string()) return tso_in(value.get<std::string>());
  bad_window("no TSO in " + value.dump());
}

using Windows = std::map<std::string, PauseWindow>;

/// Facts are objects with name, scope and value, wherever they stand in the document.
void collect(const Json& node, Windows& windows) {
  if (node.is_object()) {
    const auto name = node.find("name");
    const auto scope = node.find("scope");
    if (name != node.end() && name->is_string() && scope != node.end() && scope->is_string() &&
        node.contains("value")) {
      if (*name == "fence") windows[*scope].fence = tso_in(node.at("value"));
      if (*name == "opening") windows[*scope].open = tso_in(node.at("value"));
    }
  }
  if (node.is_structured()) {
    for (const Json& child : node) collect(child, windows);
  }
}

}  // namespace

PauseWindow parse_window(const std::string& text) {
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos) bad_window("'" + text + "' is no CLUSTER:FENCE:OPEN");
  PauseWindow window{text.substr(0, first), tso_in(text.substr(first + 1, second - first - 1)),
                     tso_in(text.substr(second + 1))};
  if (window.fence >= window.open)
    bad_window("the fence of '" + text + "' is not before the opening");
  return window;
}

std::vector<PauseWindow> windows_of_operation(const std::filesystem::path& document) {
  std::ifstream in(document);
  if (!in) bad_window("cannot read " + document.string());
  std::ostringstream text;
  text << in.rdbuf();
  Windows windows;
  collect(parse_json(text.str(), document.string()), windows);
  std::vector<PauseWindow> all;
  for (auto& [cluster, window] : windows) {
    window.cluster = cluster;
    if (window.fence == 0 || window.open == 0) {
      bad_window("cluster '" + cluster + "' has no fact '" +
                 (window.fence == 0 ? "fence" : "opening") + "' in " + document.string());
    }
    all.push_back(window);
  }
  if (all.empty()) bad_window("no facts 'fence' and 'opening' in " + document.string());
  return all;
}

std::vector<WindowFindings> check_windows(const std::filesystem::path& ledger,
                                          const std::vector<PauseWindow>& windows) {
  std::vector<WindowFindings> findings;
  for (const PauseWindow& window : windows) findings.push_back({window, 0, 0, 0, 0, {}});
  read_ledger(ledger, [&findings](const LedgerEntry& entry) {
    if (entry.outcome != Outcome::committed) return;
    for (WindowFindings& found : findings) {
      if (found.window.cluster != entry.cluster) continue;
      if (entry.commit_ts == 0) {
        ++found.unplaced;
      } else if (entry.commit_ts <= found.window.fence) {
        ++found.before;
      } else if (entry.commit_ts >= found.window.open) {
        ++found.after;
      } else {
        ++found.inside;
        if (found.examples.size() < kExamples) {
          found.examples.push_back("commit_ts " + std::to_string(entry.commit_ts) + " on " +
                                   entry.server + " at " + to_rfc3339(entry.at));
        }
      }
    }
  });
  return findings;
}

std::string to_table(const std::vector<WindowFindings>& findings) {
  std::ostringstream out;
  out << std::left << std::setw(12) << "CLUSTER" << std::right << std::setw(9) << "BEFORE"
      << std::setw(15) << "INSIDE PAUSE" << std::setw(8) << "AFTER" << std::setw(10) << "UNPLACED"
      << "  VERDICT\n";
  for (const WindowFindings& found : findings) {
    out << std::left << std::setw(12) << found.window.cluster << std::right << std::setw(9)
        << found.before << std::setw(15) << found.inside << std::setw(8) << found.after
        << std::setw(10) << found.unplaced << "  "
        << (found.clean() ? "no commit inside" : "NOT PROVEN") << "\n";
    for (const std::string& example : found.examples) out << "  " << example << "\n";
  }
  return out.str();
}

}  // namespace bdrmesh::lab::load
