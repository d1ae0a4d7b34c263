// Reads the rows of one cluster's tables for verification: digests of key ranges, keys to cut them
// by, hashes and values of single rows, now or as of a TSO. One session; one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/call.h"
#include "base/clock.h"
#include "model/names.h"
#include "model/row_need.h"

namespace bdrmesh {

/// How a column enters the text of its row (docs/adr/0006-row-digest.md).
enum class ColumnForm {
  plain,   ///< numbers and times: their text holds no comma
  text,    ///< its length in bytes, then the text
  binary,  ///< hexadecimal digits
  real,    ///< as DOUBLE, whose text names exactly one value
};

struct ColumnRead {
  std::string name;
  ColumnForm form = ColumnForm::plain;
  bool nullable = true;
  bool as_bytes = false;  ///< texts of several collations meet in the row
  bool stored = false;    ///< generated and stored: read, never written
  bool operator==(const ColumnRead&) const = default;
};

/// What is read of a table: decided once, the same for every member.
struct TableRead {
  TableName table;
  std::vector<ColumnRead> columns;  ///< all but virtual generated ones
  std::vector<std::string> key;     ///< columns that name a row; empty: none do
  std::size_t cut_by = 0;     ///< leading columns of `key` that ranges are cut by; 0: cannot be
  bool may_overflow = false;  ///< the text of a row may exceed what the server concatenates
  bool operator==(const TableRead&) const = default;

  const ColumnRead& column(const std::string& name) const;
};

/// Texts of the columns by which ranges are cut; binary ones as hexadecimal digits.
using CutKey = std::vector<std::string>;

/// Rows with `after` < key <= `upto`, in the order of the column's own collation.
struct KeyRange {
  std::optional<CutKey> after;
  std::optional<CutKey> upto;
  bool operator==(const KeyRange&) const = default;
};

/// Equal for equal multisets of rows; different ones agree with a chance of 2^-64.
struct RangeDigest {
  std::uint64_t rows = 0;
  std::uint64_t opaque = 0;  ///< rows whose text the server would not concatenate: not in the sum
  std::string sum = "0";     ///< of the first 64 bits of each row's SHA-1, as a decimal number
  bool operator==(const RangeDigest&) const = default;
};

/// Texts of a row's key columns; binary ones as hexadecimal digits.
using RowKey = std::vector<std::string>;

struct RowHash {
  RowKey key;
  std::string hash;  ///< SHA-1 of the row's text; empty when the server would not concatenate it
};

/// A row's columns in the order of TableRead::columns; binary ones as hexadecimal digits.
using RowValues = std::vector<std::optional<std::string>>;

/// One row as a repair wants it.
struct RowPatch {
  RowKey key;
  std::string expected;             ///< the hash it must have; empty: it must not be there
  std::optional<RowValues> values;  ///< std::nullopt: it must go
  std::string wanted;               ///< the hash it will have; whoever has it already is done
};

enum class PatchOutcome {
  written,
  stale,      ///< the row is not as expected any more; left alone
  duplicate,  ///< another row holds a value that must be unique; left alone
};

class TableReader {
 public:
  virtual ~TableReader() = default;

  // Methods block until `call.deadline` at most and throw Error: transient (unreachable, busy;
  // `TIDB_TOO_SLOW` when `limit` did not suffice), precondition (privileges; `HISTORY_GONE` when
  // garbage collection has passed the TSO), invalid.

  /// SHOW CREATE TABLE; std::nullopt when there is no such table.
  virtual std::optional<std::string> definition(const TableName& table, const Call& call) = 0;
  /// The server's estimate; 0 when it has none.
  virtual std::uint64_t estimated_rows(const TableName& table, const Call& call) = 0;
  /// The cut key of row number `nth` (from 0) of the range; std::nullopt: there are fewer.
  virtual std::optional<CutKey> key_at(const TableRead& read, const KeyRange& range,
                                       std::uint64_t nth, const Call& call) = 0;
  virtual RangeDigest digest(const TableRead& read, const KeyRange& range, Millis limit,
                             const Call& call) = 0;
  /// At most `most` rows, in no order.
  virtual std::vector<RowHash> hashes(const TableRead& read, const KeyRange& range,
                                      std::uint64_t most, const Call& call) = 0;
  /// Hashes of the rows with these keys; those that are not there are left out.
  virtual std::vector<RowHash> hashes_of(const TableRead& read, const std::vector<RowKey>& keys,
                                         const Call& call) = 0;
  /// For tables without a key: one digest for each value of the first `digits` hexadecimal digits
  /// of the hash, of the rows whose hash begins with `prefix`.
  virtual std::map<std::string, RangeDigest> digests_by_hash(const TableRead& read,
                                                             const std::string& prefix,
                                                             std::size_t digits, Millis limit,
                                                             const Call& call) = 0;
  /// The row with that key; std::nullopt when it is not there.
  virtual std::optional<RowValues> values(const TableRead& read, const RowKey& key,
                                          const Call& call) = 0;
  /// Rows that are not as `need` wants them: their values in its columns, as texts; at most `most`
  /// of them (of `unique`: of the values that several rows have).
  virtual std::vector<RowValues> breaking(const RowNeed& need, std::size_t most, Millis limit,
                                          const Call& call) = 0;
};

}  // namespace bdrmesh
