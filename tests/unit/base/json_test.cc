// Readers of JSON: what is missing or of another type fails with our Error, never with another.
#include "base/json.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

template <class Read>
void expect_bad_json(Read read, const std::string& named) {
  try {
    read();
    FAIL() << "accepted, should have named " << named;
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid);
    EXPECT_EQ(error.code(), "BAD_JSON");
    EXPECT_NE(error.message().find(named), std::string::npos) << error.message();
  }
}

TEST(ParseJson, ReadsAnyValue) {
  EXPECT_EQ(parse_json(R"({"a":[1,null]})", "x").at("a").size(), 2U);
  EXPECT_EQ(parse_json("7", "x"), 7);
}

TEST(ParseJson, NamesWhatIsNoJson) {
  for (const char* text : {"", "{", "{\"a\":1} x", "\xff"})
    expect_bad_json([&] { parse_json(text, "the answer of PD"); }, "the answer of PD");
}

TEST(GetRequired, ReadsTheMember) {
  EXPECT_EQ(get_required<int>({{"n", 7}}, "n"), 7);
  EXPECT_EQ(get_required<std::string>({{"s", ""}}, "s"), "");
}

TEST(GetRequired, NamesTheMemberThatIsMissingOrOfAnotherType) {
  expect_bad_json([] { get_required<int>({{"n", 7}}, "m"); }, "'m'");
  expect_bad_json([] { get_required<int>({{"n", "7"}}, "n"); }, "'n'");
  expect_bad_json([] { get_required<std::string>({{"n", nullptr}}, "n"); }, "'n'");
  expect_bad_json([] { get_required<int>(Json::array({1}), "n"); }, "'n'");
  expect_bad_json([] { get_required<int>(Json(), "n"); }, "'n'");
}

TEST(GetOr, FallsBackWhenTheMemberIsAbsentOrNull) {
  EXPECT_EQ(get_or({{"n", 7}}, "n", 1), 7);
  EXPECT_EQ(get_or({{"n", 7}}, "m", 1), 1);
  EXPECT_EQ(get_or({{"n", nullptr}}, "n", 1), 1);
}

TEST(GetOr, FallsBackForWhatIsNoObject) {
  EXPECT_EQ(get_or(Json(), "n", 1), 1);
  EXPECT_EQ(get_or(Json::array({1}), "n", 1), 1);
  EXPECT_EQ(get_or(Json("text"), "n", 1), 1);
}

TEST(GetOr, DoesNotFallBackForAnotherType) {
  expect_bad_json([] { get_or({{"n", "7"}}, "n", 1); }, "'n'");
  expect_bad_json([] { get_or<std::string>({{"n", 7}}, "n", ""); }, "'n'");
  expect_bad_json([] { get_or({{"b", 1}}, "b", false); }, "'b'");
}

}  // namespace
}  // namespace bdrmesh
