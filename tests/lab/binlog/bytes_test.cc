// The binlog reader against malformed input: it refuses with its own error, whatever the bytes are.
#include "lab/binlog/bytes.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <random>

#include "lab/binlog/rows.h"

namespace bdrmesh::lab {
namespace {

TEST(ByteReader, ReadsBothByteOrders) {
  ByteReader in(std::string_view("\x01\x02\x01\x02", 4));
  EXPECT_EQ(in.little(2), 0x0201U);
  EXPECT_EQ(in.big(2), 0x0102U);
  EXPECT_TRUE(in.empty());
}

TEST(ByteReader, NeverReadsPastTheEnd) {
  EXPECT_THROW(ByteReader("abc").little(4), BadBinlog);
  EXPECT_THROW(ByteReader("abc").bytes(4), BadBinlog);
  EXPECT_THROW(ByteReader("abc").zero_ended(), BadBinlog);
  EXPECT_THROW(ByteReader("\xfe").length_encoded(), BadBinlog);
  EXPECT_THROW(ByteReader("\x05"
                          "abc")
                   .counted(),
               BadBinlog);
  EXPECT_THROW(ByteReader(std::string_view("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9)).counted(),
               BadBinlog);
}

TEST(BinlogPosition, ComparesFilesByTheirNumber) {
  EXPECT_TRUE(reached({"bl.000010", 4}, {"bl.000009", 900}));
  EXPECT_FALSE(reached({"bl.999999", 900}, {"bl.1000000", 4}));
  EXPECT_TRUE(reached({"bl.000001", 7}, {"bl.000001", 7}));
}

/// Events of one real server, each with its header, as tests/data/binlog/ holds them: a line of hex
/// each.
std::vector<std::string> recorded_events() {
  std::vector<std::string> events;
  std::ifstream in(std::string(BDR_TEST_DATA) + "/binlog/column-types.hex");
  for (std::string line; std::getline(in, line);) {
    std::string event;
    for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
      event += static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16));
    }
    events.push_back(event);
  }
  return events;
}

/// Does with an event what the feed's reader does.
void digest(const std::string& bytes, std::shared_ptr<TableMap>& table) {
  const RawEvent event = parse_event(bytes);
  if (event.header.type == EventType::table_map) {
    table = std::make_shared<TableMap>(parse_table_map(event.body));
  } else if (is_rows_event(event.header.type) && table) {
    for (const RowImage& image : parse_rows(event.header.type, *table, event.body).rows) {
      for (const Value& value : image.before) sql_literal(value);
      for (const Value& value : image.after) sql_literal(value);
    }
  } else if (event.header.type == EventType::query) {
    parse_query(event.body);
  } else if (event.header.type == EventType::gtid) {
    parse_gtid(event.body);
  } else if (event.header.type == EventType::rotate) {
    parse_rotate(event.body);
  } else if (event.header.type == EventType::format_description) {
    require_no_checksums(event.body);
  }
}

TEST(BinlogParser, ReadsRecordedEvents) {
  std::shared_ptr<TableMap> table;
  const auto events = recorded_events();
  ASSERT_FALSE(events.empty());
  for (const std::string& event : events) EXPECT_NO_THROW(digest(event, table));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->columns.size(), 45U);
}

TEST(BinlogParser, RefusesMutatedEventsWithoutHarm) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto events = recorded_events();
  ASSERT_FALSE(events.empty());
  std::size_t refused = 0;
  std::size_t read = 0;
  for (int round = 0; round < 4000; ++round) {
    std::shared_ptr<TableMap> table;
    for (std::string event : events) {
      const std::size_t changes = random() % 4;
      for (std::size_t i = 0; i < changes && !event.empty(); ++i) {
        event[random() % event.size()] = static_cast<char>(random());
      }
      if (random() % 8 == 0) event.resize(random() % (event.size() + 1));
      try {
        digest(event, table);
        ++read;
      } catch (const BadBinlog&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 0U);
  EXPECT_GT(read, 0U);
}

}  // namespace
}  // namespace bdrmesh::lab
