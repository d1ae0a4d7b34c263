#include "lab/sql/session.h"

#include <algorithm>

#include "lab/parse/dialect.h"
#include "lab/parse/product_catalogue.h"
#include "lab/server/tidb_text.h"
#include "lab/server/variables.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

constexpr int kUnknownCommand = 1047;
constexpr Millis kIdlePoll{20};
constexpr std::uint8_t kComQuit = 0x01;
constexpr std::uint8_t kComInitDb = 0x02;
constexpr std::uint8_t kComQuery = 0x03;
constexpr std::uint8_t kComFieldList = 0x04;
constexpr std::uint8_t kComPing = 0x0e;
constexpr std::uint8_t kComPrepare = 0x16;
constexpr std::uint8_t kComExecute = 0x17;
constexpr std::uint8_t kComLongData = 0x18;
constexpr std::uint8_t kComCloseStatement = 0x19;
constexpr std::uint8_t kComResetStatement = 0x1a;
constexpr std::uint8_t kComSetOption = 0x1b;
constexpr std::uint8_t kComFetch = 0x1c;

/// The statement as DDL jobs keep it: with its semicolon, without white space behind it.
std::string as_typed(std::string_view packet, std::string_view statement) {
  const auto end = static_cast<std::size_t>(statement.data() - packet.data()) + statement.size();
  if (end < packet.size() && packet[end] == ';') {
    return std::string(statement.data(), statement.size() + 1);
  }
  const std::size_t last = statement.find_last_not_of(" \t\r\n");
  return std::string(statement.substr(0, last == std::string_view::npos ? 0 : last + 1));
}

bool names_lab_schema(const Statement& statement) {
  return std::any_of(statement.tokens.begin(), statement.tokens.end(), [](const Token& token) {
    return token.is_name() && is_hidden_schema(to_lower(token.name));
  });
}

}  // namespace

Session::Session(SqlShared& shared, std::size_t server, Socket& client)
    : shared_(shared),
      cluster_(shared.cluster),
      server_(server),
      freeze_(shared.freeze[server]),
      id_(shared.next_connection_id(server)),
      client_(client),
      backend_(cluster_.engine()) {}

Session::~Session() {
  cluster_.sessions.remove(id_);
  shared_.unlock_role(id_);
  shared_.table_locks.release(id_);
}

void Session::run() {
  try {
    if (!log_in()) return;
    for (;;) {
      client_.start_command();
      if (!wait_for_command()) return;
      const std::string packet = client_.read();
      freeze_.pass();
      if (packet.empty() || static_cast<std::uint8_t>(packet[0]) == kComQuit) return;
      serve_command(packet);
      if (killed_) return;
    }
  } catch (const MalformedPacket&) {
    // Whoever speaks like that is not spoken to any longer.
  }
}

bool Session::log_in() {
  const Greeting greeting = edit_greeting(backend_.packets().read(), cluster_.server_version,
                                          static_cast<std::uint32_t>(id_));
  backend_.set_thread(greeting.backend_thread);
  client_.write(greeting.packet);
  client_.flush();
  const std::string login = client_.read();
  login_ = parse_login(login);
  schema_ = login_.database;
  backend_.packets().set_sequence(1);
  backend_.packets().write(login);
  backend_.packets().flush();
  for (;;) {
    const std::string answer = backend_.packets().read();
    if (is_error_packet(answer)) {
      client_.write(error_packet(login_failure(parse_error(answer), login_.user)));
      client_.flush();
      return false;
    }
    if (is_ok_packet(answer) && !accept_account()) return false;
    client_.write(answer);
    client_.flush();
    if (is_ok_packet(answer)) break;
    backend_.packets().write(client_.read());
    backend_.packets().flush();
  }
  // Sessions keep what was set when they were opened (measured A13).
  settings_["tidb_enable_external_ts_read"] = global("tidb_enable_external_ts_read");
  SessionInfo info;
  info.id = id_;
  info.server = server_;
  info.user = account_.substr(0, account_.find('@'));
  info.host = "127.0.0.1:" + std::to_string(client_.socket().peer_port());
  info.db = schema_;
  info.since = cluster_.clock.mono();
  info.engine_thread = backend_.thread();
  cluster_.sessions.add(std::move(info), [this](bool whole) { on_kill(whole); });
  return true;
}

