// Faults of feeds: rows that come late, twice, changed or never.
#include "lab/fault/fault.h"
#include "lab/feed/feed_faults.h"
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;

/// The feed of the link that the words name.
struct Link {
  Link(Lab& lab, const Arguments& words)
      : words_of_link(words.text("FROM") + " " + words.text("TO")),
        faults(lab.feed(words.text("FROM"), words.text("TO"), id)) {}

  std::string id;
  std::string words_of_link;  ///< `east west`
  std::shared_ptr<FeedFaults> faults;
};

std::string name_of(const std::pair<std::string, std::string>& table) {
  return table.first + "." + table.second;
}

Done freeze_feed(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  link.faults->freeze();
  return {"frozen " + link.id, "feed " + link.id + " moves nothing; its state stays as it is",
          "thaw " + link.words_of_link};
}

Done thaw(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  link.faults->thaw();
  return {"frozen " + link.id, "feed " + link.id + " moves rows again", "", true};
}

Done delay_feed(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const Millis delay = words.time("TIME");
  link.faults->set_delay(delay);
  const bool over = delay == Millis{0};
  return {"delay " + link.id,
          "feed " + link.id + " waits " + std::to_string(delay.count()) + " ms before each batch",
          over ? "" : "delay-feed " + link.words_of_link + " 0", over};
}

Done drop_row(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const auto table = words.table();
  link.faults->drop_next(table.first, table.second);
  return {"", "feed " + link.id + " loses the next row of " + name_of(table) + " on its way", "",
          true};
}

Done duplicate_row(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const auto table = words.table();
  link.faults->duplicate_next(table.first, table.second);
  return {"", "feed " + link.id + " delivers the next row of " + name_of(table) + " twice", "",
          true};
}

Done corrupt_row(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const auto table = words.table();
  link.faults->corrupt_next(table.first, table.second);
  return {"", "feed " + link.id + " changes a value of the next row of " + name_of(table), "",
          true};
}

Done reorder_row(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const auto table = words.table();
  link.faults->reorder_next(table.first, table.second);
  return {"",
          "feed " + link.id + " holds the next row of " + name_of(table) +
              " until another change of its key has passed it",
          "", true};
}

Done feed_error(Lab& lab, const Arguments& words) {
  const Link link(lab, words);
  const std::string& code = words.text("ERROR");
  lab.node(words.text("FROM"))
      .ticdc.feed_book()
      .meet_error(link.id, {lab.clock().now(), code, "[" + code + "]made to happen by the lab"});
  return {"", "feed " + link.id + " met the error " + code, "", true};
}

}  // namespace

const Family& flow_faults() {
  static const Family family{
      {"freeze-feed", "FROM TO", "a changefeed moves nothing and stays normal", freeze_feed},
      {"thaw", "FROM TO", "undoes freeze-feed", thaw},
      {"delay-feed", "FROM TO TIME", "each batch of a changefeed comes late", delay_feed},
      {"drop-row", "FROM TO [TABLE]", "the next row is lost in flight", drop_row, true},
      {"corrupt-row", "FROM TO [TABLE]", "a value of the next row changes in flight", corrupt_row,
       true},
      {"reorder-row", "FROM TO [TABLE]", "a later change of the same key passes the next row",
       reorder_row, true},
      {"feed-error", "FROM TO ERROR", "a changefeed meets this error, as CDC:ErrSnapshotLostByGC",
       feed_error, true},
      {"duplicate-row", "FROM TO [TABLE]", "the next row is delivered twice", duplicate_row},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
