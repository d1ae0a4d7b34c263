// The lab's life: up, asked, down, killed, orphaned. Every test runs real processes.
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random_id.h"
#include "lab/app/lab_under_test.h"
#include "lab/engine/template_data.h"

namespace bdrmesh::lab::app {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

class LabLife : public testing::Test {
 protected:
  void SetUp() override {
    if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
  }
};

fs::path fresh_directory() { return fs::temp_directory_path() / ("bdrmesh test " + random_id(8)); }

std::size_t lab_directories(const std::string& id) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(fs::temp_directory_path())) {
    if (entry.path().filename() == "bdrmesh-lab-" + id) ++count;
  }
  return count;
}

TEST_F(LabLife, AnswersInAPathWithASpaceAndLeavesNothingBehind) {
  LabUnderTest lab({"--clusters", "2"});
  ASSERT_TRUE(lab.is_up());
  EXPECT_THAT(lab.directory().string(), HasSubstr(" "));
  EXPECT_THAT(lab.output(), HasSubstr("east"));
  EXPECT_THAT(lab.output(), HasSubstr("up in "));
  const std::string id = lab.json().at("id");

  const Ran status = lab.lab({"status"});
  EXPECT_EQ(status.code, 0) << status.err;
  EXPECT_THAT(status.out, HasSubstr("west"));
  EXPECT_THAT(status.out, HasSubstr("gate open"));
  EXPECT_EQ(lab.sql("east", "SELECT COUNT(*) FROM app.orders"), "20");
  EXPECT_EQ(lab.sql("west", "SELECT COUNT(*) FROM app.items", "app", 2), "20");
  EXPECT_EQ(lab.sql("east", "SELECT @@global.tidb_source_id AS value", "bdrmesh"), "1");
  EXPECT_EQ(lab.sql("west", "SELECT @@global.tidb_source_id", "cdc_east"), "2");

  const std::vector<pid_t> children = children_of(lab.pid());
  EXPECT_EQ(children.size(), 2U);  // one MariaDB per cluster
  const Ran down = lab.lab({"down"});
  EXPECT_EQ(down.code, 0) << down.err;
  EXPECT_FALSE(fs::exists(lab.directory()));
  EXPECT_EQ(lab_directories(id), 0U);
  for (const pid_t child : children) EXPECT_FALSE(is_running(child));
  EXPECT_EQ(lab.wait_for_end(), 0);
}

TEST_F(LabLife, PasswordsAreReadableByTheirOwnerOnly) {
  LabUnderTest lab({"--clusters", "2"});
  ASSERT_TRUE(lab.is_up());
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(lab.directory() / "secrets")) {
    EXPECT_EQ(entry.status().permissions(), fs::perms::owner_read | fs::perms::owner_write);
    ++files;
  }
  EXPECT_EQ(files, 8U);  // per cluster: bdrmesh, app, dba and one sink user
  std::ifstream in(lab.directory() / "bdrmesh.toml");
  const std::string config{std::istreambuf_iterator<char>(in), {}};
  EXPECT_THAT(config, HasSubstr("user      = \"cdc_{from}\""));
  EXPECT_THAT(config, HasSubstr("east-cdc-{from}.password"));
}

TEST_F(LabLife, DiesWithTheProcessThatStartedIt) {
  const fs::path directory = fresh_directory();
  const pid_t parent = ::fork();
  if (parent == 0) {
    if (::fork() == 0) {
      const int nothing = ::open("/dev/null", O_RDWR);
      ::dup2(nothing, STDOUT_FILENO);
      ::dup2(nothing, STDERR_FILENO);
      ::execl(BDR_LAB_BINARY, BDR_LAB_BINARY, "up", "--with-parent", "--clusters", "1", "--dir",
              directory.c_str(), nullptr);
      ::_exit(127);
    }
    for (;;) ::pause();
  }
  ASSERT_TRUE(eventually([&] { return fs::exists(directory / "lab.json"); }));
  std::ifstream in(directory / "lab.json");
  const pid_t lab = Json::parse(in).at("pid").get<pid_t>();
  const std::vector<pid_t> children = children_of(lab);
  EXPECT_EQ(children.size(), 1U);
  ::kill(parent, SIGKILL);
  ::waitpid(parent, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return !is_running(lab); }));
  for (const pid_t child : children) EXPECT_TRUE(eventually([&] { return !is_running(child); }));
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(LabLife, KilledLabTakesItsChildrenAlongAndTheNextOneCleansUp) {
  const fs::path directory = fresh_directory();
  std::vector<pid_t> children;
  std::string first_id;
  {
    LabUnderTest lab({"--clusters", "1"}, directory);
    ASSERT_TRUE(lab.is_up());
    first_id = lab.json().at("id");
    children = children_of(lab.pid());
    ::kill(lab.pid(), SIGKILL);
    EXPECT_EQ(lab.wait_for_end(), 128 + SIGKILL);
  }
  EXPECT_EQ(children.size(), 1U);
  for (const pid_t child : children) EXPECT_TRUE(eventually([&] { return !is_running(child); }));
  EXPECT_TRUE(fs::exists(directory));
  const Ran status = run_program({BDR_LAB_BINARY, "status", "--dir", directory.string()});
  EXPECT_EQ(status.code, 3);
  EXPECT_THAT(status.err, HasSubstr("ended without cleaning up"));

  LabUnderTest next({"--clusters", "1"}, directory);
  ASSERT_TRUE(next.is_up());
  EXPECT_THAT(next.output(), HasSubstr("removed what a lab that was killed had left"));
  EXPECT_EQ(lab_directories(first_id), 0U);
  EXPECT_EQ(next.lab({"down"}).code, 0);
  EXPECT_FALSE(fs::exists(directory));
}

