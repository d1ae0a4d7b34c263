#include "clients/ticdc/ticdc_errors.h"

#include <gtest/gtest.h>

#include "unit/clients/data_files.h"

namespace bdrmesh {
namespace {

const TicdcRequest kChange{"http://10.0.1.9:8300", "create changefeed a-b-1", true};
const TicdcRequest kQuestion{"http://10.0.1.9:8300", "list changefeeds", false};

HttpAnswer recorded(const std::string& file, long status) {
  return {HttpOutcome::answered, status, test::read_data("ticdc/" + file), {}};
}

struct Expected {
  const char* file;
  long status;
  ErrorKind kind;
  const char* code;
};

class RecordedRefusal : public testing::TestWithParam<Expected> {};

TEST_P(RecordedRefusal, HasItsMeaning) {
  const Expected& expected = GetParam();
  const Error e = ticdc_error(recorded(expected.file, expected.status), kChange);
  EXPECT_EQ(e.code(), expected.code) << e.message();
  EXPECT_EQ(to_string(e.kind()), to_string(expected.kind)) << e.message();
  EXPECT_NE(e.message().find("10.0.1.9:8300"), std::string::npos) << e.message();
}

INSTANTIATE_TEST_SUITE_P(
    TicdcErrors, RecordedRefusal,
    testing::Values(Expected{"real-classic-9.0dev-create-error-duplicate-id.json", 500,
                             ErrorKind::conflict, "FEED_EXISTS"},
                    Expected{"real-new-9.0dev-create-duplicate-id.json", 500, ErrorKind::conflict,
                             "FEED_EXISTS"},
                    Expected{"real-classic-9.0dev-error-create-parallel-same-id.json", 500,
                             ErrorKind::ambiguous, "TICDC_CONFLICT"},
                    Expected{"real-classic-9.0dev-create-error-sink-wrong-password.json", 400,
                             ErrorKind::precondition, "SINK_LOGIN"},
                    Expected{"real-classic-9.0dev-resume-sink-user-locked.json", 400,
                             ErrorKind::precondition, "SINK_LOGIN"},
                    Expected{"real-new-9.0dev-create-unreachable.json", 400,
                             ErrorKind::precondition, "SINK_UNREACHABLE"},
                    Expected{"real-classic-9.0dev-error-update-bad-sink.json", 400,
                             ErrorKind::precondition, "SINK_UNREACHABLE"},
                    Expected{"real-classic-9.0dev-create-error-same-cluster.json", 500,
                             ErrorKind::precondition, "SINK_IS_SOURCE"},
                    Expected{"real-classic-9.0dev-create-error-start-ts-before-gc.json", 400,
                             ErrorKind::precondition, "GC_PASSED"},
                    Expected{"real-classic-9.0dev-create-error-table-ineligible.json", 400,
                             ErrorKind::precondition, "TABLE_INELIGIBLE"},
                    Expected{"real-classic-9.0dev-create-error-bad-filter.json", 400,
                             ErrorKind::invalid, "TICDC_REFUSED"},
                    Expected{"real-classic-9.0dev-create-error-bad-event-filter.json", 500,
                             ErrorKind::invalid, "TICDC_REFUSED"},
                    Expected{"real-classic-9.0dev-create-error-stuck-duration.json", 500,
                             ErrorKind::invalid, "TICDC_REFUSED"},
                    Expected{"real-classic-9.0dev-create-error-start-ts-string.json", 400,
                             ErrorKind::invalid, "TICDC_REFUSED"},
                    Expected{"real-new-9.0dev-create-redo-no-storage.json", 500, ErrorKind::invalid,
                             "REDO_STORAGE"},
                    Expected{"real-classic-9.0dev-error-update-running.json", 400,
                             ErrorKind::conflict, "FEED_UPDATE_REFUSED"},
                    Expected{"real-classic-9.0dev-error-update-identical.json", 400,
                             ErrorKind::conflict, "FEED_UNCHANGED"},
                    Expected{"real-new-9.0dev-resume-running3.json", 400, ErrorKind::conflict,
                             "FEED_UPDATE_REFUSED"},
                    Expected{"real-classic-9.0dev-error-pause-unknown.json", 400,
                             ErrorKind::transient, "FEED_NOT_FOUND"},
                    Expected{"real-classic-9.0dev-error-not-ready-after-start.json", 503,
                             ErrorKind::transient, "TICDC_BUSY"},
                    Expected{"real-classic-9.0dev-error-owner-not-found.json", 500,
                             ErrorKind::transient, "TICDC_BUSY"},
                    Expected{"real-classic-9.0dev-error-forwarded-too-often.json", 500,
                             ErrorKind::transient, "TICDC_BUSY"},
                    Expected{"real-new-9.0dev-notready-resign-2383-changefeeds-509.json", 500,
                             ErrorKind::transient, "TICDC_BUSY"},
                    Expected{"real-new-9.0dev-notready-kill9-2384-changefeeds-1089.json", 500,
                             ErrorKind::transient, "TICDC_BUSY"},
                    Expected{"real-new-9.0dev-notready-kill9-2384-changefeeds-1051.json", 500,
                             ErrorKind::ambiguous, "TICDC_ANSWER_LOST"}),
    [](const auto& each) {
      std::string name = each.param.file;
      std::erase_if(name, [](unsigned char c) { return std::isalnum(c) == 0; });
      return name;
    });

TEST(TicdcErrors, AskAgainWhenAForwardedQuestionIsCut) {
  const Error e = ticdc_error(
      recorded("real-new-9.0dev-notready-kill9-2384-changefeeds-1051.json", 500), kQuestion);
  EXPECT_EQ(e.kind(), ErrorKind::transient);
}

TEST(TicdcErrors, EmptyFailureOfAChangeIsAmbiguous) {
  const HttpAnswer empty{HttpOutcome::answered, 500, "", {}};
  EXPECT_EQ(ticdc_error(empty, kChange).code(), "TICDC_ANSWER_LOST");
  EXPECT_EQ(ticdc_error(empty, kQuestion).kind(), ErrorKind::transient);
}

TEST(TicdcErrors, LostAnswerIsAmbiguousForChangesOnly) {
  const HttpAnswer lost{HttpOutcome::lost, 0, "", "Timeout was reached"};
  EXPECT_EQ(ticdc_error(lost, kChange).kind(), ErrorKind::ambiguous);
  EXPECT_EQ(ticdc_error(lost, kQuestion).code(), "TICDC_UNREACHABLE");
  EXPECT_EQ(ticdc_error({HttpOutcome::never_connected, 0, "", "refused"}, kChange).kind(),
            ErrorKind::transient);
  EXPECT_EQ(ticdc_error({HttpOutcome::stopped, 0, "", "stopped"}, kChange).kind(),
            ErrorKind::ambiguous);
  EXPECT_EQ(ticdc_error({HttpOutcome::stopped_before, 0, "", "stopped"}, kChange).kind(),
            ErrorKind::cancelled);
}

TEST(TicdcErrors, TheLoserOfTwoCreatesMeetsAFeedThatExists) {
  const HttpAnswer plain{HttpOutcome::answered,
                         500,
                         R"({"error_msg":"changefeed already exists","error_code":""})",
                         {}};
  const Error e = ticdc_error(plain, kChange);
  EXPECT_EQ(e.code(), "FEED_EXISTS") << e.message();
  EXPECT_EQ(e.kind(), ErrorKind::conflict);
}

TEST(TicdcErrors, AWantedPasswordComesWithWhatToDo) {
  const HttpAnswer answer{
      HttpOutcome::answered,
      401,
      R"({"error_msg":"[CDC:ErrCredentialNotFound]…","error_code":"CDC:ErrCredentialNotFound"})",
      {}};
  const Error e = ticdc_error(answer, kChange);
  EXPECT_EQ(e.code(), "TICDC_LOGIN");
  EXPECT_NE(e.remedy().find("client-user-required"), std::string::npos);
}

TEST(TicdcErrors, PageOfAnotherServerIsNoTicdc) {
  const Error e = ticdc_error({HttpOutcome::answered, 404, "404 page not found", {}}, kQuestion);
  EXPECT_EQ(e.code(), "NOT_TICDC");
  EXPECT_NE(e.remedy().find("ticdc"), std::string::npos);
}

TEST(TicdcErrors, UnauthorizedIsALogin) {
  EXPECT_EQ(
      ticdc_error({HttpOutcome::answered, 401, R"({"error_msg":"x","error_code":""})", {}}, kChange)
          .code(),
      "TICDC_LOGIN");
}

TEST(TicdcErrors, KnowsWhenThereIsNoSuchFeed) {
  EXPECT_TRUE(says_no_such_feed(recorded("real-classic-9.0dev-error-detail-unknown.json", 400)));
  EXPECT_TRUE(says_no_such_feed(recorded("real-new-9.0dev-unknown-detail.json", 400)));
  EXPECT_FALSE(says_no_such_feed(recorded("real-classic-9.0dev-error-owner-not-found.json", 500)));
  EXPECT_FALSE(says_no_such_feed({HttpOutcome::answered, 200, "{}", {}}));
}

}  // namespace
}  // namespace bdrmesh
