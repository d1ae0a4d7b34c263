#include "clients/real_world.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "clients/sink_uri.h"

namespace bdrmesh {
namespace {

ClusterSpec cluster(const std::string& name) {
  ClusterSpec spec;
  spec.name = ClusterName(name);
  spec.tidb = {ServerAddress("127.0.0.1:1")};
  spec.pd = {"http://127.0.0.1:1"};
  spec.ticdc = {"http://127.0.0.1:1"};
  spec.user = "bdrmesh";
  spec.password = {"env:X"};
  spec.sink = {"10.0.1.100:4000",
               "cdc_{from}",
               {"file:/etc/{from}.password"},
               {{"worker-count", "16"}, {"time-zone", ""}}};
  return spec;
}

TEST(SinkUri, EncodesUserAndPassword) {
  const Secret uri = make_sink_uri("10.0.1.100:4000", "cdc:e", Secret("p@s/s?#ü"), {});
  EXPECT_EQ(uri.reveal(), "mysql://cdc%3Ae:p%40s%2Fs%3F%23%C3%BC@10.0.1.100:4000/");
}

TEST(SinkUri, NamesTheOriginAndReadsThePasswordAnew) {
  Desired desired;
  desired.clusters = {cluster("east"), cluster("west")};
  int reads = 0;
  std::string source;
  const SystemClock clock;
  RealWorld world(
      desired,
      [&](const SecretSource& from) {
        source = from.text;
        return Secret("secret" + std::to_string(++reads));
      },
      clock);
  const Link link{ClusterName("east"), ClusterName("west")};
  EXPECT_EQ(world.sink_uri(link).reveal(),
            "mysql://cdc_east:secret1@10.0.1.100:4000/?time-zone=&worker-count=16");
  EXPECT_EQ(world.sink_uri(link).reveal(),
            "mysql://cdc_east:secret2@10.0.1.100:4000/?time-zone=&worker-count=16");
  EXPECT_EQ(source, "file:/etc/east.password");
}

TEST(RealWorld, KnowsOnlyItsClusters) {
  Desired desired;
  desired.clusters = {cluster("east")};
  const SystemClock clock;
  RealWorld world(
      desired, [](const SecretSource&) { return Secret("x"); }, clock);
  EXPECT_EQ(&world.tidb(ClusterName("east")), &world.tidb(ClusterName("east")));
  try {
    world.ticdc(ClusterName("south"));
    FAIL() << "an unknown cluster was found";
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), "UNKNOWN_CLUSTER");
    EXPECT_NE(e.message().find("south"), std::string::npos);
  }
}

TEST(RealWorld, TellsThatNobodyListens) {
  Desired desired;
  desired.clusters = {cluster("east")};
  const SystemClock clock;
  RealWorld world(
      desired, [](const SecretSource&) { return Secret("x"); }, clock);
  const Call call{clock.mono() + std::chrono::seconds(5), {}};
  const auto code_of = [](const auto& action) -> std::string {
    try {
      action();
    } catch (const Error& e) {
      EXPECT_EQ(e.kind(), ErrorKind::transient) << e.message();
      return e.code();
    }
    return "none";
  };
  EXPECT_EQ(code_of([&] { world.tidb(ClusterName("east")).set_super_read_only(true, call); }),
            "TIDB_UNREACHABLE");
  EXPECT_EQ(code_of([&] { world.ticdc(ClusterName("east")).pause(ChangefeedId("a"), call); }),
            "TICDC_UNREACHABLE");
  EXPECT_EQ(code_of([&] { world.pd(ClusterName("east")).cluster_id(call); }), "PD_UNREACHABLE");
}

}  // namespace
}  // namespace bdrmesh
