#include "lab/feed/sink_uri.h"

#include <gtest/gtest.h>

#include "lab/feed/api_error.h"

namespace bdrmesh::lab {
namespace {

TEST(SinkUri, DecodesUserPasswordAndParameters) {
  const SinkUri uri =
      parse_sink_uri("mysql://cdc%40x:p%3Ass@10.1.2.3:4001/?worker-count=4&safe-mode=true");
  EXPECT_EQ(uri.user, "cdc@x");
  EXPECT_EQ(uri.password.reveal(), "p:ss");
  EXPECT_EQ(uri.host, "10.1.2.3");
  EXPECT_EQ(uri.port, 4001);
  EXPECT_EQ(uri.parameters.at("worker-count"), "4");
}

TEST(SinkUri, FallsBackToRootAndPort4000) {
  const SinkUri uri = parse_sink_uri("tidb://[::1]/");
  EXPECT_EQ(uri.user, "root");
  EXPECT_EQ(uri.port, 4000);
  EXPECT_EQ(uri.host, "::1");
}

TEST(SinkUri, HidesOnlyThePassword) {
  EXPECT_EQ(masked_sink_uri("mysql://u:secret@h:4000/?a=b@c"), "mysql://u:xxxxx@h:4000/?a=b@c");
  EXPECT_EQ(masked_sink_uri("mysql://root@h:4000/"), "mysql://root@h:4000/");
}

TEST(SinkUri, RefusesWhatNoSinkCanUse) {
  EXPECT_THROW(parse_sink_uri("mysql://[::1"), ApiError);
  EXPECT_THROW(require_usable(parse_sink_uri("oracle://h/")), ApiError);
  EXPECT_THROW(require_usable(parse_sink_uri("mysql://h/?worker-count=0")), ApiError);
  EXPECT_NO_THROW(require_usable(parse_sink_uri("mysql://h/?worker-count=1")));
}

}  // namespace
}  // namespace bdrmesh::lab
