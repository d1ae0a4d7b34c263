#include "app/cli/support/bundle.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <unistd.h>

#include "app/cli/support/masked_config.h"
#include "app/cli/support/tar_file.h"
#include "app/config/config.h"
#include "unit/app/served_backend.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_api::ServedBackend;

constexpr const char* kOfFile = "s3cret-of-a-file";
constexpr const char* kOfStorage = "s3cret-of-a-storage";

class BundleTest : public testing::Test {
 protected:
  BundleTest() {
    std::string name = (std::filesystem::temp_directory_path() / "bdrmesh-bundle.XXXXXX").string();
    folder_ = mkdtemp(name.data());
    std::ofstream(folder_ / "password") << kOfFile << "\n";
  }
  ~BundleTest() override { std::filesystem::remove_all(folder_); }

  Desired desired() const {
    Desired wanted;
    for (const char* name : {"east", "west"}) {
      ClusterSpec cluster;
      cluster.name = ClusterName(name);
      cluster.tidb = {ServerAddress("127.0.0.1:4000")};
      cluster.user = "bdrmesh";
      cluster.password = {"file:" + (folder_ / "password").string()};
      cluster.sink.password = {"exec:echo " + std::string(kOfStorage)};
      wanted.clusters.push_back(cluster);
    }
    GroupSpec group;
    group.name = GroupName("orders");
    group.members = {ClusterName("east"), ClusterName("west")};
    group.redo = RedoSpec{};
    group.redo->storage =
        "s3://key:" + std::string(kOfStorage) + "@redo/orders?secret-access-key=" + kOfStorage;
    wanted.groups.push_back(group);
    return wanted;
  }
  std::map<std::string, std::string> collect() {
    const CommandContext context{api_, terminal_, clock_, OutputForm::table, {}};
    BundleInputs inputs;
    inputs.desired = desired();
    inputs.version = "1.2.3";
    return collect_bundle(context, inputs);
  }

  std::filesystem::path folder_;
  ServedBackend served_;
  ApiClient api_{served_.url()};
  std::ostringstream data_;
  std::ostringstream said_;
  Terminal terminal_{data_, said_, false};
  SystemClock clock_;
};

TEST_F(BundleTest, HoldsNoSecretWhereverItSlippedIn) {
  // A daemon that said too much must not make the bundle say it too.
  served_.backend.on_status = [] {
    return Json{{"verdict", "degraded"}, {"reasons", {"denied: password " + std::string(kOfFile)}}};
  };
  const auto files = collect();
  EXPECT_THAT(files.at("status.json"), HasSubstr("denied: password ***"));
  EXPECT_THAT(files.at("config.json"), HasSubstr("file:***"));
  EXPECT_THAT(files.at("config.json"), HasSubstr("s3://redo/orders\""));
  for (const auto& [name, content] : files) {
    EXPECT_THAT(content, Not(HasSubstr(kOfFile))) << name;
    EXPECT_THAT(content, Not(HasSubstr(kOfStorage))) << name;
  }
}

TEST_F(BundleTest, HoldsWhatHelpersAskFor) {
  const auto files = collect();
  for (const char* name :
       {"status.json", "status.txt", "clusters.json", "links.json", "gates.json", "operations.json",
        "events.json", "doctor.json", "config.json", "versions.json", "problems.txt"}) {
    EXPECT_TRUE(files.contains(name)) << name;
  }
  EXPECT_THAT(files.at("versions.json"), HasSubstr("1.2.3"));
  EXPECT_EQ(files.at("problems.txt"), "everything could be collected\n");
}

TEST_F(BundleTest, IsMadeWithoutADaemonToo) {
  served_.server.stop();
  const auto files = collect();
  EXPECT_TRUE(files.contains("config.json"));
  EXPECT_THAT(files.at("problems.txt"), HasSubstr("status.json: (NO_DAEMON)"));
}

TEST_F(BundleTest, IsAnArchiveThatTarReads) {
  const std::string big(100'000, 'x');
  const std::string path = (folder_ / "b.tar.gz").string();
  write_bundle({{"a.json", "{}\n"}, {"operations/op1.json", big}}, path, clock_.now());
  const auto mode = std::filesystem::status(path).permissions();
  EXPECT_EQ(mode & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string command = "tar -xzf '" + path + "' -C '" + folder_.string() + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream file(folder_ / "bdrmesh-support/operations/op1.json");
  const std::string read{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_EQ(read, big);
  EXPECT_THROW(write_bundle({}, path, clock_.now()), Error) << "nothing is overwritten";
}

TEST_F(BundleTest, IsAFolderWhereThatIsWanted) {
  write_bundle({{"a.json", "{}\n"}, {"operations/op1.json", "1\n"}}, (folder_ / "b").string(),
               clock_.now());
  EXPECT_TRUE(std::filesystem::exists(folder_ / "b/operations/op1.json"));
  EXPECT_THROW(write_bundle({}, (folder_ / "no/such/folder").string(), clock_.now()), Error);
}

TEST(MaskedUrls, KeepPlaceAndPathOnly) {
  EXPECT_EQ(without_secrets("s3://bucket/a@b"), "s3://bucket/a@b");
  EXPECT_EQ(without_secrets("http://u:p@host:1/x?y=z#f"), "http://host:1/x");
  EXPECT_EQ(without_secrets("local/path"), "local/path");
  EXPECT_EQ(without_secrets(""), "");
}

TEST(Scrubbing, LeavesShortWordsAlone) {
  EXPECT_EQ(scrubbed("abc hunter2 hunter2", {Secret("hunter2"), Secret("abc"), Secret("")}),
            "abc *** ***");
}

}  // namespace
}  // namespace bdrmesh
