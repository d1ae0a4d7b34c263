#include "model/tso.h"

#include <gtest/gtest.h>
#include <limits>
#include <sstream>

#include "base/error.h"

namespace bdrmesh {
namespace {

TEST(Tso, SplitsIntoMillisecondsAndACounter) {
  const Tso tso((std::uint64_t{1'790'000'000'123} << 18) | 77U);
  EXPECT_EQ(to_millis(tso.time()), 1'790'000'000'123);
  EXPECT_EQ(tso.logical(), 77U);
}

TEST(Tso, KeepsAllEighteenBitsOfTheCounter) {
  EXPECT_EQ(Tso(0x3ffff).logical(), 0x3ffffU);
  EXPECT_EQ(to_millis(Tso(0x3ffff).time()), 0);
  EXPECT_EQ(Tso(0x40000).logical(), 0U);
  EXPECT_EQ(to_millis(Tso(0x40000).time()), 1);
}

TEST(Tso, AtAMomentIsTheFirstOfItsMillisecond) {
  const WallTime moment = from_millis(1'790'000'000'123);
  EXPECT_EQ(Tso::at(moment).time(), moment);
  EXPECT_EQ(Tso::at(moment).logical(), 0U);
  EXPECT_LT(Tso(Tso::at(moment).value() - 1).time(), moment);
}

TEST(Tso, IsOrderedByTimeThenCounter) {
  const Tso tso = Tso::at(from_millis(1000));
  EXPECT_LT(tso, Tso(tso.value() + 1));
  EXPECT_LT(Tso(tso.value() + 0x3ffff), Tso::at(from_millis(1001)));
  EXPECT_FALSE(Tso().is_set());
  EXPECT_TRUE(tso.is_set());
}

TEST(Tso, ReadsBackWhatItPrints) {
  for (const std::uint64_t value : {std::uint64_t{0}, std::uint64_t{458712039481344001U},
                                    std::numeric_limits<std::uint64_t>::max()}) {
    EXPECT_EQ(parse_tso(to_string(Tso(value))), Tso(value));
    std::ostringstream out;
    out << Tso(value);
    EXPECT_EQ(out.str(), to_string(Tso(value)));
  }
}

TEST(Tso, RefusesWhatIsNoUnsignedInteger) {
  for (const char* text : {"", "-1", " 1", "1 ", "1.0", "0x10", "18446744073709551616", "now"}) {
    try {
      parse_tso(text);
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::invalid);
      EXPECT_EQ(error.code(), "BAD_TSO");
    }
  }
}

TEST(Lag, IsTheDistanceOfThePhysicalHalves) {
  const Tso behind(Tso::at(from_millis(1000)).value() + 9);
  EXPECT_EQ(lag_between(behind, Tso::at(from_millis(3500))), Millis{2500});
}

TEST(Lag, IsNeverNegative) {
  const Tso now = Tso::at(from_millis(3500));
  EXPECT_EQ(lag_between(now, now), Millis{0});
  EXPECT_EQ(lag_between(Tso(now.value() + 1), now), Millis{0});
  EXPECT_EQ(lag_between(Tso::at(from_millis(9000)), now), Millis{0});
}

}  // namespace
}  // namespace bdrmesh
