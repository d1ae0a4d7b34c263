#include "verify/chunk_crew.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace bdrmesh::verify {
namespace {

constexpr int kTries = 4;
constexpr Millis kPause{250};

}  // namespace

ChunkCrew::ChunkCrew(const TableRead& read, const std::vector<ClusterName>& members,
                     const MakeReader& make, std::size_t readers_per_member, Millis query_limit,
                     const Clock& clock, Call call)
    : read_(read),
      members_(members),
      make_(make),
      query_limit_(query_limit),
      clock_(clock),
      call_(std::move(call)) {
  for (const ClusterName& member : members_) {
    queues_[member];
    for (std::size_t nth = 0; nth < readers_per_member; ++nth) {
      threads_.emplace_back(
          [this, member, nth](const std::stop_token& stop) { serve(stop, member, nth); });
    }
  }
}

ChunkCrew::~ChunkCrew() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

void ChunkCrew::order(const KeyRange& range) { order(Question{range, std::nullopt}); }

void ChunkCrew::order_rows(const KeyRange& range, std::uint64_t most) {
  order(Question{range, most});
}

void ChunkCrew::order(Question question) {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t number = next_number_++;
  Pending& pending = pending_[number];
  pending.chunk.range = question.range;
  pending.question = std::move(question);
  pending.missing = members_.size();
  for (auto& [member, queue] : queues_) queue.push_back(number);
  changed_.notify_all();
}

std::size_t ChunkCrew::outstanding() const {
  const std::scoped_lock lock(mutex_);
  return pending_.size();
}

DigestedChunk ChunkCrew::take() {
  std::unique_lock lock(mutex_);
  if (pending_.empty()) throw Error(ErrorKind::bug, "NOTHING_ORDERED", "no range was ordered");
  const bool in_time = changed_.wait(
      lock, call_.stop, [this] { return failure_ || pending_.begin()->second.missing == 0; });
  if (failure_) std::rethrow_exception(failure_);
  if (!in_time)
    throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop while rows were compared");
  DigestedChunk chunk = std::move(pending_.begin()->second.chunk);
  pending_.erase(pending_.begin());
  return chunk;
}

void ChunkCrew::serve(const std::stop_token& stop, const ClusterName& member, std::size_t nth) {
  // The operation's stop and the crew's end both interrupt the reader.
  std::stop_source both;
  const std::stop_callback by_crew(stop, [&both] { both.request_stop(); });
  const std::stop_callback by_call(call_.stop, [&both] { both.request_stop(); });
  Call call = call_;
  call.stop = both.get_token();
  try {
    const std::unique_ptr<TableReader> reader = make_(member, nth);
    for (;;) {
      std::uint64_t number = 0;
      Question question;
      {
        std::unique_lock lock(mutex_);
        auto& queue = queues_[member];
        if (!changed_.wait(lock, call.stop, [&] { return !queue.empty(); })) return;
        number = queue.front();
        queue.pop_front();
        question = pending_[number].question;
      }
      answer_next(*reader, member, number, question, call);
    }
  } catch (...) {
    const std::scoped_lock lock(mutex_);
    if (!failure_ && !stop.stop_requested()) failure_ = std::current_exception();
    changed_.notify_all();
  }
}

ChunkCrew::Answer ChunkCrew::ask(TableReader& reader, const Question& question, Millis limit,
                                 const Call& call) const {
  if (question.most_rows)
    return {{}, reader.hashes(read_, question.range, *question.most_rows, call)};
  return {reader.digest(read_, question.range, limit, call), {}};
}

void ChunkCrew::note(const ClusterName& member, std::uint64_t number, Answer answer, Millis took) {
  const std::scoped_lock lock(mutex_);
  Pending& pending = pending_[number];
  if (pending.question.most_rows) {
    pending.chunk.rows[member] = std::move(answer.rows);
  } else {
    pending.chunk.digests[member] = std::move(answer.digest);
  }
  pending.chunk.slowest = std::max(pending.chunk.slowest, took);
  if (--pending.missing == 0) changed_.notify_all();
}

void ChunkCrew::answer_next(TableReader& reader, const ClusterName& member, std::uint64_t number,
                            const Question& question, const Call& call) {
  Millis limit = query_limit_;
  for (int tries = 1;; ++tries) {
    const MonoTime began = clock_.mono();
    try {
      Answer answer = ask(reader, question, limit, call);
      note(member, number, std::move(answer),
           std::chrono::duration_cast<Millis>(clock_.mono() - began));
      return;
    } catch (const Error& e) {
      if (e.kind() != ErrorKind::transient || tries == kTries) throw;
      // A range is not made smaller once it is cut; a server under load gets more time for it.
      if (e.code() == "TIDB_TOO_SLOW") limit *= 4;
      if (!clock_.wait_for(kPause * tries, call.stop)) throw;
    }
  }
}

}  // namespace bdrmesh::verify
