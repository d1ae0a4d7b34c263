// Writing single rows for a repair, so that no feed carries them on.
#include "base/error.h"
#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_rows.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/sql_tidb_cluster.h"

namespace bdrmesh {
namespace {

constexpr int kDuplicateKey = 1062;

/// The hash that the row has now, empty when it is not there. Locked until the transaction ends.
std::string locked_hash(SqlSession& session, const TableRead& read, const RowKey& key) {
  const SqlRows rows =
      session.query(sql_text::lock_row(read, key), "lock a row of " + to_string(read.table));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool same = true;
    for (std::size_t k = 0; k < key.size(); ++k) same = same && rows.text(i, k) == key[k];
    if (same) return rows.text(i, key.size());
  }
  // Where the collation takes another text for this key, writing it would meet that row.
  return rows.empty() ? "" : "another row with an equal key";
}

PatchOutcome patch_row(SqlSession& session, const TableRead& read, const RowPatch& patch) {
  const std::string now = locked_hash(session, read, patch.key);
  // A repetition after a lost answer finds its own work.
  if (now == patch.wanted) return PatchOutcome::written;
  if (now != patch.expected) return PatchOutcome::stale;
  const std::string doing = "repair a row of " + to_string(read.table);
  try {
    if (!patch.values) {
      session.change(sql_text::delete_row(read, patch.key), doing);
    } else if (patch.expected.empty()) {
      // Never REPLACE: it would delete whatever else holds a unique value of the row.
      session.change(sql_text::insert_row(read, *patch.values), doing);
    } else {
      session.change(sql_text::update_row(read, patch.key, *patch.values), doing);
    }
  } catch (const SqlError& e) {
    if (e.number() == kDuplicateKey) return PatchOutcome::duplicate;
    throw;
  }
  return PatchOutcome::written;
}

}  // namespace

std::vector<PatchOutcome> SqlTidbCluster::repair_rows(const TableRead& read,
                                                      const std::vector<RowPatch>& rows,
                                                      int write_source, const Call& call) {
  SqlSession session = connector_.open_any(call);
  // What is at COMMIT counts: set before the transaction, and the connection ends with it
  // (measured §1 B, §1.1).
  session.change(sql_text::set_write_source(write_source), "mark the writes as replicated ones");
  session.change(std::string(sql_text::kPinRepair), "take rows as they are");
  session.query(std::string(sql_text::kBegin), "begin a transaction");
  std::vector<PatchOutcome> outcomes;
  for (const RowPatch& patch : rows) outcomes.push_back(patch_row(session, read, patch));
  session.change(std::string(sql_text::kCommit), "commit a repair");
  return outcomes;
}

}  // namespace bdrmesh
