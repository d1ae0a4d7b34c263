// Tests that run once per kind of operation.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "flows/every_kind/kind_cases.h"

namespace bdrmesh::flows {

inline std::vector<std::string> names_of_cases() {
  std::vector<std::string> names;
  for (const KindCase& one : kind_cases()) names.push_back(one.name);
  return names;
}

/// "ddl.run paused" as part of a test's name.
inline std::string kind_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace_if(
      name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

class EveryKindTest : public testing::TestWithParam<std::string> {
 protected:
  const KindCase& kind() const { return kind_case(GetParam()); }
};

}  // namespace bdrmesh::flows
