#include "flows/backup/long_task.h"

#include <charconv>

namespace bdrmesh::flows {
namespace {

/// So long one call waits for the end; what takes longer is followed by looking.
constexpr Millis kPatience{2000};
constexpr int kAttempts = 3;

std::string in_percent(const BackupTask& task) {
  return std::to_string(static_cast<int>(task.percent)) + " % (" + task.state + ")";
}

}  // namespace

std::uint64_t megabytes_per_second(const std::string& rate_limit) {
  if (rate_limit.empty()) return 0;
  std::uint64_t value = 0;
  const char* end = rate_limit.data() + rate_limit.size();
  const auto [stopped, problem] = std::from_chars(rate_limit.data(), end, value);
  const std::string unit(stopped, end);
  if (problem == std::errc() && value > 0 && (unit == "MB/s" || unit == " MB/s")) return value;
  throw Error(ErrorKind::precondition, "BAD_RATE_LIMIT",
              "rate_limit = \"" + rate_limit + "\" of the group's backup is not understood",
              "write megabytes per second: \"120MB/s\"");
}

std::string folder_below(const std::string& storage, const std::string& name) {
  const std::size_t query = storage.find('?');
  std::string path = storage.substr(0, query);
  while (path.ends_with('/') && !path.ends_with("://") && !path.ends_with(":///")) path.pop_back();
  const std::string parameters = query == std::string::npos ? "" : storage.substr(query);
  return path + (path.ends_with('/') ? "" : "/") + name + parameters;
}

std::vector<TableName> LongTask::tables(const StepContext& ctx) const {
  return tables_from(get_required<Json>(ctx.subject(), "tables"));
}

std::string LongTask::what(const StepContext& ctx) const {
  const std::size_t count = tables(ctx).size();
  return std::string(kind_ == BackupKind::backup ? "BACKUP" : "RESTORE") + " of " +
         std::to_string(count) + (count == 1 ? " table" : " tables") +
         (kind_ == BackupKind::backup ? " of " : " to ") + cluster().value();
}

std::uint64_t LongTask::rate_limit(const StepContext& ctx) const {
  const GroupName group(get_required<std::string>(ctx.subject(), "group"));
  return megabytes_per_second(ports_.desired.group(group).backup_rate_limit);
}

std::optional<BackupTask> LongTask::told_by_its_server(StepContext& ctx,
                                                       const SentBackup& sent) const {
  try {
    return backup().task(kind_, sent, ctx.call());
  } catch (const Error& e) {
    // That server is away, for good perhaps: the others know whether its sessions live.
    if (e.kind() != ErrorKind::transient) throw;
    return std::nullopt;
  }
}

LongTask::Look LongTask::look(StepContext& ctx) const {
  Look seen;
  const auto sent = ctx.fact(sent_fact(), scope());
  if (!sent) return seen;
  seen.sent = {ServerAddress(get_required<std::string>(*sent, "server")),
               get_required<std::uint64_t>(*sent, "connection")};
  seen.attempt = get_required<int>(*sent, "attempt");
  seen.folder = get_required<std::string>(*sent, "folder");
  const auto told = [&] {
    const std::optional<BackupTask> task = told_by_its_server(ctx, seen.sent);
    if (!task) return false;
    seen.task = *task;
    if (task->ended) seen.seen = task->failure.empty() ? Seen::ended : Seen::failed;
    if (task->awaited && !task->ended) seen.seen = Seen::runs;
    return seen.seen != Seen::nothing;
  };
  if (told()) return seen;
  // A server forgets a running task after some ten minutes, and may show for ever one that was
  // killed while it waited: its session lives exactly as long as the statement.
  if (tidb().session_exists(seen.sent.server, seen.sent.connection_id, ctx.call())) {
    seen.seen = Seen::runs;
    if (seen.task.state.empty()) seen.task.state = "not on the server's list";
    return seen;
  }
  told();  // it may have ended between the two questions
  return seen;
}

Verdict LongTask::verify(StepContext& ctx) {
  if (is_done(ctx)) return holds();
  const Look seen = look(ctx);
  switch (seen.seen) {
    case Seen::ended:
      done(ctx, seen.folder);
      return holds();
    case Seen::runs:
      return not_yet(what(ctx) + ", " + in_percent(seen.task) + ", session " +
                     std::to_string(seen.sent.connection_id) + " on " + seen.sent.server.value());
    case Seen::failed:
      if (!sent_here_ && !follows_)
        return not_yet(what(ctx) + " to be begun anew: " + seen.task.failure);
      return refused(code("FAILED"), what(ctx) + ": " + seen.task.failure,
                     "the text tells what the server missed (storage, rights, room); mend it, then "
                     "run the operation again");
    case Seen::nothing:
      break;
  }
  if (!was_sent(ctx)) return not_yet(what(ctx) + " to be sent");
  if (sent_here_ || follows_) return lost(ctx, seen);
  return not_yet(what(ctx) + " to be begun anew");
}

Verdict LongTask::lost(StepContext& ctx, const Look& seen) const {
  return refused(code("LOST"),
                 what(ctx) + ": its answer was lost, session " +
                     std::to_string(seen.sent.connection_id) + " is gone and " +
                     seen.sent.server.value() +
                     " tells nothing of it: it was restarted, the session was killed, or it ended "
                     "after it had left the server's list; " +
                     remains(ctx),
                 "see that this tidb-server runs, then run the operation again");
}

void LongTask::execute(StepContext& ctx) {
  const Look before = look(ctx);
  if (before.seen == Seen::runs || before.seen == Seen::ended) {
    follows_ = true;
    return;
  }
  const int attempt = before.attempt + 1;
  if (attempt > kAttempts) {
    throw Error(
        ErrorKind::precondition, code("FAILED"),
        what(ctx) + " was begun " + std::to_string(kAttempts) + " times" +
            (before.task.failure.empty() ? "" : ", last: " + before.task.failure),
        "look at the tidb-servers of " + cluster().value() + ", then run the operation again");
  }
  ports_.tokens.require_ours(cluster(), ctx.call());
  if (before.attempt > 0 && before.seen == Seen::nothing) {
    ctx.event("warning", "how the last " + what(ctx) + " ended is not known: session " +
                             std::to_string(before.sent.connection_id) + " is gone and " +
                             before.sent.server.value() + " tells nothing of it; " + remains(ctx) +
                             "; it is begun anew");
  }
  prepare(ctx, attempt);
  const std::string where = folder(ctx, attempt);
  const auto remember = [&](const SentBackup& sent) {
    ctx.set_fact({sent_fact(),
                  scope(),
                  FactLife::durable,
                  {{"server", sent.server.value()},
                   {"connection", sent.connection_id},
                   {"attempt", attempt},
                   {"folder", where},
                   {"at", to_rfc3339(ctx.now())}}});
    ctx.checkpoint();
    sent_here_ = true;
  };
  const BackupOrder order{tables(ctx), where, position(ctx), rate_limit(ctx)};
  if (backup().run(kind_, order, remember, ctx.call().within(ports_.clock.mono(), kPatience)))
    done(ctx, where);
}

void LongTask::stop(StepContext& ctx) {
  static constexpr Millis kBetweenLooks{200};
  static constexpr int kLooks = 300;
  for (int i = 0; i < kLooks; ++i) {
    const Look seen = look(ctx);
    if (seen.seen != Seen::runs) return;
    if (i == 0) {
      ctx.event("info", what(ctx) + " is stopped");
      tidb().kill_session(seen.sent.server, seen.sent.connection_id, ctx.call());
    }
    if (!ports_.clock.wait_for(kBetweenLooks, ctx.call().stop)) break;
  }
  throw Error(ErrorKind::transient, code("STILL_RUNS"),
              what(ctx) + " was told to stop and still runs");
}

}  // namespace bdrmesh::flows
