#include "fakes/faulty_ports.h"

#include "fakes/faulty_world.h"

namespace bdrmesh::fakes {
namespace {

/// Passes a call that answers something.
template <class Act>
auto answer(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  std::optional<decltype(act())> found;
  world.pass(made, call, [&] { found.emplace(act()); });
  return std::move(*found);
}

/// Passes a call that changes something and answers nothing; `act` owns all that it needs, so that
/// it can also happen when its caller has gone.
template <class Act>
void change(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  world.pass(
      made, call, [&] { act(call); }, [act] { act(Call{}); });
}

}  // namespace

std::vector<TidbServerInfo> FaultyTidb::servers(const Call& call) {
  return answer(world_, {name_, "tidb.servers", false}, call, [&] { return inner_.servers(call); });
}

std::string FaultyTidb::release_version(const ServerAddress& server, const Call& call) {
  return answer(world_, {name_, "tidb.release_version", false}, call,
                [&] { return inner_.release_version(server, call); });
}

std::vector<std::string> FaultyTidb::own_grants(const Call& call) {
  return answer(world_, {name_, "tidb.own_grants", false}, call,
                [&] { return inner_.own_grants(call); });
}

std::optional<std::vector<std::string>> FaultyTidb::grants_of(const std::string& user,
                                                              const Call& call) {
  return answer(world_, {name_, "tidb.grants_of", false}, call,
                [&] { return inner_.grants_of(user, call); });
}

std::vector<std::string> FaultyTidb::read_only_exempt_users(const Call& call) {
  return answer(world_, {name_, "tidb.read_only_exempt_users", false}, call,
                [&] { return inner_.read_only_exempt_users(call); });
}

std::optional<std::uint64_t> FaultyTidb::cluster_id(const Call& call) {
  return answer(world_, {name_, "tidb.cluster_id", false}, call,
                [&] { return inner_.cluster_id(call); });
}

int FaultyTidb::source_id(const Call& call) {
  return answer(world_, {name_, "tidb.source_id", false}, call,
                [&] { return inner_.source_id(call); });
}

void FaultyTidb::set_source_id(int id, const Call& call) {
  change(world_, {name_, "tidb.set_source_id", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.set_source_id(id, mine); });
}

std::string FaultyTidb::global_variable(const std::string& name, const Call& call) {
  return answer(world_, {name_, "tidb.global_variable", false}, call,
                [&] { return inner_.global_variable(name, call); });
}

void FaultyTidb::set_gc_life_time(const std::string& duration, const Call& call) {
  change(world_, {name_, "tidb.set_gc_life_time", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.set_gc_life_time(duration, mine); });
}

std::vector<PatchOutcome> FaultyTidb::repair_rows(const TableRead& read,
                                                  const std::vector<RowPatch>& rows,
                                                  int write_source, const Call& call) {
  return answer(world_, {name_, "tidb.repair_rows", true}, call,
                [&] { return inner_.repair_rows(read, rows, write_source, call); });
}

std::optional<BdrRole> FaultyTidb::bdr_role(const Call& call) {
  return answer(world_, {name_, "tidb.bdr_role", false}, call,
                [&] { return inner_.bdr_role(call); });
}

void FaultyTidb::set_bdr_role(BdrRole role, const Call& call) {
  change(world_, {name_, "tidb.set_bdr_role", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.set_bdr_role(role, mine); });
}

bool FaultyTidb::super_read_only(const ServerAddress& server, const Call& call) {
  return answer(world_, {name_, "tidb.super_read_only", false}, call,
                [&] { return inner_.super_read_only(server, call); });
}

void FaultyTidb::set_super_read_only(bool on, const Call& call) {
  change(world_, {name_, "tidb.set_super_read_only", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.set_super_read_only(on, mine); });
}

TransactionLook FaultyTidb::look_at_transactions(const std::vector<TidbServerInfo>& servers,
                                                 const Call& call) {
  return answer(world_, {name_, "tidb.look_at_transactions", false}, call,
                [&] { return inner_.look_at_transactions(servers, call); });
}

void FaultyTidb::kill_session(const ServerAddress& server, std::uint64_t session_id,
                              const Call& call) {
  change(world_, {name_, "tidb.kill_session", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.kill_session(server, session_id, mine); });
}

Tso FaultyTidb::current_tso(const Call& call) {
  return answer(world_, {name_, "tidb.current_tso", false}, call,
                [&] { return inner_.current_tso(call); });
}

std::vector<DdlJob> FaultyTidb::ddl_jobs(const Call& call) {
  return answer(world_, {name_, "tidb.ddl_jobs", false}, call,
                [&] { return inner_.ddl_jobs(call); });
}

std::optional<DdlJob> FaultyTidb::find_ddl_job(const std::string& tag, const Call& call) {
  return answer(world_, {name_, "tidb.find_ddl_job", false}, call,
                [&] { return inner_.find_ddl_job(tag, call); });
}

void FaultyTidb::run_ddl(const std::string& sql, const DdlSession& session,
                         const std::function<void(const SentDdl&)>& sent, const Call& call) {
  world_.pass({name_, "tidb.run_ddl", true}, call,
              [&] { inner_.run_ddl(sql, session, sent, call); });
}

bool FaultyTidb::session_exists(const ServerAddress& server, std::uint64_t connection_id,
                                const Call& call) {
  return answer(world_, {name_, "tidb.session_exists", false}, call,
                [&] { return inner_.session_exists(server, connection_id, call); });
}

void FaultyTidb::cancel_ddl_job(std::int64_t id, const Call& call) {
  change(world_, {name_, "tidb.cancel_ddl_job", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.cancel_ddl_job(id, mine); });
}

std::vector<TableName> FaultyTidb::tables(const Call& call) {
  return answer(world_, {name_, "tidb.tables", false}, call, [&] { return inner_.tables(call); });
}

std::vector<TableName> FaultyTidb::views_and_sequences(const Call& call) {
  return answer(world_, {name_, "tidb.views_and_sequences", false}, call,
                [&] { return inner_.views_and_sequences(call); });
}

std::optional<std::int64_t> FaultyTidb::table_id(const TableName& table, const Call& call) {
  return answer(world_, {name_, "tidb.table_id", false}, call,
                [&] { return inner_.table_id(table, call); });
}

std::optional<std::string> FaultyTidb::create_statement(const TableName& table, const Call& call) {
  return answer(world_, {name_, "tidb.create_statement", false}, call,
                [&] { return inner_.create_statement(table, call); });
}

void FaultyTidb::make_token_schema(const Call& call) {
  change(world_, {name_, "tidb.make_token_schema", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.make_token_schema(mine); });
}

std::optional<TokenRow> FaultyTidb::token(const Call& call) {
  return answer(world_, {name_, "tidb.token", false}, call, [&] { return inner_.token(call); });
}

bool FaultyTidb::replace_token(const std::optional<TokenRow>& expected, const TokenRow& row,
                               const Call& call) {
  bool replaced = false;
  world_.pass(
      {name_, "tidb.replace_token", true}, call,
      [&] { replaced = inner_.replace_token(expected, row, call); },
      [=, &inner = inner_] { inner.replace_token(expected, row, Call{}); });
  return replaced;
}

void FaultyTidb::make_marker_schema(const Call& call) {
  change(world_, {name_, "tidb.make_marker_schema", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.make_marker_schema(mine); });
}

WrittenMarker FaultyTidb::write_marker(const std::string& run, const ClusterName& origin,
                                       const std::string& nonce, const Call& call) {
  WrittenMarker written;
  world_.pass(
      {name_, "tidb.write_marker", true}, call,
      [&] { written = inner_.write_marker(run, origin, nonce, call); },
      [=, &inner = inner_] { inner.write_marker(run, origin, nonce, Call{}); });
  return written;
}

std::optional<std::string> FaultyTidb::marker_nonce(const std::string& run,
                                                    const ClusterName& origin, const Call& call) {
  return answer(world_, {name_, "tidb.marker_nonce", false}, call,
                [&] { return inner_.marker_nonce(run, origin, call); });
}

void FaultyTidb::copy_empty_table(const TableName& table, const TableName& copy, const Call& call) {
  change(world_, {name_, "tidb.copy_empty_table", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.copy_empty_table(table, copy, mine); });
}

void FaultyTidb::drop_schema(const std::string& schema, const Call& call) {
  change(world_, {name_, "tidb.drop_schema", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.drop_schema(schema, mine); });
}

TicdcServer FaultyTicdc::server(const Call& call) {
  return answer(world_, {name_, "ticdc.server", false}, call, [&] { return inner_.server(call); });
}

bool FaultyTicdc::healthy(const Call& call) {
  return answer(world_, {name_, "ticdc.healthy", false}, call,
                [&] { return inner_.healthy(call); });
}

std::vector<FeedSummary> FaultyTicdc::list(const Call& call) {
  return answer(world_, {name_, "ticdc.list", false}, call, [&] { return inner_.list(call); });
}

std::optional<FeedDetail> FaultyTicdc::find(const ChangefeedId& id, const Call& call) {
  return answer(world_, {name_, "ticdc.find", false}, call, [&] { return inner_.find(id, call); });
}

std::optional<FeedStatus> FaultyTicdc::status(const ChangefeedId& id, const Call& call) {
  return answer(world_, {name_, "ticdc.status", false}, call,
                [&] { return inner_.status(id, call); });
}

void FaultyTicdc::create(const CreateFeed& feed, const Call& call) {
  change(world_, {name_, "ticdc.create", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.create(feed, mine); });
}

void FaultyTicdc::update(const ChangefeedId& id, const std::optional<Secret>& sink_uri,
                         const Json& replica_config, const Call& call) {
  change(world_, {name_, "ticdc.update", true}, call, [=, &inner = inner_](const Call& mine) {
    inner.update(id, sink_uri, replica_config, mine);
  });
}

void FaultyTicdc::pause(const ChangefeedId& id, const Call& call) {
  change(world_, {name_, "ticdc.pause", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.pause(id, mine); });
}

void FaultyTicdc::resume(const ChangefeedId& id, const Call& call) {
  change(world_, {name_, "ticdc.resume", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.resume(id, mine); });
}

void FaultyTicdc::remove(const ChangefeedId& id, const Call& call) {
  change(world_, {name_, "ticdc.remove", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.remove(id, mine); });
}

EligibleTables FaultyTicdc::verify_table(Tso start_ts, const Secret& sink_uri,
                                         const Json& replica_config, const Call& call) {
  return answer(world_, {name_, "ticdc.verify_table", false}, call,
                [&] { return inner_.verify_table(start_ts, sink_uri, replica_config, call); });
}

Tso FaultyTicdc::tso(const Call& call) {
  return answer(world_, {name_, "ticdc.tso", false}, call, [&] { return inner_.tso(call); });
}

TicdcTraits FaultyTicdc::traits(const Call& call) {
  return answer(world_, {name_, "ticdc.traits", false}, call, [&] { return inner_.traits(call); });
}

std::uint64_t FaultyPd::cluster_id(const Call& call) {
  return answer(world_, {name_, "pd.cluster_id", false}, call,
                [&] { return inner_.cluster_id(call); });
}

}  // namespace bdrmesh::fakes
