#include "app/config/secrets.h"

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

namespace bdrmesh {
namespace {

using testing::HasSubstr;
using testing::Not;

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text, mode_t mode = 0600)
      : path_(testing::TempDir() + "bdrmesh_secret_" + std::to_string(getpid())) {
    std::ofstream(path_) << text;
    chmod(path_.c_str(), mode);
  }
  ~TemporaryFile() { std::remove(path_.c_str()); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The error that reading gives. @return std::nullopt when there is none.
std::optional<Error> error_of(const std::string& source, Millis limit = Millis{60'000}) {
  try {
    read_secret({source}, limit);
    return std::nullopt;
  } catch (const Error& error) {
    return error;
  }
}

TEST(Secrets, ComeFromAFileWithoutBlanksAround) {
  const TemporaryFile file("  s3cret word \r\n");
  const ResolvedSecret got = read_secret({"file:" + file.path()});
  EXPECT_EQ(got.secret.reveal(), "s3cret word");
  EXPECT_EQ(got.warning, "");
}

TEST(Secrets, WarnOfAFileThatEverybodyCanRead) {
  const TemporaryFile file("s3cret", 0644);
  const ResolvedSecret got = read_secret({"file:" + file.path()});
  EXPECT_EQ(got.secret.reveal(), "s3cret");
  EXPECT_THAT(got.warning, HasSubstr("chmod o-r " + file.path()));
  EXPECT_THAT(got.warning, Not(HasSubstr("s3cret")));
  EXPECT_EQ(exposure_of({"file:" + file.path()}), got.warning);
  EXPECT_EQ(exposure_of({"env:HOME"}), "");
}

TEST(Secrets, ComeFromTheEnvironment) {
  setenv("BDRMESH_TEST_SECRET", "from env", 1);
  EXPECT_EQ(read_secret({"env:BDRMESH_TEST_SECRET"}).secret.reveal(), "from env");
  unsetenv("BDRMESH_TEST_SECRET");
}

TEST(Secrets, ComeFromACommand) {
  EXPECT_EQ(read_secret({"exec:echo one | tr o 0"}).secret.reveal(), "0ne");
}

TEST(Secrets, NameTheSourceWhenItCannotBeRead) {
  for (const std::string source :
       {"file:/nowhere/at/all", "file:/", "env:BDRMESH_NOT_SET", "exec:false", "exec:kill -9 $$"}) {
    const std::optional<Error> error = error_of(source);
    ASSERT_TRUE(error) << source;
    EXPECT_EQ(error->kind(), ErrorKind::precondition);
    EXPECT_EQ(error->code(), "SECRET_UNREADABLE");
    EXPECT_THAT(error->message(), HasSubstr(source.substr(0, source.find(' '))));
  }
}

TEST(Secrets, RefuseEmptyOnes) {
  const TemporaryFile file("\n");
  EXPECT_THAT(error_of("file:" + file.path()).value().message(), HasSubstr("it is empty"));
  EXPECT_THAT(error_of("exec:true").value().message(), HasSubstr("it is empty"));
}

TEST(Secrets, NeverRepeatWhatWasRead) {
  const std::string failing =
      error_of("exec:echo hunter2; echo hunter2 >&2; exit 3").value().message();
  EXPECT_THAT(failing, Not(HasSubstr("hunter2")));
  EXPECT_THAT(failing, HasSubstr("status 3"));
  EXPECT_THAT(error_of("hunter2").value().message(), Not(HasSubstr("hunter2")));
}

TEST(Secrets, EndACommandThatTakesTooLong) {
  const TemporaryFile pid_file("");
  const SystemClock clock;
  const MonoTime begun = clock.mono();
  const std::optional<Error> error =
      error_of("exec:sleep 300 & echo $! > '" + pid_file.path() + "'; wait", Millis{2'000});
  ASSERT_TRUE(error);
  EXPECT_THAT(error->message(), HasSubstr("has not ended after 2000 ms"));
  EXPECT_LT(clock.mono() - begun, std::chrono::seconds(200));
  pid_t child = 0;
  std::ifstream(pid_file.path()) >> child;
  ASSERT_GT(child, 0);
  const MonoTime deadline = clock.mono() + std::chrono::seconds(60);
  const auto runs = [child] {
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string id;
    std::string name;
    char state = 'X';
    stat >> id >> name >> state;
    return stat.good() && state != 'Z';
  };
  while (runs() && clock.mono() < deadline) clock.wait_for(Millis{10}, {});
  EXPECT_FALSE(runs()) << "its child outlived it";
}

}  // namespace
}  // namespace bdrmesh
