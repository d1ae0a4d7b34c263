#include "mesh/judge/feed_errors.h"

#include <array>
#include <string_view>

namespace bdrmesh {
namespace {

struct Row {
  std::string_view sign;  ///< part of the code or of the text
  std::string_view area;
  std::string_view meaning;
  std::string_view remedy;
  bool resume_helps;
};

constexpr std::string_view kRebuild =
    "hold garbage collection now (SET GLOBAL tidb_gc_enable = OFF on the origin) and try `bdrmesh "
    "link resume` for some minutes; when it fails again, rows are lost: `bdrmesh link repair`";
constexpr std::string_view kSkipDdl =
    "make the schema of the target equal by hand, then `bdrmesh link resume`; to skip this one "
    "statement, its start-ts goes into filter.ignore_txn_start_ts (in TiCDC's log), and the link "
    "is "
    "unproven until rows are verified";
constexpr std::string_view kSinkUser =
    "`bdrmesh doctor` says what is missing and the statement that mends it; then `bdrmesh link "
    "resume`";

// In order: the cause inside a wrapper outranks the wrapper.
constexpr std::array kRows{
    // history
    Row{"ErrGCTTLExceeded", "history",
        "it stood still longer than gc-ttl, so TiCDC gave up the history that it needs", kRebuild,
        true},
    Row{"ErrSnapshotLostByGC", "history", "the history at its checkpoint has been collected",
        kRebuild, true},
    Row{"ErrStartTsBeforeGC", "history", "its position lies before what the origin still keeps",
        kRebuild, false},
    Row{"ErrUpdateServiceSafepointFailed", "upstream",
        "TiCDC could not hold back garbage collection at the origin's PD",
        "look at PD of the origin; TiCDC tries again by itself", true},
    // credentials and rights
    Row{"Error 3118", "credentials", "the sink user is locked on the target",
        "ALTER USER … ACCOUNT UNLOCK on the target, unless somebody fenced the origin on purpose; "
        "then `bdrmesh link resume`",
        true},
    Row{"Error 1045", "credentials", "the target refuses the sink user's password",
        "put the right password where [cluster.sink] of the target says, then `bdrmesh link "
        "repair`",
        true},
    Row{"Error 1044", "credentials", "the sink user may not use a schema of the target", kSinkUser,
        true},
    Row{"Error 1142", "credentials", "the sink user lacks a right on a table of the target",
        kSinkUser, true},
    Row{"Error 1227", "credentials", "the sink user lacks a global right on the target", kSinkUser,
        true},
    Row{"Error 8121", "credentials", "the sink user lacks a right on the target", kSinkUser, true},
    Row{"Error 1836", "sink", "the target is read-only and the sink user is not exempt",
        "if the gate should stand: GRANT RESTRICTED_REPLICA_WRITER_ADMIN ON *.* TO the sink user; "
        "if not: `bdrmesh gate list`",
        true},
    Row{"out of TiCDC write source range", "configuration",
        "the origin's tidb_source_id lies above what its TiCDC can write (1 to 8)",
        "`bdrmesh group plan`, set the id, then `bdrmesh link pause` and `bdrmesh link resume`",
        true},
    // conflicts
    Row{"ErrMySQLDuplicateEntry", "conflict",
        "a row with this key was written on both clusters; TiCDC overwrites the target's one",
        "find out which application writes it on both sides; `bdrmesh verify run` shows what "
        "differs",
        true},
    Row{"Error 1062", "conflict",
        "a row with this key was written on both clusters; TiCDC overwrites the target's one",
        "find out which application writes it on both sides; `bdrmesh verify run` shows what "
        "differs",
        true},
    // DDL
    Row{"An eligible table become ineligible", "ddl",
        "a DDL at the origin took a table's last usable key",
        "give the table a primary key again at the origin; then `bdrmesh link resume`", true},
    Row{"ErrSyncRenameTableFailed", "ddl",
        "a table was renamed from outside the group's tables into them, which no feed can carry",
        "rename it back at the origin, then `bdrmesh link repair`", false},
    Row{"ErrExecDDLFailed", "ddl", "the target refuses a DDL of the origin", kSkipDdl, true},
    Row{"Execute DDL failed", "ddl", "the target refuses a DDL of the origin", kSkipDdl, true},
    Row{"ErrHandleDDLFailed", "ddl", "TiCDC itself cannot understand a DDL of the origin", kSkipDdl,
        false},
    Row{"ErrDDLEventError", "ddl", "TiCDC itself cannot understand a DDL of the origin", kSkipDdl,
        false},
    Row{"Error 8263", "ddl", "the target's BDR role forbids what the feed wants to do",
        "`bdrmesh group plan` shows the roles", true},
    // tables
    Row{"Error 1146", "table", "a table is missing on the target",
        "create it there as it is at the origin; TiCDC goes on within 10 minutes, or at once after "
        "`bdrmesh link resume` (which pauses a feed that waits for its next try)",
        true},
    Row{"Error 1049", "table", "a schema is missing on the target",
        "create it there as it is at the origin; then `bdrmesh link resume`", true},
    Row{"Error 1054", "table", "a column that the rows carry is missing on the target",
        "add the column there again, also when it is not wanted any more; drop it once the link "
        "has "
        "caught up",
        true},
    Row{"Error 1406", "table", "a column is too narrow on the target",
        "`bdrmesh doctor` compares the schemas", true},
    Row{"ErrTableIneligible", "table", "a table has no key that TiCDC can use",
        "give it a primary key, or take it out of the group's tables", true},
    Row{"ErrSchemaStorageTableMiss", "table", "TiCDC has lost the definition of a table",
        "`bdrmesh link repair`, then verify rows", false},
    Row{"ErrSchemaSnapshotNotFound", "table", "TiCDC has lost the definition of a table",
        "`bdrmesh link repair`, then verify rows", false},
    // locks
    Row{"Error 1205", "lock", "the sink waits for a row lock on the target",
        "find who holds it: SELECT * FROM information_schema.data_lock_waits on the target", true},
    Row{"Error 9007", "lock", "transactions of the target and the sink write the same rows",
        "TiCDC tries again by itself", true},
    Row{"Error 8028", "lock", "a table of the target changed under the sink",
        "TiCDC tries again by itself", true},
    // network
    Row{"connection refused", "network", "nothing listens at the sink's address",
        "look at the target's tidb-servers and at `address` of its [cluster.sink]", true},
    Row{"no such host", "network", "the sink's name does not resolve where TiCDC runs",
        "check `address` of the target's [cluster.sink] on the TiCDC nodes", true},
    Row{"i/o timeout", "network", "the sink's address does not answer in time",
        "look at the network between the origin's TiCDC and the target", true},
    Row{"invalid connection", "network", "the connection to the target broke",
        "TiCDC tries again by itself; look at the target's tidb-servers if it lasts", true},
    Row{"ErrMySQLConnectionError", "network", "TiCDC cannot connect to the target",
        "look at the target's tidb-servers and at its [cluster.sink]", true},
    // storage
    Row{"ErrConsistentStorage", "storage", "the redo storage is of a kind that TiCDC does not know",
        "check `redo` of the group", false},
    Row{"ErrStorageInitialize", "storage", "TiCDC cannot open the redo storage",
        "check path and rights of the redo storage on the TiCDC nodes", true},
    Row{"ErrRedo", "storage", "the redo log cannot be written",
        "look at the redo storage: space, rights, reachability", true},
    Row{"no space left", "storage", "the redo storage is full",
        "make room; then `bdrmesh link resume`", true},
    // configuration
    Row{"ErrSinkURIInvalid", "configuration", "the sink URI is wrong",
        "`bdrmesh group plan`, then `bdrmesh link repair`", false},
    Row{"ErrMySQLInvalidConfig", "configuration", "a parameter of the sink is wrong",
        "check `params` of the target's [cluster.sink], then `bdrmesh link repair`", false},
    Row{"ErrExpression", "configuration", "an event filter cannot be evaluated",
        "somebody gave the feed a filter of its own: `bdrmesh link repair`", false},
    Row{"ErrCorruptedDataMutation", "upstream", "a row's checksum does not fit its content",
        "do not skip it: compare that row on both clusters first", false},
    Row{"ErrUpstreamHasRunningImport", "upstream", "an import runs at the origin",
        "wait for its end", true},
    Row{"ErrMySQLTxnError", "sink", "the target refuses a transaction",
        "the text names the statement; TiCDC tries again by itself", true},
    Row{"ErrMySQLQueryError", "sink", "the target does not answer a question of the sink",
        "look at the target's tidb-servers; TiCDC tries again by itself", true},
    Row{"ErrReachMaxTry", "sink", "TiCDC tried again and again; the cause stands in the text",
        "look at the target; TiCDC goes on trying for 30 minutes", true},
    Row{"ErrOwnerUnknown", "upstream", "TiCDC's owner met an error that it has no name for",
        "the text tells what; TiCDC tries again by itself", true},
    Row{"ErrProcessorUnknown", "upstream", "a TiCDC node met an error that it has no name for",
        "the text tells what; TiCDC tries again by itself", true},
    Row{"ErrPDEtcdAPIError", "upstream", "TiCDC cannot reach PD of the origin",
        "look at PD of the origin", true},
    Row{"ErrChangefeedUnretryable", "unknown",
        "TiCDC gave up: it tried for 30 minutes, or knows that trying is useless",
        "the text tells the cause; mend it, then `bdrmesh link resume`", true},
    Row{"ErrChangefeedRetryable", "unknown", "TiCDC tries again; the cause stands in the text",
        "`bdrmesh link explain`", true},
};

}  // namespace

ErrorMeaning meaning_of(const FeedError& error) {
  for (const Row& row : kRows) {
    if (error.code.find(row.sign) == std::string::npos &&
        error.message.find(row.sign) == std::string::npos)
      continue;
    return {std::string(row.area), std::string(row.meaning), std::string(row.remedy),
            row.resume_helps};
  }
  return {"unknown",
          "an error that bdrmesh does not know; TiCDC's own words follow: " + error.message,
          "look into the log of the TiCDC node; `bdrmesh link resume` tries anew at once", true};
}

}  // namespace bdrmesh
