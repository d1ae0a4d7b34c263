#include "app/hooks/real_redo_tool.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <unistd.h>

#include "app/hooks/child_process.h"
#include "base/error.h"
#include "base/random_id.h"

namespace bdrmesh {
namespace {

/// What the tool needs of ours: where it finds programs, and how it reaches the storage.
std::map<std::string, std::string> environment() {
  static constexpr std::array kPassed{"PATH",
                                      "HOME",
                                      "AWS_ACCESS_KEY_ID",
                                      "AWS_SECRET_ACCESS_KEY",
                                      "AWS_SESSION_TOKEN",
                                      "AWS_REGION",
                                      "AWS_PROFILE",
                                      "GOOGLE_APPLICATION_CREDENTIALS",
                                      "http_proxy",
                                      "https_proxy",
                                      "no_proxy"};
  std::map<std::string, std::string> passed;
  for (const char* name : kPassed) {
    if (const char* value = std::getenv(name)) passed[name] = value;
  }
  return passed;
}

/// The tool empties its temporary directory before it begins: one of its own, gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder()
      : path_(std::filesystem::temp_directory_path() / "bdrmesh-redo" / random_id(12)) {
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// The line that tells the failure, else the end of what was printed.
std::string last_words(const ChildEnd& end, const std::string& secret) {
  std::string text = end.output;
  for (std::size_t at = 0; !secret.empty() && (at = text.find(secret)) != std::string::npos;)
    text.replace(at, secret.size(), "xxxxx");
  if (const std::size_t error = text.find("Error: "); error != std::string::npos) {
    text = text.substr(error, text.find('\n', error) - error);
  }
  static constexpr std::size_t kLongest = 400;
  if (text.size() > kLongest) text = "…" + text.substr(text.size() - kLongest);
  for (char& c : text) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  if (end.timed_out) return "it took too long; " + text;
  if (!end.cannot_start.empty()) return end.cannot_start;
  return text;
}

}  // namespace

std::optional<flows::RedoPositions> redo_positions_in(const std::string& output) {
  static const std::regex kForm(R"(checkpoint-ts:(\d+), resolved-ts:(\d+))");
  std::smatch found;
  if (!std::regex_search(output, found, kForm)) return std::nullopt;
  return flows::RedoPositions{parse_tso(found[1].str()), parse_tso(found[2].str())};
}

std::string RealRedoTool::fault() {
  if (program_.empty()) return "no [manager] cdc is configured";
  return fault_of_program(program_);
}

flows::RedoPositions RealRedoTool::positions(const std::string& storage, const Call& limits) {
  const TemporaryFolder folder;
  ChildCall child;
  child.argv = {program_, "redo", "meta", "--storage", storage, "--tmp-dir", folder.path()};
  child.environment = environment();
  child.limit = Millis{20'000};
  child.longest_output = 16'384;
  const ChildEnd end = run_child(
      child, [](const std::string&) {}, limits, clock_);
  if (end.stopped) throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop");
  const auto seen = redo_positions_in(end.output);
  if (end.status == 0 && seen) return *seen;
  const std::string words = last_words(end, "");
  if (end.timed_out) throw Error(ErrorKind::transient, "REDO_UNREADABLE", words);
  if (end.output.find("ErrRedoMetaFileNotFound") != std::string::npos) {
    throw Error(ErrorKind::precondition, "NO_REDO_LOG", "there is no redo log below " + storage,
                "check [group.redo] storage; --changefeed ID names another feed; --without-redo "
                "goes on without the log");
  }
  throw Error(
      ErrorKind::precondition, "REDO_UNREADABLE",
      "cdc redo meta could not read " + storage + ": " + words,
      "run it by hand: " + program_ + " redo meta --storage " + storage + " --tmp-dir /tmp/redo");
}

std::string RealRedoTool::apply(const std::string& storage, const Secret& sink_uri,
                                const std::function<void(const std::string&)>& begun,
                                const Call& limits) {
  const TemporaryFolder folder;
  ChildCall child;
  // The password in this URI lives as long as this process: its user is dropped afterwards.
  child.argv = {
      program_,    "redo",        "apply",      "--storage",       storage,
      "--tmp-dir", folder.path(), "--sink-uri", sink_uri.reveal(), "--enable-profiling=false"};
  child.environment = environment();
  child.limit = Millis{6LL * 3600 * 1000};
  child.longest_output = 16'384;
  const ChildEnd end = run_child(child, begun, limits, clock_);
  if (end.stopped) throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop");
  const std::string words = last_words(end, sink_uri.reveal());
  if (end.status == 0 && end.output.find("Apply redo log successfully") != std::string::npos)
    return "Apply redo log successfully";
  throw Error(ErrorKind::transient, "REDO_APPLY_FAILED", "cdc redo apply: " + words,
              "it can be repeated; bdrmesh op show tells what it says each time");
}

void RealRedoTool::end_leftover(const std::string& mark) { end_child(mark); }

}  // namespace bdrmesh
