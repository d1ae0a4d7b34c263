#include "app/cli/name_prompt.h"

#include <gtest/gtest.h>
#include <sstream>

#include "base/error.h"

namespace bdrmesh {
namespace {

class NamePrompt : public ::testing::Test {
 protected:
  std::vector<std::string> answered(const std::string& lines) {
    std::istringstream in(lines);
    return typed_names({{"names", {"app.orders", "app.items"}}}, terminal_, in);
  }

  std::ostringstream data_;
  std::ostringstream said_;
  Terminal terminal_{data_, said_, true};
};

TEST_F(NamePrompt, AsksForEachName) {
  EXPECT_EQ(answered("app.orders\napp.items\n"),
            (std::vector<std::string>{"app.orders", "app.items"}));
  EXPECT_NE(said_.str().find("type app.orders"), std::string::npos) << said_.str();
  EXPECT_NE(said_.str().find("type app.items"), std::string::npos) << said_.str();
}

TEST_F(NamePrompt, EndsAtTheFirstLineThatIsAnotherName) {
  for (const char* lines : {"app.order\napp.items\n", "yes\n", "", "app.orders\n"}) {
    try {
      answered(lines);
      ADD_FAILURE() << "went on after: " << lines;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "NAME_NOT_TYPED");
    }
  }
}

}  // namespace
}  // namespace bdrmesh
