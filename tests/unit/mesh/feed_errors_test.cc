// What every known error of a changefeed means, in the forms in which both families tell it.
#include "mesh/judge/feed_errors.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

struct Told {
  const char* code;
  const char* message;
  const char* area;
  bool resume_helps;
};

struct Meanings : ::testing::TestWithParam<Told> {};

TEST_P(Meanings, AreFoundInCodeOrText) {
  const Told& told = GetParam();
  const ErrorMeaning meaning = meaning_of({told.code, told.message, ""});
  EXPECT_EQ(meaning.area, told.area) << meaning.meaning;
  EXPECT_EQ(meaning.resume_helps, told.resume_helps) << meaning.meaning;
  EXPECT_FALSE(meaning.meaning.empty());
  EXPECT_FALSE(meaning.remedy.empty());
}

// The texts are those that real servers gave, values masked.
INSTANTIATE_TEST_SUITE_P(
    Known, Meanings,
    ::testing::Values(
        Told{"CDC:ErrGCTTLExceeded", "the checkpoint-ts(1) lag of the changefeed(x) has exceeded",
             "history", true},
        Told{"CDC:ErrSnapshotLostByGC", "due to snapshot loss caused by GC", "history", true},
        Told{"CDC:ErrStartTsBeforeGC", "fail to create or maintain changefeed", "history", false},
        Told{"CDC:ErrChangefeedUnretryable",
             "[CDC:ErrGCTTLExceeded]the checkpoint-ts(1) lag of the changefeed...", "history",
             true},
        Told{"CDC:ErrMySQLConnectionError",
             "MySQL connection error: dial tcp 10.1.2.10:4000: connect: connection refused",
             "network", true},
        Told{"CDC:ErrMySQLConnectionError",
             "MySQL connection error: Error 3118 (HY000): Access denied for user 'cdc'. Account is "
             "locked.",
             "credentials", true},
        Told{"CDC:ErrMySQLConnectionError",
             "MySQL connection error: Error 1045 (28000): Access denied for user 'cdc'",
             "credentials", true},
        Told{"CDC:ErrReachMaxTry",
             "reach maximum try: 8, error: Error 1142 (42000): INSERT command denied",
             "credentials", true},
        Told{"CDC:ErrReachMaxTry", "Error 8121 (HY000): privilege check for 'Update' fail",
             "credentials", true},
        Told{"CDC:ErrMySQLTxnError", "Error 1836 (HY000): Running in read-only mode", "sink", true},
        Told{"CDC:ErrMySQLTxnError",
             "Error 1105 (HY000): value 9 is out of TiCDC write source range, should be in [1, 15]",
             "configuration", true},
        Told{"CDC:ErrMySQLDuplicateEntry",
             "Failed query info: COMMIT; : [CDC:ErrMySQLDuplicateEntry]MySQL duplicate entry error",
             "conflict", true},
        Told{"CDC:ErrMySQLTxnError", "Error 1062 (23000): Duplicate entry *** for key", "conflict",
             true},
        Told{"CDC:ErrOwnerUnknown", "Error 1146 (42S02): Table 'rt.idx' doesn't exist", "table",
             true},
        Told{"CDC:ErrChangefeedRetryable",
             "Failed query info: sqls: *** Error 1146 (42S02): Table 'a.b' doesn't exist", "table",
             true},
        Told{"CDC:ErrMySQLTxnError", "Error 1054 (42S22): Unknown column 'c' in 'field list'",
             "table", true},
        Told{"CDC:ErrChangefeedRetryable",
             "[CDC:ErrExecDDLFailed]exec DDL failed %s: Execute DDL failed, Query info: …: Error "
             "1146",
             "ddl", true},
        Told{"CDC:ErrChangefeedUnretryable",
             "[CDC:ErrSyncRenameTableFailed]table's old name is not", "ddl", false},
        Told{"CDC:ErrHandleDDLFailed", "handle ddl failed, query: ***", "ddl", false},
        Told{"CDC:ErrProcessorUnknown", "An eligible table become ineligible after DDL", "ddl",
             true},
        Told{"CDC:ErrMySQLTxnError", "Error 1205 (HY000): Lock wait timeout exceeded", "lock",
             true},
        Told{"CDC:ErrSinkURIInvalid", "sink uri invalid", "configuration", false},
        Told{"CDC:ErrStorageInitialize", "fail to open storage for redo log", "storage", true},
        Told{"CDC:ErrRedoWriterStopped", "redo log writer stopped", "storage", true},
        Told{"CDC:ErrPDEtcdAPIError", "etcd api call error", "upstream", true},
        Told{"CDC:ErrChangefeedUnretryable", "something else", "unknown", true},
        Told{"CDC:ErrNobodyKnows", "what is this", "unknown", true},
        Told{"", "", "unknown", true}));

TEST(MeaningOf, AnUnknownErrorKeepsTicdcsOwnWords) {
  EXPECT_NE(meaning_of({"CDC:ErrNobodyKnows", "strange things", ""}).meaning.find("strange things"),
            std::string::npos);
}

}  // namespace
}  // namespace bdrmesh
