// Prepared statements, binary and by text. Values that TiDB's own words stand for are taken when a
// statement is prepared.
#include "lab/parse/dialect.h"
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

namespace {

Statement first_statement(std::string_view sql) {
  std::vector<StatementText> texts = split_statements(sql);
  if (texts.empty()) throw Refused(1065, "42000", "Query was empty");
  if (texts.size() > 1) throw Refused(1064, "42000", "Can not prepare multiple statements");
  return classify(std::move(texts.front()));
}

bool engine_prepares(const Statement& statement) {
  return statement.verb == Verb::select || statement.writes_rows() ||
         statement.verb == Verb::evaluate;
}

}  // namespace

void Session::prepare_statement(const std::string& packet) {
  const std::string sql = packet.substr(1);
  begin_statement(sql);
  try {
    warnings_.reset();
    const Statement statement = first_statement(sql);
    if (const auto refusal = refuse_by_dialect(statement, false, schema_)) {
      throw Refused(refusal->code, refusal->state, refusal->message);
    }
    refuse_outside_catalogue(statement);
    const bool local = !engine_prepares(statement);
    past_.clear();
    const auto ts = statement.verb == Verb::select ? reads_at(statement) : std::nullopt;
    const std::string sql_for_engine = ts ? for_the_past(statement, *ts) : rewrite(statement);
    const std::vector<std::string> packets = backend_.prepare(local ? "DO 0" : sql_for_engine);
    if (is_error_packet(packets.front())) translate(parse_error(packets.front()), &statement);
    PacketReader head(packets.front());
    head.fixed(1);
    prepared_[static_cast<std::uint32_t>(head.fixed(4))] = {sql, local, ts, past_};
    for (const std::string& part : packets) client_.write(part);
    end_statement();
    client_.flush();
  } catch (const Refused& refused) {
    end_statement();
    deliver_failure(refused.failure());
  }
}

void Session::execute_statement(const std::string& packet) {
  const auto id =
      static_cast<std::uint32_t>(PacketReader(std::string_view(packet).substr(1)).fixed(4));
  const auto found = prepared_.find(id);
  if (found == prepared_.end())
    return deliver_failure({1243, "HY000", "Unknown prepared statement handler"});
  const std::string sql = found->second.sql;
  if (found->second.local) {
    Statement statement = first_statement(sql);
    run_and_deliver(statement);
    return;
  }
  begin_statement(sql);
  try {
    const Statement statement = first_statement(sql);
    warnings_.reset();
    check_gate(statement);
    if (statement.verb == Verb::select && reads_at(statement) != found->second.reads_at) {
      throw Refused(1105, "HY000", "the lab binds a prepared query to the time it was prepared for");
    }
    lose_answer_ = cluster_.faults.takes_answer(sql);
    Answer answer = Streamed{};
    if (statement.writes_rows()) {
      Statement copy = statement;
      answer = run_write(copy, packet);
    } else {
      touch(statement);
      const Reply reply = backend_.command(packet, to_client());
      if (const auto* failure = std::get_if<SqlFailure>(&reply)) translate(*failure, &statement);
      if (const auto* ok = std::get_if<OkReply>(&reply)) answer = *ok;
      if (statement.locks_rows && txn_.active) txn_.locked = true;
    }
    freeze_.pass();
    end_statement();
    if (lose_answer_) throw SocketClosed("answer lost on purpose");
    deliver(answer);
  } catch (const Refused& refused) {
    end_statement();
    deliver_failure(refused.failure());
  }
}

Answer Session::prepare_text(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  const std::string name = to_lower(cursor.next().name);
  cursor.accept("from");
  if (cursor.peek().kind != TokenKind::text) {
    throw Refused(1105, "HY000", "the lab prepares literal texts only");
  }
  const std::string sql = cursor.peek().value;
  const Statement inner = first_statement(sql);
  if (const auto refusal = refuse_by_dialect(inner, false, schema_)) {
    throw Refused(refusal->code, refusal->state, refusal->message);
  }
  refuse_outside_catalogue(inner);
  engine_ok("PREPARE " + quote_name(name) + " FROM " +
            quote_text(engine_prepares(inner) ? rewrite(inner) : "DO 0"));
  prepared_texts_[name] = sql;
  return OkReply{};
}

Answer Session::execute_text(Statement& statement) {
  Cursor cursor(statement.tokens);
  cursor.next();
  const std::string name = to_lower(cursor.next().name);
  const auto found = prepared_texts_.find(name);
  if (found == prepared_texts_.end()) throw Refused(8111, "HY000", "Prepared statement not found");
  Statement inner = first_statement(found->second);
  check_gate(inner);
  if (!engine_prepares(inner)) return dispatch(inner);
  if (inner.writes_rows())
    return run_write(inner, std::string(1, '\x03') + std::string(statement.text));
  touch(inner);
  return pass_through(std::string(statement.text));
}

}  // namespace bdrmesh::lab
