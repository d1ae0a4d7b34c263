#include "flows/dr/after_turn.h"

#include <algorithm>
#include <functional>
#include <map>

#include "clients/catalogue/sql_catalogue.h"
#include "flows/backup/group_tables.h"
#include "flows/gate/gate_steps.h"

namespace bdrmesh::flows {
namespace {

constexpr std::size_t kRemembered = 5000;
constexpr std::size_t kIdsNamed = 10;
constexpr std::size_t kTablesNamed = 50;
constexpr Millis kPatience{10'000};

/// What `ask` answers, or {unknown: code} and an event: neither may hold up what comes after the
/// line.
Json told(StepContext& ctx, const std::string& what, const std::function<Json()>& ask) {
  try {
    return ask();
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled || e.kind() == ErrorKind::bug) throw;
    ctx.event("warning", what + " is not known: " + e.message());
    return {{"unknown", e.code()}};
  }
}

std::string key_of(const UserSession& session) {
  return session.instance + " " + std::to_string(session.id);
}

}  // namespace

void note_open_sessions(const FlowPorts& ports, StepContext& ctx, const ClusterName& cluster) {
  const std::vector<std::string> exempt = exempt_users(ports.desired, cluster);
  Json open = Json::array();
  for (const UserSession& one : ports.world.users(cluster).sessions(ctx.call()).sessions) {
    if (open.size() >= kRemembered) break;
    if (std::ranges::find(exempt, one.user) == exempt.end()) open.push_back(key_of(one));
  }
  ctx.set_fact({"open_sessions", cluster.value(), FactLife::durable, open});
}

Verdict NamePastReaders::verify(StepContext& ctx) {
  if (ctx.fact("past_readers", scope())) return holds();
  return not_yet("a look for sessions that still read the past on " + cluster().value());
}

void NamePastReaders::execute(StepContext& ctx) {
  ctx.set_fact({"past_readers", scope(), FactLife::durable,
                told(ctx, "who still reads the past on " + cluster().value(),
                     [&] { return look_and_tell(ctx); })});
}

Json NamePastReaders::look_and_tell(StepContext& ctx) {
  const std::optional<Json> before = ctx.fact("open_sessions", scope());
  if (!before) return {{"count", 0}, {"killed", 0}};
  const bool kill = get_or(args_, "kill", false);
  const Call call = ctx.call().within(ports_.clock.mono(), kPatience);
  const std::vector<TidbServerInfo> servers = tidb().servers(call);
  std::map<std::string, std::vector<UserSession>> by_user;
  std::size_t count = 0;
  int killed = 0;
  for (const UserSession& one : ports_.world.users(cluster()).sessions(call).sessions) {
    if (std::ranges::find(*before, Json(key_of(one))) == before->end()) continue;
    ++count;
    const auto server = std::ranges::find(servers, one.instance, &TidbServerInfo::status_address);
    if (kill && server != servers.end()) {
      ports_.world.users(cluster()).end_session(server->address, one.id, call);
      ++killed;
    }
    by_user[one.user].push_back(one);
  }
  for (const auto& [user, sessions] : by_user) {
    std::string ids;
    for (std::size_t i = 0; i < std::min(sessions.size(), kIdsNamed); ++i)
      ids += (i == 0 ? "" : ", ") + std::to_string(sessions[i].id) + " on " + sessions[i].instance;
    const std::string who = std::to_string(sessions.size()) + " sessions of user '" + user +
                            "' on " + cluster().value() + " (" + ids +
                            (sessions.size() > kIdsNamed ? ", …" : "") + ")";
    ctx.event("warning",
              kill ? "killed: " + who + ": they may have read the past"
                   : who +
                         " were opened before reads of the past were switched off: such a session "
                         "goes on reading the past, and its writes fail with 1105, until it "
                         "reconnects; restart that pool, or KILL TIDB each on its tidb-server");
  }
  return {{"count", count}, {"killed", killed}};
}

bool ttl_enable_is(const std::string& create_statement, const std::string& word) {
  const std::size_t options = create_statement.rfind("\n)");
  return options != std::string::npos &&
         create_statement.find("TTL_ENABLE='" + word + "'", options) != std::string::npos;
}

Verdict NameTtlOff::verify(StepContext& ctx) {
  if (ctx.fact("ttl_off", scope())) return holds();
  return not_yet("a look for tables of " + cluster().value() + " whose expired rows stay");
}

void NameTtlOff::execute(StepContext& ctx) {
  ctx.set_fact({"ttl_off", scope(), FactLife::durable,
                told(ctx, "which tables of " + cluster().value() + " have TTL_ENABLE='OFF'",
                     [&] { return look_and_tell(ctx); })});
}

Json NameTtlOff::look_and_tell(StepContext& ctx) {
  const GroupSpec& group =
      ports_.desired.group(GroupName(get_required<std::string>(ctx.subject(), "group")));
  const std::string as_on = get_or<std::string>(args_, "as_on", "");
  Json found = Json::array();
  std::string alters;
  for (const TableName& table : group_tables(group, tidb(), ctx.call())) {
    const auto here = tidb().create_statement(table, ctx.call());
    if (!here || !ttl_enable_is(*here, "OFF")) continue;
    if (!as_on.empty()) {
      const auto there = ports_.world.tidb(ClusterName(as_on)).create_statement(table, ctx.call());
      if (!there || !ttl_enable_is(*there, "ON")) continue;
    }
    found.push_back(to_string(table));
    if (found.size() <= kTablesNamed)
      alters += " ALTER TABLE " + sql_text::quote_name(table) + " TTL_ENABLE = 'ON';";
  }
  if (found.empty()) return {{"count", 0}, {"tables", found}};
  ctx.event("warning",
            "nobody deletes the expired rows of " + std::to_string(found.size()) + " tables on " +
                cluster().value() +
                ": TiCDC and BR copy tables with TTL_ENABLE='OFF'. Where it was on, type:" +
                alters + (found.size() > kTablesNamed ? " … (all in the fact ttl_off)" : ""));
  return {{"count", found.size()}, {"tables", found}};
}

}  // namespace bdrmesh::flows
