// What a session tells its client, and what it tells everybody of itself.
#include "lab/sql/session.h"
#include "lab/wire/bytes.h"

namespace bdrmesh::lab {

std::uint16_t Session::status() const {
  std::uint16_t flags = 0;
  if (txn_.active) flags |= kStatusInTransaction;
  if (autocommit_) flags |= kStatusAutocommit;
  if (more_) flags |= kStatusMoreResults;
  return flags;
}

void Session::deliver(const Answer& answer) {
  if (const auto* ok = std::get_if<OkReply>(&answer)) {
    OkReply sent = *ok;
    sent.status = status();
    if (warnings_) sent.warnings = static_cast<std::uint16_t>(warnings_->size());
    client_.write(ok_packet(sent));
  } else if (const auto* rows = std::get_if<TextResult>(&answer)) {
    std::string count;
    put_lenenc(count, rows->columns.size());
    const auto warnings = static_cast<std::uint16_t>(warnings_ ? warnings_->size() : 0);
    client_.write(count);
    for (const ResultColumn& column : rows->columns) client_.write(column_packet(column));
    client_.write(eof_packet(status(), warnings));
    for (const auto& row : rows->rows) client_.write(row_packet(row));
    client_.write(eof_packet(status(), warnings));
  } else if (const auto* raw = std::get_if<RowsReply>(&answer)) {
    std::string count;
    put_lenenc(count, raw->columns.size());
    client_.write(count);
    for (const std::string& column : raw->columns) client_.write(column);
    client_.write(eof_packet(status(), raw->warnings));
    for (const std::string& row : raw->rows) client_.write(row);
    client_.write(eof_packet(status(), raw->warnings));
  }
  client_.flush();
}

void Session::deliver_failure(const SqlFailure& failure) {
  client_.write(error_packet(failure));
  client_.flush();
}

Backend::RowSink Session::to_client() {
  return [this](std::string_view packet, bool is_eof) {
    if (!is_eof) return client_.write(packet);
    const std::uint16_t from_engine = eof_status(packet);
    const auto warnings = static_cast<std::uint16_t>(
        warnings_ ? warnings_->size() : PacketReader(packet.substr(1, 2)).fixed(2));
    client_.write(eof_packet(
        static_cast<std::uint16_t>(status() | (from_engine & kStatusCursorExists)), warnings));
  };
}

void Session::begin_statement(std::string_view text) {
  interrupted_ = false;
  busy_ = true;
  lose_answer_ = false;
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    info.command = "Query";
    info.statement = std::string(text);
    info.since = cluster_.clock.mono();
  });
}

void Session::end_statement() {
  statement_ts_ = 0;
  publish();
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    info.command = "Sleep";
    info.statement.clear();
    info.current_digest.clear();
    info.since = cluster_.clock.mono();
    info.txn_state = TxnState::idle;
  });
  busy_ = false;
}

void Session::publish() {
  cluster_.sessions.update(id_, [&](SessionInfo& info) {
    info.in_transaction = txn_.active || statement_ts_ != 0;
    info.explicit_transaction = txn_.active;
    info.start_ts = txn_.active ? txn_.start_ts : statement_ts_;
    info.mem_buffer_keys = txn_.keys;
    info.table_ids = txn_.tables;
  });
}

}  // namespace bdrmesh::lab
