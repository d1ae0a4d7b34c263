#include "lab/binlog/sql_session.h"

#include <algorithm>
#include <array>
#include <openssl/evp.h>

#include "base/error.h"
#include "lab/binlog/bytes.h"
#include "lab/binlog/packet_socket.h"

namespace bdrmesh::lab {

namespace {

constexpr std::size_t kDigest = 20;
constexpr std::uint8_t kOk = 0x00;
constexpr std::uint8_t kEnd = 0xfe;
constexpr std::uint8_t kFailure = 0xff;
constexpr std::uint8_t kNull = 0xfb;
constexpr std::size_t kFirstEvent = 4;  // behind the magic bytes of a file

enum Capability : std::uint32_t {
  kLongPassword = 1,
  kLongFlag = 4,
  kProtocol41 = 0x200,
  kTransactions = 0x2000,
  kSecureConnection = 0x8000,
  kMultiStatements = 0x10000,
  kPluginAuth = 0x80000,
};

std::array<unsigned char, kDigest> sha1(std::string_view text) {
  std::array<unsigned char, kDigest> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return digest;
}

std::string_view as_text(const std::array<unsigned char, kDigest>& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// SHA1(password) xor SHA1(salt, SHA1(SHA1(password))).
std::string native_password(const Secret& password, std::string_view salt) {
  if (password.empty()) return "";
  const auto once = sha1(password.reveal());
  const auto twice = sha1(as_text(once));
  const auto mask = sha1(std::string(salt) + std::string(as_text(twice)));
  std::string proof;
  for (std::size_t i = 0; i < kDigest; ++i) proof += static_cast<char>(once[i] ^ mask[i]);
  return proof;
}

void put(std::string& out, std::uint64_t value, unsigned width) {
  for (unsigned i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 255);
}

std::uint8_t status_of(std::string_view packet) {
  return packet.empty() ? kFailure : static_cast<std::uint8_t>(packet.front());
}

void throw_if_failure(std::string_view packet) {
  if (status_of(packet) != kFailure) return;
  ByteReader in(packet);
  in.byte();
  const std::uint64_t code = in.little(2);
  std::string_view text = in.rest();
  std::string state = "HY000";
  if (text.size() >= 6 && text.front() == '#') {
    state = text.substr(1, 5);
    text.remove_prefix(6);
  }
  throw SqlError(static_cast<int>(code), state, std::string(text));
}

}  // namespace

class SqlSession::Impl {
 public:
  Impl(const SqlLogin& login, Millis limit)
      : socket_(login.socket_path.empty() ? PacketSocket::to_host(login.host, login.port)
                                          : PacketSocket::to_path(login.socket_path)) {
    const std::string salt = read_greeting(limit);
    send_login(login, salt);
    std::string answer = packet(limit);
    if (status_of(answer) == kEnd) {
      answer_auth_switch(login, answer);
      answer = packet(limit);
    }
    throw_if_failure(answer);
  }

  std::string packet(Millis limit) {
    auto received = socket_.receive(limit);
    if (!received) {
      throw Error(ErrorKind::transient, "LAB_SQL_UNREACHABLE", "the server does not answer");
    }
    return std::move(*received);
  }

  std::vector<ResultRow> query(const std::string& sql, Millis limit) {
    command("\x03" + sql);
    const std::string first = packet(limit);
    throw_if_failure(first);
    if (status_of(first) == kOk) return {};
    const auto columns = static_cast<std::size_t>(ByteReader(first).length_encoded());
    for (std::size_t i = 0; i < columns; ++i) packet(limit);
    packet(limit);  // the end of the column definitions
    std::vector<ResultRow> rows;
    for (;;) {
      const std::string line = packet(limit);
      throw_if_failure(line);
      if (status_of(line) == kEnd && line.size() < 9) return rows;
      rows.push_back(parse_line(line, columns));
    }
  }

  void script(const std::vector<std::string>& statements, Millis limit, std::size_t& done) {
    std::string all = "\x03";
    for (const std::string& statement : statements) {
      if (all.size() > 1) all += ';';
      all += statement;
    }
    command(all);
    for (done = 0; done < statements.size(); ++done) {
      const std::string answer = packet(limit);
      throw_if_failure(answer);
      if (status_of(answer) != kOk) {
        throw Error(ErrorKind::bug, "LAB_SQL_ROWS", "a script must have no results");
      }
    }
  }

  void command(const std::string& payload) {
    socket_.start_exchange();
    socket_.send(payload);
  }

  void abort() noexcept { socket_.abort(); }

