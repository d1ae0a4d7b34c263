// Child processes of end-to-end tests: started with arguments, ended at the latest by the
// destructor. Not thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bdrmesh::e2e {

struct Finished {
  int exit_code = -1;  ///< 128 + signal when it was killed
  std::string out;
  std::string err;
  std::chrono::milliseconds took{0};
  std::string cut_short{};  ///< what it was doing when its limit was over; empty: ended by itself
};

/// For whoever must find out why: how it ended, after how long, and all it said.
std::string describe(const Finished& finished);

using Environment = std::map<std::string, std::string>;

/// Runs a program to its end; kills it after `limit` and fails the test then.
Finished run(const std::vector<std::string>& command, const Environment& more = {},
             std::chrono::seconds limit = std::chrono::seconds{90});

/// A program that goes on in the background, with both outputs in `log`.
class Background {
 public:
  Background(const std::vector<std::string>& command, std::string log,
             const Environment& more = {});
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  bool alive();
  void kill_now();  ///< SIGKILL, and waits
  int end();        ///< SIGTERM, waits up to 30 s; the exit code
  pid_t pid() const { return pid_; }
  std::string log() const;  ///< what it said so far

 private:
  int reap(bool block);
  pid_t pid_ = -1;
  int exit_code_ = -1;
  std::string log_;
};

/// Polls until `holds` or `limit`; false when it never did.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds limit = std::chrono::seconds{60});

}  // namespace bdrmesh::e2e
