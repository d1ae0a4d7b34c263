#include "base/error.h"

#include <gtest/gtest.h>
#include <set>
#include <string>

namespace bdrmesh {
namespace {

constexpr ErrorKind kAll[] = {ErrorKind::transient,    ErrorKind::ambiguous, ErrorKind::conflict,
                              ErrorKind::precondition, ErrorKind::invalid,   ErrorKind::cancelled,
                              ErrorKind::bug};

TEST(ErrorKind, HasAWordOfItsOwnThatReadsBack) {
  std::set<std::string> words;
  for (const ErrorKind kind : kAll) {
    const std::string word(to_string(kind));
    EXPECT_TRUE(words.insert(word).second) << word;
    EXPECT_EQ(error_kind_from(word), kind) << word;
  }
}

TEST(ErrorKind, RefusesAWordThatNamesNone) {
  for (const char* word : {"", "Transient", "transient ", "fatal"}) {
    try {
      error_kind_from(word);
      FAIL() << word;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::bug);
      EXPECT_EQ(error.code(), "UNKNOWN_ERROR_KIND");
    }
  }
}

TEST(Error, CarriesKindCodeMessageAndRemedy) {
  const Error error(ErrorKind::precondition, "GATE_TAKEN", "held by 7", "bdrmesh gate list");
  EXPECT_EQ(error.kind(), ErrorKind::precondition);
  EXPECT_EQ(error.code(), "GATE_TAKEN");
  EXPECT_EQ(error.message(), "held by 7");
  EXPECT_STREQ(error.what(), "held by 7");
  EXPECT_EQ(error.remedy(), "bdrmesh gate list");
}

TEST(Error, NeedsNoRemedy) { EXPECT_TRUE(Error(ErrorKind::bug, "X", "y").remedy().empty()); }

}  // namespace
}  // namespace bdrmesh
