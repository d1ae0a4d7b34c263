#include "flows/dr/failover_steps.h"

#include <algorithm>

#include "base/random_id.h"
#include "clients/sink_uri.h"
#include "doctor/grants.h"

namespace bdrmesh::flows {
namespace {

/// Somebody answered, and be it with a refusal, or with any HTTP status: a TiCDC that looks for its
/// owner lives.
bool is_answer(const Error& e) {
  if (e.code() == "TICDC_BUSY") return true;
  return e.kind() != ErrorKind::transient && e.kind() != ErrorKind::ambiguous &&
         e.kind() != ErrorKind::cancelled;
}

void note_sign(std::vector<std::string>& signs, const std::string& who,
               const std::function<void()>& ask) {
  try {
    ask();
    signs.push_back(who);
  } catch (const Error& e) {
    if (e.kind() == ErrorKind::cancelled) throw;
    if (is_answer(e)) signs.push_back(who + " (" + e.code() + ")");
  }
}

std::string joined(const std::vector<std::string>& all) {
  std::string text;
  for (const std::string& one : all) text += (text.empty() ? "" : ", ") + one;
  return text;
}

ServerAddress address_of(const std::vector<TidbServerInfo>& servers, const std::string& instance) {
  const auto found = std::ranges::find(servers, instance, &TidbServerInfo::status_address);
  if (found != servers.end()) return found->address;
  throw Error(ErrorKind::transient, "SERVER_UNKNOWN",
              "a session lives on " + instance + ", which cluster_info does not list");
}

RedoTool& require_tool(const FlowPorts& ports) {
  if (ports.redo == nullptr)
    throw Error(ErrorKind::precondition, "NO_CDC_TOOL", "no cdc program is configured",
                "give [manager] cdc = \"/path/to/cdc\", of the version that wrote the log");
  return *ports.redo;
}

}  // namespace

std::vector<std::string> signs_of_life(const FlowPorts& ports, const ClusterName& cluster,
                                       Millis patience, const Call& call) {
  std::vector<std::string> signs;
  const auto limits = [&] { return call.within(ports.clock.mono(), patience); };
  for (const ServerAddress& server : ports.desired.cluster(cluster).tidb) {
    note_sign(signs, "tidb-server " + server.value(),
              [&] { (void)ports.world.tidb(cluster).super_read_only(server, limits()); });
  }
  note_sign(signs, "PD", [&] { (void)ports.world.pd(cluster).cluster_id(limits()); });
  note_sign(signs, "TiCDC", [&] { (void)ports.world.ticdc(cluster).list(limits()); });
  return signs;
}

Verdict RequireGone::verify(StepContext& ctx) {
  static constexpr Millis kPatience{2000};
  const std::vector<std::string> signs = signs_of_life(ports_, cluster(), kPatience, ctx.call());
  if (signs.empty()) return holds();
  const std::string because = get_or<std::string>(args_, "because", "");
  if (!because.empty()) {
    ctx.event("alarm", cluster().value() + " answers (" + joined(signs) +
                           "), and is taken for fenced because: " + because);
    return holds();
  }
  return refused("PRIMARY_ANSWERS",
                 cluster().value() + " is not gone: " + joined(signs) + " answered just now",
                 "bdrmesh dr switchover " + get_or<std::string>(args_, "group", "") +
                     " loses nothing; if applications cannot reach it: --primary-is-fenced-because "
                     "\"how it is kept from writing\"");
}

Verdict ShutOutUser::refused_everywhere(StepContext& ctx,
                                        const std::vector<TidbServerInfo>& servers) {
  UserKeeper& users = ports_.world.users(cluster());
  const Link link{ClusterName(get_required<std::string>(args_, "from")), cluster()};
  const Secret password = ports_.world.sink_password(link);
  for (const TidbServerInfo& server : servers) {
    const LoginAnswer answer = users.try_login(server.address, user(), password, ctx.call());
    if (answer == LoginAnswer::locked) continue;
    return not_yet(server.address.value() + " to refuse " + user() + " as locked; it " +
                   (answer == LoginAnswer::accepted ? "lets it in" : "refuses its password"));
  }
  return holds();
}

Verdict ShutOutUser::verify(StepContext& ctx) {
  UserKeeper& users = ports_.world.users(cluster());
  const std::optional<bool> locked = users.is_locked(user(), ctx.call());
  if (!locked) return holds();  // nobody can log in as somebody who does not exist
  if (!*locked) return not_yet("account " + user() + " to be locked");
  const std::vector<TidbServerInfo> servers = tidb().servers(ctx.call());
  if (Verdict verdict = refused_everywhere(ctx, servers); verdict.kind != Verdict::Kind::holds)
    return verdict;
  const SessionLook look = users.sessions_of(user(), ctx.call());
  if (!look.warnings.empty()) return not_yet("a whole list of sessions: " + look.warnings.front());
  if (!look.sessions.empty())
    return not_yet(std::to_string(look.sessions.size()) + " sessions of " + user() + " to end");
  return holds();
}

void ShutOutUser::execute(StepContext& ctx) {
  UserKeeper& users = ports_.world.users(cluster());
  if (users.is_locked(user(), ctx.call()) == false) {
    ctx.set_fact({"locked", scope(), FactLife::durable, user()});
    ctx.checkpoint();
    users.set_locked(user(), true, ctx.call());
  }
  const std::vector<TidbServerInfo> servers = tidb().servers(ctx.call());
  for (const UserSession& one : users.sessions_of(user(), ctx.call()).sessions)
    users.end_session(address_of(servers, one.instance), one.id, ctx.call());
}

void ShutOutUser::compensate(StepContext& ctx) {
  if (ctx.fact("locked", scope()))
    ports_.world.users(cluster()).set_locked(user(), false, ctx.call());
}

Verdict LetInUser::verify(StepContext& ctx) {
  const auto user = get_required<std::string>(args_, "user");
  if (ports_.world.users(cluster()).is_locked(user, ctx.call()) != true) return holds();
  return not_yet("account " + user + " to be unlocked");
}

void LetInUser::execute(StepContext& ctx) {
  ports_.world.users(cluster()).set_locked(get_required<std::string>(args_, "user"), false,
                                           ctx.call());
}

Json loss_of(Tso position, bool by_redo, WallTime until) {
  if (!position.is_set())
    return {{"known", false}, {"text", "nothing says how far the rows of the primary have come"}};
  const auto gap = std::max<std::int64_t>(0, to_millis(until) - to_millis(position.time()));
  const std::string seconds = std::to_string(gap / 1000) + "." + std::to_string(gap % 1000 / 100);
  return {{"known", true},
          {"position", to_string(position)},
          {"time", to_rfc3339(position.time())},
          {"at_most_ms", gap},
          {"by_redo", by_redo},
          {"text", "what the primary committed after " + to_rfc3339(position.time()) + " (TSO " +
                       to_string(position) + ") is lost: at most the last " + seconds + " s" +
                       (by_redo ? "" : "; no redo log tells more exactly")}};
}

Verdict StateLoss::verify(StepContext& ctx) {
  return ctx.fact("loss", "") ? holds() : not_yet("how much will be lost");
}

void StateLoss::execute(StepContext& ctx) {
  const std::string storage = get_or<std::string>(args_, "storage", "");
  Tso position = parse_tso(get_or<std::string>(args_, "proven", "0"));
  if (!storage.empty()) {
    const RedoPositions seen = require_tool(ports_).positions(storage, ctx.call());
    position = seen.resolved;
    ctx.set_fact(
        {"redo",
         "",
         FactLife::durable,
         {{"checkpoint", to_string(seen.checkpoint)}, {"resolved", to_string(seen.resolved)}}});
  }
  const auto last_seen = get_or<std::int64_t>(args_, "last_seen_ms", 0);
  const Json loss =
      loss_of(position, !storage.empty(), last_seen > 0 ? from_millis(last_seen) : ctx.now());
  ctx.set_fact({"loss", "", FactLife::durable, loss});
  ctx.event("alarm", loss.at("text").get<std::string>());
}

std::vector<std::string> redo_grants() {
  return {"SELECT, INDEX, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, CREATE VIEW ON *.*",
          "SYSTEM_VARIABLES_ADMIN, RESTRICTED_REPLICA_WRITER_ADMIN ON *.*"};
}

std::string missing_for_redo_user(const std::vector<std::string>& own_grants) {
  const doctor::Privileges held(own_grants);
  std::vector<std::string> missing;
  for (const std::string& grant : redo_grants()) {
    for (const std::string& privilege :
         doctor::parse_grant("GRANT " + grant + " TO 'x'").privileges) {
      if (!held.may_hand_on(privilege)) missing.push_back(privilege);
    }
  }
  if (!held.global("CREATE USER")) missing.emplace_back("CREATE USER");
  return joined(missing);
}

std::string grants_for_redo_user(const std::string& user) {
  const std::string to = " TO '" + user + "'@'%'";
  std::string text = "GRANT CREATE USER ON *.*" + to + ";";
  for (const std::string& grant : redo_grants())
    text += " GRANT " + grant + to + " WITH GRANT OPTION;";
  return text;
}

std::string ApplyRedo::user(const StepContext& ctx) const {
  return "bdr_redo_" + ctx.operation().substr(ctx.operation().size() -
                                              std::min<std::size_t>(6, ctx.operation().size()));
}

Verdict ApplyRedo::precondition(StepContext&) {
  const std::string fault = require_tool(ports_).fault();
  if (fault.empty()) return holds();
  return refused("NO_CDC_TOOL", fault,
                 "give [manager] cdc = \"/path/to/cdc\", of the version that wrote the log");
}

Verdict ApplyRedo::verify(StepContext& ctx) {
  return ctx.fact("redo_applied", "") ? holds() : not_yet("the redo log to be written");
}

void ApplyRedo::execute(StepContext& ctx) {
  RedoTool& tool = require_tool(ports_);
  if (const auto mark = ctx.fact("redo_child", scope()))
    tool.end_leftover(mark->get<std::string>());
  UserKeeper& users = ports_.world.users(cluster());
  const Secret password(random_id(32));
  users.make_user(user(ctx), password, redo_grants(), ctx.call());
  const Secret uri = make_sink_uri(ports_.desired.cluster(cluster()).tidb.front().value(),
                                   user(ctx), password, {});
  const std::string said = tool.apply(
      get_required<std::string>(args_, "storage"), uri,
      [&](const std::string& mark) {
        ctx.set_fact({"redo_child", scope(), FactLife::durable, mark});
        ctx.checkpoint();
      },
      ctx.call());
  users.drop_user(user(ctx), ctx.call());
  ctx.set_fact({"redo_applied", "", FactLife::durable, {{"output", said}}});
}

void ApplyRedo::compensate(StepContext& ctx) {
  if (const auto mark = ctx.fact("redo_child", scope()))
    require_tool(ports_).end_leftover(mark->get<std::string>());
  ports_.world.users(cluster()).drop_user(user(ctx), ctx.call());
}

}  // namespace bdrmesh::flows
