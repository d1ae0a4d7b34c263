#include "app/cli/support/tar_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>

#include "base/error.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kBlock = 512;

template <std::size_t N>
void put(std::array<char, kBlock>& header, std::size_t at, const char (&text)[N]) {
  std::memcpy(header.data() + at, text, N);
}

void put_octal(std::array<char, kBlock>& header, std::size_t at, std::size_t width,
               std::uint64_t value) {
  for (std::size_t digit = width - 1; digit-- > 0; value >>= 3U)
    header.at(at + digit) = static_cast<char>('0' + (value & 7U));
}

/// Fields and their places: POSIX.1-2001, "ustar Interchange Format".
std::string header_of(const std::string& path, std::size_t size, std::int64_t seconds) {
  if (path.size() >= 100)
    throw Error(ErrorKind::bug, "PATH_TOO_LONG", "'" + path + "' does not fit a tar header");
  std::array<char, kBlock> header{};
  std::memcpy(header.data(), path.data(), path.size());
  put_octal(header, 100, 8, 0600);
  put_octal(header, 108, 8, 0);
  put_octal(header, 116, 8, 0);
  put_octal(header, 124, 12, size);
  put_octal(header, 136, 12, static_cast<std::uint64_t>(std::max<std::int64_t>(0, seconds)));
  std::fill_n(header.begin() + 148, 8, ' ');
  header[156] = '0';
  put(header, 257, "ustar");
  header[263] = '0';
  header[264] = '0';
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  put_octal(header, 148, 7, sum);
  return {header.data(), header.size()};
}

std::string deflated(const std::string& data) {
  namespace zlib = boost::beast::zlib;
  zlib::deflate_stream stream;
  std::string out(zlib::deflate_upper_bound(data.size()) + 64, '\0');
  zlib::z_params params;
  params.next_in = data.data();
  params.avail_in = data.size();
  params.next_out = out.data();
  params.avail_out = out.size();
  boost::system::error_code error;
  stream.write(params, zlib::Flush::finish, error);
  if (error && error != zlib::error::end_of_stream)
    throw Error(ErrorKind::bug, "CANNOT_PACK", "packing failed: " + error.message());
  out.resize(params.total_out);
  return out;
}

std::string little_endian(std::uint32_t value) {
  std::string out;
  for (unsigned shift = 0; shift < 32; shift += 8)
    out += static_cast<char>((value >> shift) & 0xffU);
  return out;
}

}  // namespace

std::string tar_of(const std::string& folder, const std::map<std::string, std::string>& files,
                   std::int64_t seconds) {
  std::string out;
  for (const auto& [name, content] : files) {
    out += header_of(folder + "/" + name, content.size(), seconds) + content;
    out.append((kBlock - content.size() % kBlock) % kBlock, '\0');
  }
  return out.append(2 * kBlock, '\0');
}

std::string gzipped(const std::string& data) {
  boost::crc_32_type sum;
  sum.process_bytes(data.data(), data.size());
  static constexpr std::array<char, 10> kHeader{'\x1f', '\x8b', 8, 0, 0, 0, 0, 0, 0, '\xff'};
  return std::string(kHeader.data(), kHeader.size()) + deflated(data) +
         little_endian(sum.checksum()) + little_endian(static_cast<std::uint32_t>(data.size()));
}

}  // namespace bdrmesh
