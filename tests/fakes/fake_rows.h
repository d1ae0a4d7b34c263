// Rows of a FakeWorld's tables, each a text under a key of digits; read now, whatever TSO is asked
// for. Thread-safe through FakeWorld's mutex.
#pragma once

#include "clients/table_reader.h"
#include "fakes/fake_world.h"

namespace bdrmesh::fakes {

class FakeTableReader final : public TableReader {
 public:
  FakeTableReader(FakeWorld& world, std::string name) : world_(world), name_(std::move(name)) {}

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
  std::vector<std::pair<std::string, std::string>> rows_in(const TableRead& read,
                                                           const KeyRange& range);

  FakeWorld& world_;
  std::string name_;
};

/// What a FakeTableReader takes for the hash of a row's text.
std::string hash_of(const std::string& text);

}  // namespace bdrmesh::fakes
