// How far behind links were: rolled up, dropped in time, and small enough for years.
#include <filesystem>
#include <gtest/gtest.h>

#include "store/state_store.h"
#include "unit/store/temporary_folder.h"

namespace bdrmesh {
namespace {

constexpr Millis kMinute{60'000};
constexpr Millis kQuarter{900'000};
constexpr Millis kHour{3'600'000};
/// The begin of an hour.
const WallTime kStart = from_millis(1'790'000'000'000 - 1'790'000'000'000 % 3'600'000);

LagRecord minute(std::int64_t number, std::int64_t most = 700, const std::string& to = "west") {
  return {"orders",          "east", to,        kStart + kMinute * number, kMinute, Millis{most},
          Millis{most * 30}, 60,     number % 7};
}

std::vector<LagRecord> all(const StateStore& store, Millis span, const std::string& to = "west") {
  return store.lags("orders", "east", to, span, from_millis(0));
}

/// Every minute of so many days, in batches as big as a day.
void watch(StateStore& store, std::int64_t from_day, std::int64_t to_day) {
  for (std::int64_t day = from_day; day < to_day; ++day) {
    std::vector<LagRecord> batch;
    for (std::int64_t i = 0; i < 1440; ++i) batch.push_back(minute(day * 1440 + i));
    store.add_lags(batch);
  }
}

TEST(LagHistory, GivesBackMinutesAsTheyWereAdded) {
  const auto store = StateStore::in_memory();
  store->add_lags({minute(0, 700), minute(1, 900)});
  const auto found = all(*store, kMinute);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].at, kStart);
  EXPECT_EQ(found[1].most, Millis{900});
  EXPECT_EQ(found[1].sum, Millis{27'000});
  EXPECT_EQ(found[1].samples, 60);
  EXPECT_EQ(found[1].standing, 1);
}

TEST(LagHistory, RollsMinutesUpToQuartersAndHours) {
  const auto store = StateStore::in_memory();
  for (std::int64_t i = 0; i < 75; ++i) store->add_lags({minute(i, 100 + i)});
  const auto quarters = all(*store, kQuarter);
  ASSERT_EQ(quarters.size(), 5U);
  EXPECT_EQ(quarters[0].at, kStart);
  EXPECT_EQ(quarters[0].most, Millis{114});
  EXPECT_EQ(quarters[0].samples, 15 * 60);
  const auto hours = all(*store, kHour);
  ASSERT_EQ(hours.size(), 2U);
  EXPECT_EQ(hours[0].most, Millis{159});
  EXPECT_EQ(hours[1].samples, 15 * 60);
}

TEST(LagHistory, AddsToAMinuteThatARestartCutInTwo) {
  const auto store = StateStore::in_memory();
  store->add_lags({minute(0, 700)});
  store->add_lags({minute(0, 300)});
  const auto found = all(*store, kMinute);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].most, Millis{700});
  EXPECT_EQ(found[0].samples, 120);
}

TEST(LagHistory, KeepsLinksApart) {
  const auto store = StateStore::in_memory();
  store->add_lags({minute(0, 1), minute(0, 2, "south")});
  EXPECT_EQ(all(*store, kMinute).at(0).most, Millis{1});
  EXPECT_EQ(all(*store, kMinute, "south").at(0).most, Millis{2});
  EXPECT_TRUE(all(*store, kMinute, "north").empty());
}

TEST(LagHistory, AnswersFromATimeOn) {
  const auto store = StateStore::in_memory();
  for (std::int64_t i = 0; i < 10; ++i) store->add_lags({minute(i)});
  EXPECT_EQ(store->lags("orders", "east", "west", kMinute, kStart + kMinute * 7).size(), 3U);
}

TEST(LagHistory, DropsMinutesAfterAWeek) {
  const auto store = StateStore::in_memory();
  watch(*store, 0, 9);
  const auto minutes = all(*store, kMinute);
  EXPECT_EQ(minutes.size(), 7U * 1440 + 1);
  EXPECT_EQ(all(*store, kQuarter).size(), 9U * 96);
}

TEST(LagHistory, DropsQuartersAfterNinetyDaysAndHoursAfterFourHundred) {
  const auto store = StateStore::in_memory();
  for (std::int64_t day = 0; day < 500; ++day) store->add_lags({minute(day * 1440)});
  EXPECT_EQ(all(*store, kMinute).size(), 8U);
  EXPECT_EQ(all(*store, kQuarter).size(), 91U);
  EXPECT_EQ(all(*store, kHour).size(), 401U);
}

std::uintmax_t bytes_in(const std::filesystem::path& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) bytes += file.file_size();
  return bytes;
}

TEST(LagHistory, AYearOfFiftySixLinksTakesTwoHundredMebibytesAtMost) {
  const TemporaryFolder folder;
  const std::string path = folder.file("state.db");
  const std::filesystem::path where = std::filesystem::path(path).parent_path();
  StateStore::open({path, "", "test"}).reset();
  const std::uintmax_t before = bytes_in(where);
  std::size_t rows = 0;
  {
    const auto store = StateStore::open({path, "", "test"});
    watch(*store, 0, 7);
    for (const Millis span : {kMinute, kQuarter, kHour}) rows += all(*store, span).size();
  }
  const double bytes_per_row =
      static_cast<double>(bytes_in(where) - before) / static_cast<double>(rows);
  // What each link has after a year: a week of minutes, 90 days of quarters, a year of hours.
  const double rows_of_a_link = 7.0 * 1440 + 90.0 * 96 + 365.0 * 24;
  const double mebibytes = bytes_per_row * rows_of_a_link * 56 / (1024.0 * 1024.0);
  RecordProperty("mebibytes", std::to_string(mebibytes));
  EXPECT_GT(bytes_per_row, 10);
  EXPECT_LT(mebibytes, 200) << bytes_per_row << " bytes a row";
}

}  // namespace
}  // namespace bdrmesh
