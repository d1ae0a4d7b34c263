// TableReader over MySQL Connector/C++: one session that is opened when first needed and again when
// it broke or grew old; at a TSO it reads through tidb_snapshot, read back after it was set. One
// thread at a time.
#pragma once

#include <memory>
#include <optional>

#include "clients/sql/sql_connector.h"
#include "clients/table_reader.h"
#include "model/tso.h"

namespace bdrmesh {

class SqlTableReader final : public TableReader {
 public:
  /// @param nth  which of the cluster's tidb-servers is asked first, counted round
  /// `connector` must outlive the reader.
  SqlTableReader(const SqlConnector& connector, std::optional<Tso> at, std::size_t nth)
      : connector_(connector), at_(at), nth_(nth) {}

  std::optional<std::string> definition(const TableName& table, const Call& call) override;
  std::uint64_t estimated_rows(const TableName& table, const Call& call) override;
  std::optional<CutKey> key_at(const TableRead& read, const KeyRange& range, std::uint64_t nth,
                               const Call& call) override;
  RangeDigest digest(const TableRead& read, const KeyRange& range, Millis limit,
                     const Call& call) override;
  std::vector<RowHash> hashes(const TableRead& read, const KeyRange& range, std::uint64_t most,
                              const Call& call) override;
  std::vector<RowHash> hashes_of(const TableRead& read, const std::vector<RowKey>& keys,
                                 const Call& call) override;
  std::map<std::string, RangeDigest> digests_by_hash(const TableRead& read,
                                                     const std::string& prefix, std::size_t digits,
                                                     Millis limit, const Call& call) override;
  std::optional<RowValues> values(const TableRead& read, const RowKey& key,
                                  const Call& call) override;
  std::vector<RowValues> breaking(const RowNeed& need, std::size_t most, Millis limit,
                                  const Call& call) override;

 private:
  SqlSession& session(const Call& call);
  SqlSession open(const Call& call) const;
  /// @param limit  the MAX_EXECUTION_TIME that `sql` carries; 0: none
  SqlRows ask(const std::string& sql, std::string_view doing, const TableName& table,
              const Call& call, Millis limit = Millis{0});

  const SqlConnector& connector_;
  std::optional<Tso> at_;
  std::size_t nth_;
  std::optional<SqlSession> session_;
  MonoTime until_;  ///< when the session's own time is over
};

/// Whether a failure of a question that carried MAX_EXECUTION_TIME says that its time was over:
/// 3024, and on several versions 1317, or 1105 with the words of what was cancelled. Pure.
bool cut_off_by_limit(int number, std::string_view text);

}  // namespace bdrmesh
