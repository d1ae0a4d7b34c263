// Plays on real labs: a scenario file, and random faults to the ledger's verdict.
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lab/app/lab_under_test.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab::app {
namespace {

using testing::HasSubstr;
using testing::Not;

class LabPlay : public testing::Test {
 protected:
  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
  }
  static Ran play(const LabUnderTest& lab, const std::string& text,
                  std::vector<std::string> options = {}) {
    const std::filesystem::path file = lab.directory() / "scenario";
    std::ofstream(file) << text;
    options.insert(options.begin(), {"play", file.string()});
    return lab.lab(options);
  }
};

TEST_F(LabPlay, ScenarioRunsToItsEndAndItsCodeTellsTheVerdict) {
  const LabUnderTest lab({"--clusters", "2"});
  ASSERT_TRUE(lab.is_up());
  const Ran good = play(lab, R"(mesh
load start rate 30 hot 3
at 1s fault kill east ticdc 1
wait 500ms
fault delay-feed west east 100ms
heal
load stop
expect feeds normal
expect nothing lost within 30s
expect sql east 'SELECT COUNT(*) FROM app.orders WHERE id <= 20' = 20
)");
  EXPECT_EQ(good.code, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("line 9: expect nothing lost within 30s  -> holds"));
  EXPECT_THAT(lab.lab({"status"}).out, Not(HasSubstr("FAULT")));

  const Ran lossy = play(lab, R"(fault drop-row east west app.orders
load start rate 4 writers 1
wait 1s
load stop
expect nothing lost within 2s
)");
  EXPECT_EQ(lossy.code, 1);
  EXPECT_THAT(lossy.out, HasSubstr("DOES NOT HOLD"));
  EXPECT_THAT(lossy.out, HasSubstr("NOT PLAYED TO THE END"));

  const Ran wrong = play(lab, "mesh\nfault kill east ticdc 9\n", {"--check"});
  EXPECT_EQ(wrong.code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("line 2: a cluster has TiCDC nodes 1 or 2, not 9"));
}

TEST_F(LabPlay, RandomFaultsLoseNothingAndLeaveNothingBehind) {
  const Ran ran = run_program(
      {BDR_LAB_BINARY, "play", "random", "--seed", "7", "--for", "15s", "--clusters", "3"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("seed 7, 15 s"));
  EXPECT_THAT(ran.out, HasSubstr("nothing that was acknowledged is lost"));
  EXPECT_THAT(ran.out, HasSubstr("no process, port or file was left behind"));
}

}  // namespace
}  // namespace bdrmesh::lab::app
