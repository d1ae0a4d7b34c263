// What the real `cdc` printed, and what ours does, in one form.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "lab/redo/cdc_tool.h"

namespace bdrmesh::lab {

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

inline Ran run(const std::vector<std::string>& args, const char* profile = "classic-8.5") {
  std::ostringstream out;
  std::ostringstream err;
  const SystemClock clock;
  const int code = run_cdc_tool(args, out, err, find_profile(profile), clock);
  return {code, out.str(), err.str()};
}

inline std::string read_data(const std::string& name) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/ticdc/" + name);
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

/// `exit code N`, then what stands behind the marks of stdout and stderr.
inline Ran recorded(const std::string& name) {
  const std::string text = read_data(name);
  const bool dashes = text.find("--- stdout\n") != std::string::npos;
  const std::string out_mark = dashes ? "--- stdout\n" : "stdout:\n";
  const std::string err_mark = dashes ? "--- stderr\n" : "stderr:\n";
  const std::size_t out = text.find(out_mark) + out_mark.size();
  const std::size_t err = text.find(err_mark);
  return {std::stoi(text.substr(10)), text.substr(out, err - out),
          text.substr(err + err_mark.size())};
}

/// Without what differs from run to run: times, blank lines at the end, and log lines that only the
/// real server's parts write.
inline std::string comparable(std::string text) {
  text = std::regex_replace(text, std::regex(R"(\[\d{4}/\d\d/\d\d [0-9:.]+ \+00:00\])"), "[time]");
  text = std::regex_replace(
      text,
      std::regex(
          R"(\[time\] \[\w+\] \[(config\.go:586|helper\.go|version\.go|conflict|file\.go|mysql_|redo\.go)[^\n]*\n)"),
      "");
  text = std::regex_replace(text, std::regex(R"(127\.0\.0\.1:\d+)"), "127.0.0.1:PORT");
  text = std::regex_replace(text, std::regex("mysql://[^@]+@"), "mysql://USER@");
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

inline void expect_as_recorded(const Ran& ran, const std::string& name) {
  const Ran real = recorded(name);
  EXPECT_EQ(ran.code, real.code) << name;
  EXPECT_EQ(comparable(ran.out), comparable(real.out)) << name;
  EXPECT_EQ(comparable(ran.err), comparable(real.err)) << name;
}

}  // namespace bdrmesh::lab
