#include <gmock/gmock.h>
#include <random>

#include "lab/wire/bytes.h"
#include "lab/wire/handshake.h"
#include "lab/wire/reply.h"

namespace bdrmesh::lab {
namespace {

std::string greeting_of_mariadb() {
  std::string packet =
      "\x0a"
      "5.5.5-10.11.19-MariaDB";
  packet += '\0';
  put_fixed(packet, 77, 4);
  packet += "12345678";
  packet += '\0';
  put_fixed(packet, 0xffff, 2);
  put_fixed(packet, 0x08, 1);
  put_fixed(packet, 2, 2);
  put_fixed(packet, 0xffff, 2);
  put_fixed(packet, 21, 1);
  packet.append(10, '\x1f');
  packet += "123456789012";
  packet += '\0';
  packet += "mysql_native_password";
  packet += '\0';
  return packet;
}

TEST(Greeting, OffersWhatTheProxyUnderstands) {
  const Greeting greeting = edit_greeting(greeting_of_mariadb(), "8.0.11-TiDB-v8.5.3", 2097370);
  EXPECT_EQ(greeting.backend_thread, 77U);
  PacketReader reader(greeting.packet);
  reader.fixed(1);
  EXPECT_EQ(reader.until_nul(), "8.0.11-TiDB-v8.5.3");
  EXPECT_EQ(reader.fixed(4), 2097370U);
  EXPECT_EQ(reader.bytes(9), std::string_view("12345678\0", 9));
  const auto low = reader.fixed(2);
  EXPECT_EQ(low & (0x800U | 0x20U | 0x80U), 0U) << "TLS, compression, local files";
  reader.bytes(3);
  EXPECT_EQ(reader.fixed(2) & 0x0180U, 0U) << "session tracking, missing EOF packets";
}

TEST(Packets, RoundTrip) {
  OkReply ok{7, 300, 3, 1, "Rows matched: 7"};
  const OkReply read = parse_ok(ok_packet(ok));
  EXPECT_EQ(read.affected, 7U);
  EXPECT_EQ(read.insert_id, 300U);
  EXPECT_EQ(read.info, "Rows matched: 7");
  const SqlFailure failure =
      parse_error(error_packet({1836, "HY000", "Running in read-only mode"}));
  EXPECT_EQ(failure.code, 1836);
  EXPECT_EQ(failure.state, "HY000");
  EXPECT_EQ(failure.message, "Running in read-only mode");
  for (const std::uint64_t value : {0ULL, 250ULL, 251ULL, 65535ULL, 65536ULL, 1ULL << 24U, ~0ULL}) {
    std::string bytes;
    put_lenenc(bytes, value);
    EXPECT_EQ(PacketReader(bytes).lenenc(), value);
  }
}

TEST(Packets, ThatLieAreRefusedAndNeverReadBeyond) {
  std::string login;
  put_fixed(login, 0x0020a68dU, 4);
  login.append(28, '\0');
  login += "app";
  login += '\0';
  put_lenenc_string(login, "scramble");
  login += "db";
  login += '\0';
  const std::vector<std::string> seeds = {greeting_of_mariadb(), login,
                                          ok_packet({1, 2, 3, 4, "info"}),
                                          error_packet({1, "HY000", "x"}), eof_packet(2)};
  std::mt19937 random(4711);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string packet = seeds[random() % seeds.size()];
    packet.resize(random() % (packet.size() + 1));
    for (int i = 0; i < 3 && !packet.empty(); ++i)
      packet[random() % packet.size()] = static_cast<char>(random());
    try {
      switch (round % 4) {
        case 0:
          edit_greeting(packet, "v", 1);
          break;
        case 1:
          parse_login(packet);
          break;
        case 2:
          parse_ok(packet);
          break;
        default:
          parse_error(packet);
      }
    } catch (const MalformedPacket&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace bdrmesh::lab
