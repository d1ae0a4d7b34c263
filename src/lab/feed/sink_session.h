// A feed's connection to its downstream, with the session settings of TiCDC's MySQL sink (ticdc-api
// §5.5). One thread at a time, but abort() from any.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "lab/binlog/sql_session.h"
#include "lab/feed/sink_uri.h"

namespace bdrmesh::lab {

class SinkSession {
 public:
  /// @param write_source  tag of every write, if the downstream knows such a thing.
  /// @param read_timeout  how long one statement may take.
  SinkSession(SinkUri uri, int write_source, Millis read_timeout)
      : uri_(std::move(uri)), write_source_(write_source), read_timeout_(read_timeout) {}

  /// Connects unless connected. @throws Error transient, SqlError.
  void open();
  /// Runs one statement on the open connection. @throws Error transient, SqlError.
  std::vector<SqlSession::ResultRow> run(const std::string& sql);
  /// Runs statements in one packet; see SqlSession::script().
  void run_all(const std::vector<std::string>& statements, std::size_t& done);
  bool is_open() const;
  /// Drops the connection; the server rolls an open transaction back.
  void close();
  /// Ends a statement that waits. From any thread; the session stays unusable.
  void abort();

 private:
  void set_up();
  std::shared_ptr<SqlSession> session() const;

  const SinkUri uri_;
  const int write_source_;
  const Millis read_timeout_;
  mutable std::mutex mutex_;  // guards session_ against abort(), and aborted_
  std::shared_ptr<SqlSession> session_;
  bool aborted_ = false;
};

/// Go's text of a failure to reach or use a server: `Error 1146 (42S02): Table …`, or `dial tcp …`.
std::string go_text_of(const Error& error);
/// The server's number, 0 when the server did not answer.
int server_error_of(const Error& error);

/// Asks a downstream what create, update and resume want to know of it.
/// @param bdr  also require that it takes tagged writes.
/// @throws ApiError 400 CDC:ErrMySQLConnectionError or CDC:ErrSinkURIInvalid.
void probe_downstream(const SinkUri& uri, const std::string& uri_text, bool bdr);

}  // namespace bdrmesh::lab