  std::optional<RawEvent> next_event(Millis wait) {
    const auto received = socket_.receive(wait);
    if (!received) return std::nullopt;
    throw_if_failure(*received);
    if (status_of(*received) != kOk) {
      throw Error(ErrorKind::transient, "LAB_SQL_UNREACHABLE", "the server ended its binlog");
    }
    return parse_event(std::string_view(*received).substr(1));
  }

 private:
  std::string read_greeting(Millis limit) {
    const std::string greeting = packet(limit);
    throw_if_failure(greeting);
    ByteReader in(greeting);
    in.byte();
    in.zero_ended();  // version
    in.little(4);     // connection id
    std::string salt(in.bytes(8));
    in.bytes(1 + 2 + 1 + 2 + 2 + 1 + 10);  // capabilities, character set, status
    salt += in.bytes(12);
    return salt;
  }

  void send_login(const SqlLogin& login, const std::string& salt) {
    constexpr std::uint64_t kLongestPacket = 1 << 24;
    constexpr std::uint64_t kUtf8mb4 = 45;
    std::string out;
    put(out,
        kLongPassword | kLongFlag | kProtocol41 | kTransactions | kSecureConnection |
            kMultiStatements | kPluginAuth,
        4);
    put(out, kLongestPacket, 4);
    put(out, kUtf8mb4, 1);
    out.append(23, '\0');
    out += login.user;
    out += '\0';
    const std::string proof = native_password(login.password, salt);
    put(out, proof.size(), 1);
    out += proof;
    out += "mysql_native_password";
    out += '\0';
    socket_.send(out);
  }

  void answer_auth_switch(const SqlLogin& login, const std::string& request) {
    ByteReader in(request);
    in.byte();
    if (in.zero_ended() != "mysql_native_password") {
      throw SqlError(1251, "08004", "unknown authentication plugin");
    }
    socket_.send(native_password(login.password, in.bytes(kDigest)));
  }

  static ResultRow parse_line(const std::string& line, std::size_t columns) {
    ByteReader in(line);
    ResultRow row;
    row.reserve(columns);
    for (std::size_t i = 0; i < columns; ++i) {
      if (!in.empty() && status_of(in.rest()) == kNull) {
        in.byte();
        row.emplace_back();
      } else {
        row.emplace_back(std::string(in.counted()));
      }
    }
    return row;
  }

  PacketSocket socket_;
};

SqlSession::SqlSession(const SqlLogin& login, Millis limit)
    : impl_(std::make_unique<Impl>(login, limit)) {}
SqlSession::~SqlSession() = default;
SqlSession::SqlSession(SqlSession&&) noexcept = default;

std::vector<SqlSession::ResultRow> SqlSession::query(const std::string& sql, Millis limit) {
  return impl_->query(sql, limit);
}

void SqlSession::script(const std::vector<std::string>& statements, Millis limit,
                        std::size_t& done) {
  impl_->script(statements, limit, done);
}

void SqlSession::abort() noexcept { impl_->abort(); }

void SqlSession::start_binlog(const BinlogPosition& from, std::uint32_t replica_id,
                              Millis heartbeat) {
  constexpr Millis kPatience{5000};
  constexpr int kKnowsGtid = 4;
  // The server cannot take checksums out again: it must not make any (require_no_checksums).
  impl_->query("SET @master_binlog_checksum='NONE', @mariadb_slave_capability=" +
                   std::to_string(kKnowsGtid) + ", @master_heartbeat_period=" +
                   std::to_string(std::chrono::nanoseconds(heartbeat).count()),
               kPatience);
  std::string dump = "\x12";
  put(dump, from.offset, 4);
  put(dump, 0, 2);
  put(dump, replica_id, 4);
  dump += from.file;
  impl_->command(dump);
}

std::optional<RawEvent> SqlSession::next_event(Millis wait) { return impl_->next_event(wait); }

BinlogPosition binlog_end(SqlSession& session, Millis limit) {
  const auto rows = session.query("SHOW MASTER STATUS", limit);
  if (rows.empty() || rows[0].size() < 2 || !rows[0][0] || !rows[0][1]) {
    throw Error(ErrorKind::precondition, "LAB_NO_BINLOG", "the server writes no binlog");
  }
  return {*rows[0][0], std::stoull(*rows[0][1])};
}

BinlogPosition binlog_begin(SqlSession& session, Millis limit) {
  const auto rows = session.query("SHOW BINARY LOGS", limit);
  if (rows.empty() || rows[0].empty() || !rows[0][0]) {
    throw Error(ErrorKind::precondition, "LAB_NO_BINLOG", "the server writes no binlog");
  }
  return {*rows[0][0], kFirstEvent};
}

}  // namespace bdrmesh::lab
