// Readers that digest ranges of one table, or list their rows, on all members at once: each member
// has sessions and a queue of its own, so that no server waits for another. Starts threads, because
// the questions of a range block on several servers at the same time (docs/adr/0006-row-digest.md);
// joins them when it is destroyed. One thread orders and collects.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/call.h"
#include "clients/table_reader.h"

namespace bdrmesh::verify {

/// A new reader of `member`'s tables; `nth` of several.
using MakeReader =
    std::function<std::unique_ptr<TableReader>(const ClusterName& member, std::size_t nth)>;

/// One range, digested on every member, or with the hashes of its rows.
struct DigestedChunk {
  KeyRange range;
  std::map<ClusterName, RangeDigest> digests;
  std::map<ClusterName, std::vector<RowHash>> rows;
  Millis slowest{0};
};

class ChunkCrew {
 public:
  /// What is referred to must outlive the crew.
  ChunkCrew(const TableRead& read, const std::vector<ClusterName>& members, const MakeReader& make,
            std::size_t readers_per_member, Millis query_limit, const Clock& clock, Call call);
  ~ChunkCrew();
  ChunkCrew(const ChunkCrew&) = delete;
  ChunkCrew& operator=(const ChunkCrew&) = delete;

  void order(const KeyRange& range);
  /// The hashes of at most `most` of its rows instead of a digest.
  void order_rows(const KeyRange& range, std::uint64_t most);
  std::size_t outstanding() const;
  /// The next range in the order of ordering. Blocks until it is read everywhere.
  /// @throws Error as the readers; after it the crew is of no use any more.
  DigestedChunk take();

 private:
  struct Question {
    KeyRange range;
    std::optional<std::uint64_t> most_rows;  ///< std::nullopt: their digest
  };
  struct Answer {
    RangeDigest digest;
    std::vector<RowHash> rows;
  };
  struct Pending {
    Question question;
    DigestedChunk chunk;
    std::size_t missing = 0;
  };

  void order(Question question);
  void serve(const std::stop_token& stop, const ClusterName& member, std::size_t nth);
  void answer_next(TableReader& reader, const ClusterName& member, std::uint64_t number,
                   const Question& question, const Call& call);
  Answer ask(TableReader& reader, const Question& question, Millis limit, const Call& call) const;
  void note(const ClusterName& member, std::uint64_t number, Answer answer, Millis took);

  const TableRead& read_;
  const std::vector<ClusterName>& members_;
  const MakeReader& make_;
  const Millis query_limit_;
  const Clock& clock_;
  const Call call_;

  mutable std::mutex mutex_;  // guards everything down to threads_
  std::condition_variable_any changed_;
  std::map<ClusterName, std::deque<std::uint64_t>> queues_;
  std::map<std::uint64_t, Pending> pending_;
  std::uint64_t next_number_ = 0;
  std::exception_ptr failure_;

  std::vector<std::jthread> threads_;
};

}  // namespace bdrmesh::verify