TEST_F(LabLife, TwoLabsLiveSideBySideButNotInOneDirectory) {
  LabUnderTest one({"--clusters", "1"});
  LabUnderTest other({"--names", "red"});
  ASSERT_TRUE(one.is_up() && other.is_up());
  EXPECT_EQ(one.sql("east", "UPDATE app.orders SET note = 'one' WHERE id = 1"), "");
  EXPECT_EQ(other.sql("red", "SELECT note FROM app.orders WHERE id = 1"), "note 1");
  const Ran third = run_program({BDR_LAB_BINARY, "up", "--dir", one.directory().string()});
  EXPECT_EQ(third.code, 3);
  EXPECT_THAT(third.err, HasSubstr("LAB_IS_RUNNING"));
  EXPECT_EQ(one.sql("east", "SELECT note FROM app.orders WHERE id = 1"), "one");
}

TEST_F(LabLife, KeepsItsHandsOffADirectoryThatIsNoLabs) {
  const fs::path directory = fresh_directory();
  fs::create_directories(directory);
  std::ofstream(directory / "thesis.txt") << "years of work";
  const Ran up = run_program({BDR_LAB_BINARY, "up", "--dir", directory.string()});
  EXPECT_EQ(up.code, 3);
  EXPECT_THAT(up.err, HasSubstr("NOT_A_LAB_DIRECTORY"));
  EXPECT_TRUE(fs::exists(directory / "thesis.txt"));
  fs::remove_all(directory);
}

TEST_F(LabLife, KeepsADirectoryThatWasThereBefore) {
  const fs::path directory = fresh_directory();
  fs::create_directories(directory);
  {
    LabUnderTest lab({"--clusters", "1"}, directory);
    ASSERT_TRUE(lab.is_up());
    EXPECT_EQ(lab.lab({"down"}).code, 0);
  }
  EXPECT_TRUE(fs::exists(directory));
  EXPECT_TRUE(fs::is_empty(directory));
  fs::remove_all(directory);
}

TEST_F(LabLife, SaysThatNoLabIsRunning) {
  const std::string directory = fresh_directory().string();
  for (const std::vector<std::string>& words : {std::vector<std::string>{"status"},
                                                {"down"},
                                                {"fault", "list"},
                                                {"sql", "east", "SELECT 1"}}) {
    std::vector<std::string> argv{BDR_LAB_BINARY};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(argv.end(), {"--dir", directory});
    const Ran ran = run_program(argv);
    EXPECT_EQ(ran.code, 3) << words[0];
    EXPECT_THAT(ran.err, HasSubstr("no lab is running in " + directory));
    EXPECT_THAT(ran.err, HasSubstr("bdrmesh-lab up"));
  }
}

TEST_F(LabLife, RefusesWhatItCannotBe) {
  const std::string directory = fresh_directory().string();
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"--clusters", "9"}, {"--names", "a,a"}, {"--names", "a-b"}}) {
    std::vector<std::string> argv{BDR_LAB_BINARY, "up", "--dir", directory};
    argv.insert(argv.end(), words.begin(), words.end());
    EXPECT_EQ(run_program(argv).code, 2) << words[1];
    EXPECT_FALSE(fs::exists(directory));
  }
}

}  // namespace
}  // namespace bdrmesh::lab::app
