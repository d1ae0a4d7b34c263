// A front end's own connection to the engine: sends commands, understands and relays answers.
// One thread at a time; interrupt() from any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lab/core/cluster_state.h"
#include "lab/wire/packet_stream.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {

/// Rows as the engine sent them.
struct RowsReply {
  std::vector<std::string> columns;  ///< raw column packets
  std::vector<std::string> rows;     ///< raw row packets
  std::uint16_t status = 0;
  std::uint16_t warnings = 0;
  std::optional<SqlFailure> failure;  ///< when rows ended with an error
};

using Reply = std::variant<OkReply, SqlFailure, RowsReply>;

class Backend {
 public:
  /// Where rows go while they arrive, packet by packet; the engine's end-of-file packets come with
  /// `is_eof`.
  using RowSink = std::function<void(std::string_view packet, bool is_eof)>;

  /// @throws SocketClosed when the engine is not there.
  explicit Backend(const EngineEndpoint& endpoint);

  PacketStream& packets() { return packets_; }
  void set_thread(std::uint32_t thread) { thread_ = thread; }
  /// The engine's id of this connection, as in its binlog.
  std::uint32_t thread() const { return thread_; }

  /// Sends a text query. Rows go to `sink` if there is one (the reply then holds none).
  Reply query(std::string_view sql, const RowSink& sink = nullptr);
  /// Sends any command that is answered by OK, an error or rows.
  Reply command(std::string_view payload, const RowSink& sink = nullptr);
  /// Sends a command that has no answer.
  void send_only(std::string_view payload);
  /// COM_STMT_PREPARE: all packets of the answer.
  std::vector<std::string> prepare(std::string_view sql);
  /// Wakes whoever waits for the engine with SocketClosed.
  void interrupt() const { socket_.shut_down(); }

 private:
  Reply read_reply(const RowSink& sink);

  Socket socket_;
  PacketStream packets_;
  std::uint32_t thread_ = 0;
};

}  // namespace bdrmesh::lab
