#include "flows/kind_args.h"

#include <algorithm>
#include <map>

namespace bdrmesh::flows {
namespace {

using Args = std::vector<KindArg>;

constexpr KindArg text(std::string_view name) { return {name, ArgType::text}; }
constexpr KindArg flag(std::string_view name) { return {name, ArgType::flag}; }
constexpr KindArg number(std::string_view name) { return {name, ArgType::number}; }
constexpr KindArg texts(std::string_view name) { return {name, ArgType::texts}; }
constexpr KindArg list(std::string_view name) { return {name, ArgType::list}; }
constexpr KindArg object(std::string_view name) { return {name, ArgType::object}; }

/// One line per kind of kinds.cc, in its order.
const std::map<std::string, Args, std::less<>>& table() {
  static const Args kLink{text("group"), text("from"), text("to")};
  static const std::map<std::string, Args, std::less<>> kTable{
      {"group.apply",
       {text("group"), flag("kill"), number("max_pause_ms"), text("from_backup_of"),
        number("hold_history_ms")}},
      {"dr.bootstrap", {text("group"), number("hold_history_ms")}},
      {"cluster.join",
       {text("cluster"), text("group"), text("source"), number("max_pause_ms"),
        number("hold_history_ms"), flag("kill"), flag("no_cut")}},
      {"group.stop",
       {text("group"), texts("open"), flag("keep_feeds_paused"), flag("accept_unproven"),
        flag("kill"), number("max_pause_ms"), number("txn_wait_ms"), number("hold_history_ms"),
        number("readers"), number("rows_per_second"), number("max_load"), number("patience_ms")}},
      {"group.start", {text("group"), flag("although_late")}},
      {"group.tables",
       {text("group"), texts("add"), texts("remove"), flag("kill"), flag("accept_unproven"),
        number("max_pause_ms"), number("txn_wait_ms"), number("readers"), number("rows_per_second"),
        number("max_load"), number("patience_ms")}},
      {"ddl.run",
       {text("group"), text("script"), text("schema"), number("max_pause_ms"),
        number("txn_wait_ms"), flag("kill"), text("strategy"), text("undo"), texts("confirm"),
        text("without_member")}},
      {"dr.switchover",
       {text("group"), text("to"), flag("kill"), number("max_pause_ms"), number("txn_wait_ms"),
        flag("keep_ttl")}},
      {"dr.failover",
       {text("group"), text("primary"), text("fenced_because"), text("changefeed"),
        flag("without_redo"), flag("kill")}},
      {"dr.reads", {text("group"), flag("on")}},
      {"dr.rebuild", {text("group"), text("cluster")}},
      {"ddl.open_healthy", {text("group"), text("operation"), texts("failed")}},
      {"verify.links", {text("group"), number("patience_ms")}},
      {"repair.plan", {text("group"), text("right"), list("rows")}},
      {"repair.apply", {text("group"), object("file"), number("deletes")}},
      {"verify.rows",
       {text("group"), texts("tables"), text("mode"), number("readers"), number("rows_per_second"),
        number("max_load"), number("patience_ms"), number("max_pause_ms"), flag("kill"),
        number("hold_history_ms")}},
      {"verify.schema", {text("group"), texts("tables")}},
      {"link.adopt", kLink},
      {"link.pause", kLink},
      {"link.repair",
       {text("group"), text("from"), text("to"), flag("replace"), text("lose_rows_of"),
        flag("although_late")}},
      {"link.resume",
       {text("group"), text("from"), text("to"), flag("once"), flag("although_late")}},
      {"gate.open", {text("cluster"), text("operation"), text("line_crossed_because")}},
      {"gate.close", {text("cluster"), text("reason"), number("for_ms")}},
      {"maintenance.start", {text("cluster"), text("reason"), number("for_ms"), flag("upgrade")}},
      {"maintenance.end", {text("cluster")}},
      {"cluster.rotate_sink_password", {text("cluster")}},
      {"cluster.leave",
       {text("cluster"), text("group"), flag("keep_serving"), flag("kill"),
        number("max_pause_ms")}},
      {"cluster.evacuate",
       {text("cluster"), text("group"), text("reason"), flag("kill"), number("max_pause_ms")}},
      {"cluster.return", {text("cluster"), text("group")}},
      {"cluster.evict",
       {text("cluster"), text("group"), text("confirm"), text("although_alive_because"),
        flag("compare")}},
  };
  return kTable;
}

bool fits(const Json& value, ArgType type) {
  switch (type) {
    case ArgType::text:
      return value.is_string();
    case ArgType::flag:
      return value.is_boolean();
    case ArgType::number:
      return value.is_number_integer();
    case ArgType::texts:
      return value.is_array() &&
             std::ranges::all_of(value, [](const Json& one) { return one.is_string(); });
    case ArgType::list:
      return value.is_array();
    case ArgType::object:
      return value.is_object();
  }
  return false;
}

std::string_view words_of(ArgType type) {
  switch (type) {
    case ArgType::text:
      return "a text";
    case ArgType::flag:
      return "true or false";
    case ArgType::number:
      return "a whole number";
    case ArgType::texts:
      return "a list of texts";
    case ArgType::list:
      return "a list";
    case ArgType::object:
      return "an object";
  }
  return "something else";
}

std::string known(const std::string& kind, const Args& args) {
  std::string names;
  for (const KindArg& one : args) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return "arguments of " + kind + ": " + names;
}

}  // namespace

const std::vector<KindArg>* args_of(std::string_view kind) {
  const auto found = table().find(kind);
  return found == table().end() ? nullptr : &found->second;
}

void require_known_args(const std::string& kind, const Json& args) {
  const Args* all = args_of(kind);
  if (all == nullptr) return;
  for (const auto& [name, value] : args.items()) {
    const auto one = std::ranges::find(*all, name, &KindArg::name);
    if (one == all->end()) {
      throw Error(ErrorKind::invalid, "BAD_ARGUMENT", kind + " has no argument '" + name + "'",
                  known(kind, *all));
    }
    if (value.is_null() || fits(value, one->type)) continue;
    throw Error(
        ErrorKind::invalid, "BAD_ARGUMENT",
        "argument '" + name + "' of " + kind + " must be " + std::string(words_of(one->type)),
        known(kind, *all));
  }
}

}  // namespace bdrmesh::flows
