// Cases of one recorded answer each: bring a node into the situation, ask the same, compare.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "lab/cdc/api_world.h"

namespace bdrmesh::lab {

inline constexpr const char* kJsonType = "application/json; charset=utf-8";
inline constexpr const char* kPlainType = "text/plain; charset=utf-8";

struct RecordedCase {
  std::string name;  ///< of the file, between family and extension
  int status = 200;
  std::function<HttpAnswer(ApiWorld&)> ask;
  std::string type = kJsonType;
};

inline std::ostream& operator<<(std::ostream& out, const RecordedCase& recorded) {
  return out << recorded.name;
}

/// gtest's name of a case: letters and digits.
inline std::string case_name(const ::testing::TestParamInfo<RecordedCase>& info) {
  std::string out;
  bool upper = true;
  for (const char c : info.param.name) {
    if (c == '-' || c == '_') {
      upper = true;
    } else {
      out += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  return out;
}

/// Asks, and compares status, content type and body with the file.
inline void expect_recorded(ApiWorld& world, const RecordedCase& recorded,
                            const std::string& file) {
  const HttpAnswer answer = recorded.ask(world);
  EXPECT_EQ(answer.status, recorded.status) << answer.body;
  EXPECT_EQ(answer.content_type, recorded.type);
  EXPECT_TRUE(is_like(answer.body, file));
}

}  // namespace bdrmesh::lab
