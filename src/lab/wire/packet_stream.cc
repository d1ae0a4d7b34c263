#include "lab/wire/packet_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>

#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {
constexpr std::size_t kFrameLimit = 0xffffff;
constexpr std::size_t kFlushAt = 64U << 10U;
constexpr std::size_t kReadAhead = 16U << 10U;
constexpr std::size_t kPayloadLimit = 256U << 20U;
}  // namespace

void PacketStream::take(char* into, std::size_t size) {
  while (size > 0) {
    if (position_ == input_.size()) {
      if (size >= kReadAhead) {
        socket_.read_exactly(into, size);
        return;
      }
      input_.resize(kReadAhead);
      position_ = 0;
      ssize_t got = 0;
      do {
        got = ::recv(socket_.fd(), input_.data(), input_.size(), 0);
      } while (got < 0 && errno == EINTR);
      input_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
      if (got <= 0) throw SocketClosed("connection closed");
    }
    const std::size_t part = std::min(size, input_.size() - position_);
    std::memcpy(into, input_.data() + position_, part);
    position_ += part;
    into += part;
    size -= part;
  }
}

std::string PacketStream::read() {
  std::string payload;
  for (std::size_t frame = kFrameLimit; frame == kFrameLimit;) {
    char header[4];
    take(header, sizeof header);
    PacketReader reader(std::string_view(header, sizeof header));
    frame = reader.fixed(3);
    sequence_ = static_cast<std::uint8_t>(reader.fixed(1) + 1);
    if (payload.size() + frame > kPayloadLimit) throw SocketClosed("packet is too large");
    const std::size_t before = payload.size();
    payload.resize(before + frame);
    take(payload.data() + before, frame);
  }
  return payload;
}

void PacketStream::write(std::string_view payload) {
  for (bool more = true; more;) {
    const std::size_t frame = std::min(payload.size(), kFrameLimit);
    put_fixed(output_, frame, 3);
    put_fixed(output_, sequence_++, 1);
    output_ += payload.substr(0, frame);
    payload.remove_prefix(frame);
    more = frame == kFrameLimit;
    if (output_.size() >= kFlushAt) flush();
  }
}

void PacketStream::flush() {
  if (output_.empty()) return;
  const std::string out = std::move(output_);
  output_.clear();
  socket_.write_all(out);
}

}  // namespace bdrmesh::lab
