#include "clients/tidb/sql_read_point.h"

#include "clients/catalogue/sql_catalogue.h"
#include "clients/catalogue/sql_catalogue_pair.h"
#include "clients/sql/sql_errors.h"
#include "clients/tidb/answers.h"

namespace bdrmesh {
namespace {

bool no_syncpoint_table(const SqlError& e) {
  static constexpr int kNoSuchTable = 1146;
  static constexpr int kNoSuchSchema = 1049;
  return e.number() == kNoSuchTable || e.number() == kNoSuchSchema;
}

std::string variable(SqlSession& session, const std::string& name) {
  return session.query(sql_text::global_variable(name), "read " + name).text(0, std::size_t{0});
}

}  // namespace

Tso SqlReadPoint::external_ts(const Call& call) {
  return connector_.ask_any(
      call, [](SqlSession& session) { return parse_tso(variable(session, "tidb_external_ts")); });
}

bool SqlReadPoint::reads_past(const ServerAddress& server, const Call& call) {
  return connector_.ask(server, call, [](SqlSession& session) {
    return read_switch(variable(session, "tidb_enable_external_ts_read"));
  });
}

void SqlReadPoint::set_reads_past(bool on, const Call& call) {
  connector_.open_any(call).change(sql_text::set_external_ts_read(on),
                                   "set tidb_enable_external_ts_read");
}

std::vector<Syncpoint> SqlReadPoint::newest_syncpoints(const Call& call) {
  return connector_.ask_any(call, [](SqlSession& session) {
    std::vector<Syncpoint> newest;
    try {
      const SqlRows rows = session.query(std::string(sql_text::kSyncpoints), "read the syncpoints");
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const Syncpoint one{rows.text(i, "changefeed"), parse_tso(rows.text(i, "primary_ts")),
                            parse_tso(rows.text(i, "secondary_ts"))};
        if (!newest.empty() && newest.back().changefeed == one.changefeed) newest.pop_back();
        newest.push_back(one);
      }
    } catch (const SqlError& e) {
      if (!no_syncpoint_table(e)) throw;
    }
    return newest;
  });
}

bool SqlReadPoint::ttl_jobs(const Call& call) {
  return connector_.ask_any(call, [](SqlSession& session) {
    return read_switch(variable(session, "tidb_ttl_job_enable"));
  });
}

void SqlReadPoint::set_ttl_jobs(bool on, const Call& call) {
  connector_.open_any(call).change(sql_text::set_ttl_jobs(on), "set tidb_ttl_job_enable");
}

}  // namespace bdrmesh
