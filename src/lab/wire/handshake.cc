#include "lab/wire/handshake.h"

#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {
constexpr std::uint32_t kLongPassword = 1U << 0U;
constexpr std::uint32_t kFoundRows = 1U << 1U;
constexpr std::uint32_t kConnectWithDb = 1U << 3U;
constexpr std::uint32_t kCompress = 1U << 5U;
constexpr std::uint32_t kLocalFiles = 1U << 7U;
constexpr std::uint32_t kSsl = 1U << 11U;
constexpr std::uint32_t kSecureConnection = 1U << 15U;
constexpr std::uint32_t kMultiStatements = 1U << 16U;
constexpr std::uint32_t kLenencAuth = 1U << 21U;
constexpr std::uint32_t kSessionTrack = 1U << 23U;
constexpr std::uint32_t kDeprecateEof = 1U << 24U;
}  // namespace

Greeting edit_greeting(std::string_view payload, std::string_view version,
                       std::uint32_t connection_id) {
  PacketReader reader(payload);
  const auto protocol = reader.fixed(1);
  if (protocol != 10) throw MalformedPacket("not a greeting");
  reader.until_nul();
  Greeting greeting;
  greeting.backend_thread = static_cast<std::uint32_t>(reader.fixed(4));
  const std::string_view salt = reader.bytes(9);
  auto capabilities = static_cast<std::uint32_t>(reader.fixed(2));
  const std::string_view charset_and_status = reader.bytes(3);
  capabilities |= static_cast<std::uint32_t>(reader.fixed(2)) << 16U;
  const std::string_view salt_size = reader.bytes(1);
  reader.bytes(10);  // reserved, where MariaDB announces its extensions
  const std::string_view tail = reader.rest();

  capabilities |= kLongPassword;
  // Everything above the known bits goes too: MariaDB's and newer MySQL's ways.
  capabilities &= ~(kCompress | kLocalFiles | kSsl | kSessionTrack | kDeprecateEof);
  capabilities &= (1U << 25U) - 1;
  greeting.packet += '\x0a';
  greeting.packet += version;
  greeting.packet += '\0';
  put_fixed(greeting.packet, connection_id, 4);
  greeting.packet += salt;
  put_fixed(greeting.packet, capabilities & 0xffffU, 2);
  greeting.packet += charset_and_status;
  put_fixed(greeting.packet, capabilities >> 16U, 2);
  greeting.packet += salt_size;
  greeting.packet.append(10, '\0');
  greeting.packet += tail;
  return greeting;
}

Login parse_login(std::string_view payload) {
  PacketReader reader(payload);
  const auto capabilities = static_cast<std::uint32_t>(reader.fixed(4));
  reader.bytes(4 + 1 + 23);
  Login login;
  login.found_rows = (capabilities & kFoundRows) != 0;
  login.multi_statements = (capabilities & kMultiStatements) != 0;
  login.user = std::string(reader.until_nul());
  if ((capabilities & kLenencAuth) != 0) {
    reader.lenenc_string();
  } else if ((capabilities & kSecureConnection) != 0) {
    reader.bytes(reader.fixed(1));
  } else {
    reader.until_nul();
  }
  if ((capabilities & kConnectWithDb) != 0 && !reader.at_end()) {
    login.database = std::string(reader.until_nul());
  }
  return login;
}

}  // namespace bdrmesh::lab
