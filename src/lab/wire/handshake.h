// The server's greeting, edited on its way: the lab offers what TiDB offers and its proxy
// understands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bdrmesh::lab {

struct Greeting {
  std::string packet;                ///< to send to the client
  std::uint32_t backend_thread = 0;  ///< the engine's id of the connection
};

/// Puts version and connection id, takes out TLS, compression, LOCAL FILES, session tracking and
/// the engine's extensions.
/// @throws MalformedPacket
Greeting edit_greeting(std::string_view payload, std::string_view version,
                       std::uint32_t connection_id);

/// What a client's login packet says. Only what the lab needs.
struct Login {
  std::string user;
  std::string database;
  bool found_rows = false;        ///< affected rows count matched ones
  bool multi_statements = false;  ///< several statements in one packet are allowed
};

/// @throws MalformedPacket
Login parse_login(std::string_view payload);

}  // namespace bdrmesh::lab
