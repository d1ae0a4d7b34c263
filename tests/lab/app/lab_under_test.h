// A bdrmesh-lab process and its commands, as a person would use them. Ends with the test, whatever
// happens. One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "base/json.h"

namespace bdrmesh::lab::app {

struct Ran {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs a program to its end.
Ran run_program(const std::vector<std::string>& argv);
/// Polls `condition` until it holds or ten seconds passed. @return whether it held.
bool eventually(const std::function<bool()>& condition);

class LabUnderTest {
 public:
  /// Starts `bdrmesh-lab up` in `directory` (a fresh one when empty) and waits until it says so.
  explicit LabUnderTest(std::vector<std::string> up_arguments = {},
                        const std::filesystem::path& directory = {});
  ~LabUnderTest();
  LabUnderTest(const LabUnderTest&) = delete;
  LabUnderTest& operator=(const LabUnderTest&) = delete;

  const std::filesystem::path& directory() const { return directory_; }
  pid_t pid() const { return pid_; }
  bool is_up() const { return up_; }
  /// What it has printed so far.
  std::string output() const;
  /// lab.json
  Json json() const;
  Json cluster(std::size_t index) const;

  /// `bdrmesh-lab WORDS --dir ...`
  Ran lab(std::vector<std::string> words) const;
  /// The first field of the statement's answer, or `ERROR code`.
  std::string sql(const std::string& cluster, const std::string& statement,
                  const std::string& user = "dba", int server = 1) const;
  Ran fault(std::vector<std::string> words) const;
  /// Creates the changefeed `t-FROM-to-TO` over app.* in bdr mode. @return its answer's status.
  int create_feed(const std::string& from, const std::string& to) const;
  /// Waits for the process; kills it after ten seconds. @return exit code or 128 + signal.
  int wait_for_end();

 private:
  std::filesystem::path directory_;
  std::filesystem::path log_;
  pid_t pid_ = -1;
  bool up_ = false;
  bool made_ = false;
};

/// Status and body of one HTTP request to 127.0.0.1.
struct HttpAnswer {
  int status = 0;
  std::string body;
};
HttpAnswer http(const std::string& method, const std::string& url, const std::string& body = "");

/// Processes whose parent is, or was, `pid` by their `ps` line: children of a lab.
std::vector<pid_t> children_of(pid_t pid);
bool is_running(pid_t pid);

}  // namespace bdrmesh::lab::app
