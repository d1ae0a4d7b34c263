#include "clients/tidb/answers.h"

#include <charconv>

#include "base/error.h"
#include "base/json.h"

namespace bdrmesh {
namespace {

[[noreturn]] void bad_answer(const std::string& what) {
  throw Error(ErrorKind::invalid, "TIDB_BAD_ANSWER", what);
}

std::optional<std::int64_t> integer(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  if (text.empty() || problem != std::errc() || stopped != end) return std::nullopt;
  return value;
}

Tso tso_member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned())
    bad_answer(std::string("tidb_last_txn_info has no ") + key);
  return Tso(found->get<std::uint64_t>());
}

Json json_cell(const SqlRows& rows, std::string_view column) {
  Json value = Json::parse(rows.text(0, column), nullptr, false);
  if (!value.is_discarded()) return value;
  throw Error(ErrorKind::invalid, "TOKEN_UNREADABLE",
              "column " + std::string(column) + " of bdrmesh_local.owner holds no JSON");
}

}  // namespace

std::optional<std::string> release_version_in(std::string_view tidb_version) {
  constexpr std::string_view kLine = "Release Version:";
  const std::size_t at = tidb_version.find(kLine);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = tidb_version.substr(at + kLine.size());
  rest = rest.substr(0, rest.find_first_of("\r\n"));
  const std::size_t begin = rest.find_first_not_of(' ');
  if (begin == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(begin, rest.find_last_not_of(' ') - begin + 1));
}

std::vector<DdlJob> read_ddl_jobs(const SqlRows& rows) {
  std::vector<DdlJob> jobs;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    DdlJob job;
    job.type = rows.text(i, "JOB_TYPE");
    // They stay `done` for ever under a `synced` parent.
    if (job.type.find("/* subjob */") != std::string::npos) continue;
    const auto id = integer(rows.text(i, "JOB_ID"));
    if (!id) bad_answer("a DDL job without a number");
    job.id = *id;
    job.schema = rows.text(i, "DB_NAME");
    job.table = rows.text(i, "TABLE_NAME");
    job.schema_state = rows.text(i, "SCHEMA_STATE");
    job.state = rows.text(i, "STATE");
    job.query = rows.text_if_there(i, "QUERY");
    jobs.push_back(std::move(job));
  }
  return jobs;
}

std::vector<std::int64_t> read_table_ids(std::string_view text) {
  std::vector<std::int64_t> ids;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    if (const auto id = integer(text.substr(0, comma))) ids.push_back(*id);
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return ids;
}

std::vector<OpenTransaction> read_transactions(const SqlRows& rows) {
  std::vector<OpenTransaction> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    OpenTransaction open;
    open.instance = rows.text(i, "INSTANCE");
    open.start_ts = Tso(rows.number(i, "ID"));
    open.session_id = rows.number(i, "SESSION_ID");
    open.user = rows.text(i, "USER");
    open.state = rows.text(i, "STATE");
    open.mem_buffer_keys = rows.number(i, "MEM_BUFFER_KEYS");
    open.related_tables = read_table_ids(rows.text_if_there(i, "RELATED_TABLE_IDS"));
    open.statement = rows.text_if_there(i, "CURRENT_SQL_DIGEST_TEXT");
    open.started = rows.text_if_there(i, "START_TIME");
    out.push_back(std::move(open));
  }
  return out;
}

LastTransaction read_last_transaction(std::string_view json) {
  const Json value = Json::parse(json, nullptr, false);
  if (!value.is_object()) bad_answer("tidb_last_txn_info is no JSON object");
  return {tso_member(value, "start_ts"), tso_member(value, "commit_ts")};
}

std::optional<BdrRole> read_bdr_role(const SqlRows& rows) {
  if (rows.empty()) bad_answer("ADMIN SHOW BDR ROLE answered no row");
  const std::string first = rows.text(0, std::size_t{0});
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows.text(i, std::size_t{0}) != first) return std::nullopt;
  }
  return bdr_role_from(first);
}

bool read_switch(std::string_view text) {
  if (text == "1" || text == "ON") return true;
  if (text == "0" || text == "OFF") return false;
  bad_answer("'" + std::string(text) + "' is neither ON nor OFF");
}

TokenRow read_token(const SqlRows& rows) {
  TokenRow row;
  row.manager = rows.text(0, "manager");
  row.epoch = rows.number(0, "epoch");
  row.gates = json_cell(rows, "gates");
  row.remembered = json_cell(rows, "remembered");
  row.updated_at = rows.text(0, "updated_at");
  return row;
}

}  // namespace bdrmesh
