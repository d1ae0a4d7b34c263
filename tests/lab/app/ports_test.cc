// Ports stay with those who have them, also while nobody listens.
#include <filesystem>
#include <gtest/gtest.h>
#include <list>

#include "base/clock.h"
#include "base/random_id.h"
#include "lab/engine/mariadb.h"
#include "lab/engine/template_data.h"
#include "lab/net/tcp_service.h"

namespace bdrmesh::lab {
namespace {

bool somebody_listens(std::uint16_t port) {
  try {
    Socket::connect_tcp(port);
    return true;
  } catch (const SocketClosed&) {
    return false;
  }
}

TEST(ReservedPort, RefusesCallersAndIsGivenToNobodyElse) {
  const ReservedPort reserved(0);
  EXPECT_FALSE(somebody_listens(reserved.port()));
  std::list<ReservedPort> others;
  for (int i = 0; i < 500; ++i) {
    others.emplace_back(0);
    EXPECT_NE(others.back().port(), reserved.port());
  }
}

TEST(TcpService, ComesBackOnItsPortThoughOthersOpenedPortsMeanwhile) {
  TcpService service([](Socket&) {});
  const std::uint16_t port = service.start();
  EXPECT_TRUE(service.is_open());
  EXPECT_TRUE(somebody_listens(port));
  service.close();
  service.join();
  EXPECT_FALSE(service.is_open());
  EXPECT_FALSE(somebody_listens(port));
  std::list<ReservedPort> others;
  for (int i = 0; i < 200; ++i) others.emplace_back(0);
  EXPECT_EQ(service.start(port), port);
  EXPECT_TRUE(somebody_listens(port));
}

TEST(MariaDbPort, IsTheSameAfterEveryRestart) {
  if (!mariadb_is_installed()) GTEST_SKIP() << "mariadbd is not installed";
  namespace fs = std::filesystem;
  const fs::path directory = fs::temp_directory_path() / ("engine " + random_id(8));
  ensure_template(directory / "template");
  {
    const SystemClock clock;
    MariaDb engine(clock, directory / "one", 1);
    engine.start(directory / "template");
    const std::uint16_t port = engine.endpoint().port;
    EXPECT_TRUE(somebody_listens(port));
    EXPECT_EQ(engine.state(), "up");
    engine.stop();
    EXPECT_EQ(engine.state(), "dead");
    EXPECT_FALSE(somebody_listens(port));
    engine.restart();
    EXPECT_TRUE(somebody_listens(port));
    engine.suspend();
    EXPECT_EQ(engine.state(), "suspended");
  }
  fs::remove_all(directory);
}

}  // namespace
}  // namespace bdrmesh::lab
