#include "app/cli/render/render_pair.h"

#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/cli/render/text_table.h"

namespace bdrmesh {
namespace {

std::string position_text(const Json& position) {
  if (!position.is_object()) return "-";
  return text_of(position, "time") + "  (TSO " + text_of(position, "tso") + ")";
}

std::string member(const Json& object, const char* key) {
  return position_text(part_of(object, key));
}

void add_reads(TextTable& table, const Json& reads) {
  const Json& enabled = part_of(reads, "enabled");
  table.row({"reads", enabled.is_null() ? "not known"
                      : is_true(reads, "enabled")
                          ? "at the newest syncpoint: dr reads disable shows what is there now"
                          : "what is there now"});
  table.row({"read point", member(reads, "external_ts")});
  const Json& point = part_of(reads, "syncpoint");
  table.row({"syncpoint", point.is_null() ? "none yet"
                                          : member(point, "primary") + " of the primary, " +
                                                span_text(part_of(reads, "behind_ms")) + " ago"});
}

std::string since(const Json& pair) {
  const Json& turned = part_of(pair, "since");
  if (!turned.is_object()) return "as configured";
  return text_of(turned, "how") + " " + text_of(turned, "operation") + ", " + text_of(turned, "at");
}

std::string last_switchover(const Json& pair) {
  const Json& last = part_of(pair, "last_switchover");
  if (!last.is_object()) return "never: bdrmesh dr drill " + text_of(pair, "group");
  return text_of(last, "kind") + " " + text_of(last, "operation") + " " + text_of(last, "state") +
         ", " + text_of(last, "at") + ", without a writable cluster for " +
         span_text(part_of(last, "without_writable_cluster_ms"));
}

}  // namespace

std::string render_pair_reads(const Json& pair) {
  TextTable table({"secondary", text_of(pair, "secondary")});
  add_reads(table, part_of(pair, "reads"));
  return table.text();
}

std::string render_pair(const Json& pair) {
  std::string text = text_of(pair, "group") + ": " + text_of(pair, "primary") + " → " +
                     text_of(pair, "secondary") + "   " + text_of(pair, "readiness") + "\n";
  for (const Json& reason : list_of(pair, "reasons")) text += "  ! " + value_text(reason) + "\n";
  TextTable table({"roles", since(pair)});
  const Json& link = part_of(pair, "link");
  table.row({"link", text_of(pair, "changefeed") + ", " + text_of(link, "verdict") +
                         (text_of(link, "why") == "-" ? "" : ": " + text_of(link, "why"))});
  table.row({"RPO now", span_text(part_of(pair, "rpo_ms"))});
  table.row({"has all up to", member(pair, "checkpoint")});
  table.row({"a failover now", text_of(part_of(pair, "failover_loss"), "text")});
  table.row({"redo log", text_of(pair, "redo")});
  table.row({"history until", text_of(pair, "gc_budget_ends")});
  const Json& rto = part_of(pair, "rto");
  table.row({"switchover takes", span_text(part_of(rto, "switchover_ms")) + ": " +
                                     text_of(rto, "switchover_rests_on")});
  table.row({"failover takes",
             span_text(part_of(rto, "failover_ms")) + ": " + text_of(rto, "failover_rests_on")});
  add_reads(table, part_of(pair, "reads"));
  table.row({"last turn", last_switchover(pair)});
  text += table.text(2);
  if (text_of(pair, "configuration") != "-")
    text += "The configuration names the primary of before: write " +
            text_of(pair, "configuration") + "\n";
  if (text_of(pair, "next") != "-") text += "→ " + text_of(pair, "next") + "\n";
  return text;
}

}  // namespace bdrmesh
