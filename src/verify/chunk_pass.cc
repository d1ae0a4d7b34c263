#include "verify/chunk_pass.h"

#include <algorithm>

#include "base/error.h"

namespace bdrmesh::verify {

std::uint64_t next_chunk_rows(const PassOptions& options, std::uint64_t rows, Millis took) {
  const std::uint64_t now = std::max<std::uint64_t>(rows, 1);
  std::uint64_t next = now;
  if (took * 2 < options.chunk_takes) next = now * 2;
  if (took > options.chunk_takes * 2) next = now / 2;
  return std::clamp<std::uint64_t>(next, 1, std::max<std::uint64_t>(options.largest_chunk, 1));
}

Millis due_after(const PassOptions& options, std::uint64_t rows, Millis asked) {
  Millis due{0};
  if (options.rows_per_second > 0) due = Millis{rows * 1000 / options.rows_per_second};
  const std::uint64_t load = std::clamp<std::uint64_t>(options.max_load, 1, 100);
  if (load == 100) return due;
  const auto readers = std::max<std::size_t>(options.readers_per_member, 1);
  const auto busy = static_cast<std::uint64_t>(asked.count()) / readers;
  return std::max(due, Millis{busy * 100 / load});
}

void ChunkPass::run(PassState& state, const std::function<void(const PassState&)>& progress,
                    const Call& call) {
  if (state.complete) return;
  cutter_ = make_(members_.front(), 0);
  cut_until_ = state.frontier;
  chunk_rows_ = state.chunk_rows > 0 ? state.chunk_rows : options_.first_chunk;
  began_ = clock_.mono();
  rows_before_ = state.most_rows();
  const Millis limit = read_.cut_by == 0 ? options_.whole_table_limit : options_.query_limit;
  // What is ordered ahead is asked without a rest.
  const std::size_t window = options_.max_load < 100
                                 ? std::max<std::size_t>(options_.readers_per_member, 1)
                                 : options_.window;
  ChunkCrew crew(read_, members_, make_, options_.readers_per_member, limit, clock_, call);
  while (!state.complete) {
    // What is digested already would be taken without a wait that could notice.
    if (call.stop.stop_requested())
      throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop while rows were compared");
    while (!all_cut_ && crew.outstanding() < window) order_ahead(crew, call);
    DigestedChunk chunk = crew.take();
    const bool last = all_cut_ && crew.outstanding() == 0;
    // A table that cannot be cut says nothing about sizes.
    if (read_.cut_by > 0 && !last)
      chunk_rows_ = next_chunk_rows(options_, chunk_rows_, chunk.slowest);
    asked_ += chunk.slowest;
    compare(state, std::move(chunk));
    state.chunk_rows = chunk_rows_;
    state.complete = last;
    progress(state);
    throttle(state, call);
  }
}

void ChunkPass::order_ahead(ChunkCrew& crew, const Call& call) {
  KeyRange range{cut_until_, std::nullopt};
  if (read_.cut_by > 0) range.upto = cutter_->key_at(read_, range, chunk_rows_ - 1, call);
  // The last range has no upper end: rows beyond the cutting member's last key belong to it.
  all_cut_ = !range.upto.has_value();
  cut_until_ = range.upto;
  crew.order(range);
}

void ChunkPass::compare(PassState& state, DigestedChunk chunk) const {
  ++state.chunks;
  state.frontier = chunk.range.upto;
  std::uint64_t opaque = 0;
  for (const auto& [member, digest] : chunk.digests) {
    state.rows[member] += digest.rows;
    opaque = std::max(opaque, digest.opaque);
  }
  state.opaque += opaque;
  if (!all_equal(chunk.digests)) state.differs({chunk.range, std::move(chunk.digests)});
}

void ChunkPass::throttle(const PassState& state, const Call& call) const {
  const Millis due = due_after(options_, state.most_rows() - rows_before_, asked_);
  if (due == Millis{0}) return;
  if (!clock_.wait_until(began_ + due, call.stop))
    throw Error(ErrorKind::cancelled, "CANCELLED", "asked to stop while rows were compared");
}

}  // namespace bdrmesh::verify