void Session::on_kill(bool whole) {
  // KILL QUERY of an idle session closes it (measured A10).
  if (!whole && busy_) {
    interrupted_ = true;
    return;
  }
  killed_ = true;
  // A DDL job goes on, whatever becomes of its session, which stays until the job has ended
  // (measured A1).
  if (in_job_) return;
  client_.socket().shut_down();
  if (!in_commit_) backend_.interrupt();
}

bool Session::wait_for_command() {
  if (!txn_.active || !client_.is_drained()) return true;
  const std::chrono::seconds limit(std::stoll(setting("tidb_idle_transaction_timeout")));
  if (limit.count() == 0) return true;
  const MonoTime until = cluster_.clock.mono() + limit;
  while (!client_.socket().is_readable(kIdlePoll)) {
    if (cluster_.clock.mono() >= until) return false;
  }
  return true;
}

void Session::serve_command(const std::string& packet) {
  const std::string_view body = std::string_view(packet).substr(1);
  switch (static_cast<std::uint8_t>(packet[0])) {
    case kComQuery:
      return query(body);
    case kComPing:
    case kComSetOption:
      return deliver(OkReply{});
    case kComInitDb:
      try {
        use_schema(std::string(body));
        return deliver(OkReply{});
      } catch (const Refused& refused) {
        return deliver_failure(refused.failure());
      }
    case kComFieldList:
      return deliver_failure({kUnknownCommand, "08S01", "Unknown command"});
    case kComPrepare:
      return prepare_statement(packet);
    case kComExecute:
      return execute_statement(packet);
    case kComLongData:
      return backend_.send_only(packet);
    case kComCloseStatement:
      prepared_.erase(static_cast<std::uint32_t>(PacketReader(body).fixed(4)));
      return backend_.send_only(packet);
    case kComResetStatement: {
      const Reply reply = backend_.command(packet);
      if (const auto* failure = std::get_if<SqlFailure>(&reply)) return deliver_failure(*failure);
      return deliver(OkReply{});
    }
    case kComFetch: {
      // Rows follow without columns before them.
      backend_.send_only(packet);
      for (bool more = true; more;) {
        const std::string row = backend_.packets().read();
        more = !is_eof_packet(row) && !is_error_packet(row);
        client_.write(row);
      }
      return client_.flush();
    }
    default:
      return deliver_failure({kUnknownCommand, "08S01", "Unknown command"});
  }
}

void Session::query(std::string_view sql) {
  foreign_comment_ = tokenize(sql).foreign_comment;
  std::vector<StatementText> texts = split_statements(sql);
  if (texts.empty() && !foreign_comment_) return deliver(OkReply{});
  if (texts.empty()) texts.push_back({sql, {}});
  if (texts.size() > 1 && !login_.multi_statements) {
    return deliver_failure(
        {8130, "HY000",
         "client has multi-statement capability disabled. Run SET GLOBAL "
         "tidb_multi_statement_mode='ON' after you understand the security risk"});
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    more_ = i + 1 < texts.size();
    query_text_ = as_typed(sql, texts[i].text);
    Statement statement = classify(std::move(texts[i]));
    if (!run_and_deliver(statement)) break;
  }
  more_ = false;
  query_text_.clear();
}

bool Session::run_and_deliver(Statement& statement) {
  begin_statement(statement.text);
  bool ok = true;
  try {
    const Answer answer = execute(statement);
    freeze_.pass();
    end_statement();
    if (killed_) throw SocketClosed("killed");
    if (lose_answer_) throw SocketClosed("answer lost on purpose");
    deliver(answer);
  } catch (const Refused& refused) {
    freeze_.pass();
    end_statement();
    deliver_failure(refused.failure());
    ok = false;
  }
  return ok;
}

