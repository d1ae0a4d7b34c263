#include "app/cli/client/event_messages.h"

#include <gtest/gtest.h>

namespace bdrmesh {
namespace {

constexpr const char* kText =
    "retry: 1000\n\nid: 7\ndata: {\"a\":1}\n\n: a comment\nevent: end\r\ndata: one\r\ndata: "
    "two\r\n\r\n";

std::string shown(const std::vector<EventMessage>& messages) {
  std::string text;
  for (const EventMessage& one : messages)
    text += "[" + one.id + "|" + one.name + "|" + one.data + "]";
  return text;
}

TEST(EventMessages, AreReadWhereverTheirPiecesAreCut) {
  const std::string text = kText;
  for (std::size_t size = 1; size <= text.size(); ++size) {
    EventMessages reader;
    std::string all;
    for (std::size_t at = 0; at < text.size(); at += size)
      all += shown(reader.take(std::string_view(text).substr(at, size)));
    EXPECT_EQ(all, "[7||{\"a\":1}][7|end|one\ntwo]") << "in pieces of " << size;
    EXPECT_EQ(reader.last_id(), "7");
  }
}

TEST(EventMessages, OfWhichHalfIsLostAreForgottenButTheirNumberIsNot) {
  EventMessages reader;
  EXPECT_EQ(shown(reader.take("id: 8\ndata: x\n\nid: 9\ndata: ha")), "[8||x]");
  reader.disconnected();
  EXPECT_EQ(reader.last_id(), "9") << "as the standard has it: set when its line is read";
  EXPECT_EQ(shown(reader.take("data: y\n\n")), "[9||y]");
}

}  // namespace
}  // namespace bdrmesh
