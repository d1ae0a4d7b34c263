// The `cdc` stand-in against what the real tool printed (checklist line T24).
#include "lab/redo/cdc_tool.h"

#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

#include "base/random_id.h"
#include "lab/redo/recorded.h"
#include "lab/redo/redo_files.h"

namespace bdrmesh::lab {
namespace {

class CdcToolTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string storage() const { return "file://" + directory_.string(); }
  void make_meta(int version) {
    std::ofstream(directory_ / "a:1_default_x_meta_1.meta")
        << encode_meta({10, 20, version, "default/x"});
  }
  std::filesystem::path directory_ =
      std::filesystem::temp_directory_path() / ("bdr-cdc-tool-" + random_id(8));
};

TEST_F(CdcToolTest, T24_MetaOfNothing) {
  expect_as_recorded(run({"redo", "meta"}), "real-classic-9.0dev-redo-meta-no-storage.txt");
  expect_as_recorded(run({"redo", "meta", "--storage", "xx://a"}),
                     "real-classic-9.0dev-redo-meta-bad-scheme.txt");
  expect_as_recorded(run({"redo", "meta", "--storage=" + storage()}),
                     "real-classic-9.0dev-redo-meta-empty-storage.txt");
  expect_as_recorded(run({"redo", "meta", "--storage", storage(), "--tmp-dir", "/tmp/redo-tmp"}),
                     "real-new-9.0dev-redo-meta-empty.txt");
}

TEST_F(CdcToolTest, T24_ApplyOfNothing) {
  expect_as_recorded(run({"redo", "apply", "--help"}), "real-classic-9.0dev-redo-apply-help.txt");
  expect_as_recorded(run({"redo", "apply", "--storage", storage()}),
                     "real-classic-9.0dev-redo-apply-no-sink.txt");
  const std::vector<std::string> args = {"redo",    "apply",      "--storage",
                                         storage(), "--sink-uri", "mysql://root@127.0.0.1:1/"};
  auto with_tmp = args;
  with_tmp.insert(with_tmp.end(), {"--tmp-dir", "/tmp/redo-tmp"});
  expect_as_recorded(run(with_tmp, "new-8.5"), "real-new-9.0dev-redo-apply-no-tables.txt");
  with_tmp.back() = "/tmp-dir";
  expect_as_recorded(run(with_tmp), "real-classic-9.0dev-redo-apply-empty-storage.txt");
}

TEST_F(CdcToolTest, T24_ApplyToATargetThatIsAway) {
  make_meta(0);
  const std::vector<std::string> args = {"redo",    "apply",      "--storage",
                                         storage(), "--sink-uri", "mysql://root@127.0.0.1:1/"};
  expect_as_recorded(run(args), "real-classic-9.0dev-redo-apply-unreachable.txt");
  expect_as_recorded(run(args, "new-8.5"), "real-new-9.0dev-redo-apply-unreachable.txt");
}

TEST_F(CdcToolTest, T24_MetaTellsBothPositionsAndNewItsVersion) {
  make_meta(1);
  EXPECT_EQ(run({"redo", "meta", "--storage", storage()}).out,
            "checkpoint-ts:10, resolved-ts:20\n");
  const Ran ran = run({"redo", "meta", "--storage", storage()}, "new-8.5");
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.out, "checkpoint-ts:10, resolved-ts:20 version:1\n");
  const auto shape = [](const std::string& text) {
    return std::regex_replace(text, std::regex(R"(\d{2,})"), "N");
  };
  for (const char* name :
       {"real-new-9.0dev-redo-meta-running.txt", "real-new-9.0dev-redo-meta-paused.txt",
        "real-new-9.0dev-redo-meta-lagging.txt", "real-new-9.0dev-redo-meta-recreated.txt",
        "real-new-9.0dev-redo-meta-dead-source.txt"}) {
    const Ran real = recorded(name);
    EXPECT_EQ(real.code, ran.code);
    EXPECT_EQ(shape(comparable(real.out)), shape(comparable(ran.out))) << name;
    EXPECT_EQ(real.err, ran.err);
  }
  // The tool of the new architecture over files of classic.
  make_meta(0);
  EXPECT_EQ(shape(run({"redo", "meta", "--storage", storage()}, "new-8.5").out),
            shape(read_data("real-classic-9.0dev-redo-meta-stdout.txt")));
}

TEST_F(CdcToolTest, EmptiesItsTemporaryDirectory) {
  make_meta(0);
  const std::filesystem::path tmp = directory_ / "tmp";
  std::filesystem::create_directories(tmp / "precious");
  EXPECT_EQ(run({"redo", "meta", "--storage", storage(), "--tmp-dir", tmp.string()}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(tmp / "precious"));
}

TEST_F(CdcToolTest, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(run({"redo", "meta", "--nonsense"}).err,
            "Error: unknown flag: --nonsense\nunknown flag: --nonsense\n");
  EXPECT_EQ(run({"nonsense"}).code, 1);
  EXPECT_EQ(run({"version"}).out.rfind("Release Version: v8.5.3\n", 0), 0U);
}

}  // namespace
}  // namespace bdrmesh::lab