Answer Session::execute(Statement& statement) {
  if (!Cursor(statement.tokens).sees({"show", "warnings"})) warnings_.reset();
  if (const auto refusal = refuse_by_dialect(statement, foreign_comment_, schema_)) {
    throw Refused(refusal->code, refusal->state, refusal->message);
  }
  refuse_outside_catalogue(statement);
  renew_rights();
  if (names_lab_schema(statement)) throw Refused(1049, "42000", "Unknown database 'lab_meta'");
  check_gate(statement);
  lose_answer_ = cluster_.faults.takes_answer(std::string(statement.text));
  return dispatch(statement);
}

void Session::refuse_outside_catalogue(const Statement& statement) const {
  const std::string user = account_.substr(0, account_.find('@'));
  if (!cluster_.is_held_to_catalogue(user) || is_in_product_catalogue(statement)) return;
  throw Refused(
      1105, "HY000",
      "the lab: statement is not in the product's catalogue: " + normalised_form(statement));
}

void Session::check_gate(const Statement& statement) {
  refuse_in_the_past(statement);
  if (passes_read_only(statement)) return;
  if (global_on("tidb_super_read_only") && !is_exempt()) throw Refused(read_only_failure());
}

Answer Session::dispatch(Statement& statement) {
  switch (statement.verb) {
    case Verb::select:
      past_.clear();
      if (const auto ts = reads_at(statement)) return select_in_the_past(statement, *ts);
      open_for_the_present();
      return run_select(statement);
    case Verb::evaluate:
      return run_select(statement);
    case Verb::insert:
    case Verb::replace:
    case Verb::update:
    case Verb::remove:
      return run_write(statement, std::string(1, '\x03') + rewrite(statement));
    case Verb::begin:
      if (auto begun = begin_in_the_past(statement)) return *begun;
      return begin(statement);
    case Verb::commit:
      commit(false);
      return OkReply{};
    case Verb::rollback:
      rollback();
      return OkReply{};
    case Verb::savepoint:
      return savepoint(statement);
    case Verb::set:
      if (set_next_time(statement)) return OkReply{};
      return set(statement);
    case Verb::ddl:
      return ddl(statement);
    case Verb::show:
      return show(statement);
    case Verb::admin:
      return admin(statement);
    case Verb::grant:
    case Verb::revoke:
      return grant_or_revoke(statement);
    case Verb::account:
    case Verb::set_account:
      return account(statement);
    case Verb::kill:
      return kill(statement);
    case Verb::use: {
      Cursor cursor(statement.tokens);
      cursor.next();
      use_schema(cursor.next().name);
      return OkReply{};
    }
    case Verb::describe:
      return describe(statement, 1);
    case Verb::prepare:
      return prepare_text(statement);
    case Verb::execute:
      return execute_text(statement);
    case Verb::lock_tables:
    case Verb::unlock_tables:
      return lock_tables(statement);
    case Verb::analyze:
    case Verb::binding:
    case Verb::flush:
      return OkReply{};
    case Verb::backup:
      return backup(statement);
    case Verb::batch:
    case Verb::load:
      throw Refused(1105, "HY000", "the lab does not execute this statement");
    default:
      if (Cursor(statement.tokens).sees({"split"})) return split_table(statement);
      return pass_through(rewrite(statement));
  }
}

Answer Session::pass_through(const std::string& sql) {
  Reply reply = backend_.query(sql);
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, nullptr);
  if (auto* rows = std::get_if<RowsReply>(&reply)) {
    if (rows->failure) translate(*rows->failure, nullptr);
    return std::move(*rows);
  }
  return std::get<OkReply>(reply);
}

void Session::use_schema(const std::string& name) {
  if (is_hidden_schema(to_lower(name))) {
    throw Refused(1049, "42000", "Unknown database '" + name + "'");
  }
  engine_ok("USE " + quote_name(name));
  schema_ = name;
  cluster_.sessions.update(id_, [&](SessionInfo& info) { info.db = name; });
}

OkReply Session::engine_ok(const std::string& sql) {
  const Reply reply = backend_.query(sql);
  if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, nullptr);
  if (const auto* ok = std::get_if<OkReply>(&reply)) return *ok;
  return {};
}

void Session::translate(SqlFailure failure, const Statement* statement) {
  throw Refused(
      engine_failure(std::move(failure), statement != nullptr && statement->verb == Verb::update));
}

}  // namespace bdrmesh::lab
