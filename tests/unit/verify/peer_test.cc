// The rows that verification names are those that pt-table-sync would change, on the same two
// members. Skipped where Debian's percona-toolkit is not installed.
#include <cstdio>
#include <gmock/gmock.h>
#include <regex>
#include <set>

#include "unit/verify/maria_tables.h"

namespace bdrmesh::verify {
namespace {

constexpr const char* kPeer = "/usr/bin/pt-table-sync";

class Peer : public MariaTables {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kPeer))
      GTEST_SKIP() << "no " << kPeer << ": apt-get install percona-toolkit";
    MariaTables::SetUp();
    if (IsSkipped()) return;
    std::string pattern = (std::filesystem::temp_directory_path() / "bdrmesh-peer-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    // Its login stands in a file: arguments are seen by everybody.
    std::ofstream(folder_ + "/login") << "[client]\nuser=bdrmesh\npassword=\"it's\"\n";
  }

  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  /// What it would do to make the second member like the first.
  std::string statements(const std::string& function) const {
    const std::string address = test::shared_maria()->address();
    const std::size_t colon = address.rfind(':');
    const std::string command =
        std::string(kPeer) + " --print --charset utf8mb4 --function " + function + " F=" + folder_ +
        "/login,h=127.0.0.1,P=" + address.substr(colon + 1) + ",D=east,t=t D=west 2>&1";
    std::string out;
    FILE* pipe = ::popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    if (pipe == nullptr) return out;
    char piece[4096];
    while (const std::size_t got = std::fread(piece, 1, sizeof(piece), pipe))
      out.append(piece, got);
    ::pclose(pipe);
    return out;
  }

  /// The keys of a table whose first column is its key.
  static std::set<std::string> keys_in(const std::string& statements) {
    static const std::regex kKey("(?:WHERE `id`=|VALUES \\()'?(-?[0-9]+)'?");
    std::set<std::string> keys;
    for (std::sregex_iterator at(statements.begin(), statements.end(), kKey), end; at != end; ++at)
      keys.insert((*at)[1]);
    return keys;
  }

  std::set<std::string> keys_found() {
    std::set<std::string> keys;
    for (const DifferingRow& row : rows_that_differ(pass())) keys.insert(row.key.front());
    return keys;
  }

  std::string folder_;
};

TEST_F(Peer, NamesTheSameRows) {
  make("(id BIGINT NOT NULL, v VARCHAR(40), n DECIMAL(12,3), b VARBINARY(20), PRIMARY KEY (id))",
       "");
  for (const ClusterName& member : members_)
    run(member,
        "INSERT INTO t SELECT CAST(seq * 3 AS SIGNED) - 9000, IF(seq % 7, MD5(seq), NULL), seq / "
        "7, "
        "UNHEX(MD5(seq)) FROM seq_1_to_20000");
  EXPECT_EQ(statements("SHA1"), "");
  EXPECT_EQ(keys_found(), std::set<std::string>());

  run(members_.back(), "UPDATE t SET v = 'other' WHERE id IN (-8997, 0, 300, 45000)");
  run(members_.back(), "UPDATE t SET n = n + 0.001 WHERE id = 9999");
  run(members_.back(), "UPDATE t SET v = '' WHERE id = 12");
  run(members_.back(), "UPDATE t SET b = CONCAT(b, X'00') WHERE id = 33333");
  run(members_.back(), "DELETE FROM t WHERE id IN (6, 30000, 51000)");
  run(members_.back(), "INSERT INTO t VALUES (4, 'new', 1, NULL), (60001, NULL, NULL, NULL)");
  const std::string told = statements("SHA1");
  EXPECT_EQ(keys_found(), keys_in(told)) << told;
  EXPECT_EQ(keys_found().size(), 12U);
}

}  // namespace
}  // namespace bdrmesh::verify
