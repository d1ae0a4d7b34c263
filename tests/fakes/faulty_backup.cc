#include "fakes/faulty_backup.h"

#include "fakes/faulty_world.h"

namespace bdrmesh::fakes {
namespace {

template <class Act>
auto answer(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  std::optional<decltype(act())> found;
  world.pass(made, call, [&] { found.emplace(act()); });
  return std::move(*found);
}

/// `act` owns all that it needs, so that it can also happen when its caller has gone.
template <class Act>
void change(FaultyWorld& world, const PortCall& made, const Call& call, const Act& act) {
  world.pass(
      made, call, [&] { act(call); }, [act] { act(Call{}); });
}

}  // namespace

bool FaultyBackup::run(BackupKind kind, const BackupOrder& order,
                       const std::function<void(const SentBackup&)>& sent, const Call& call) {
  const char* method = kind == BackupKind::backup ? "backup.backup" : "backup.restore";
  return answer(world_, {name_, method, true}, call,
                [&] { return inner_.run(kind, order, sent, call); });
}

std::optional<BackupTask> FaultyBackup::task(BackupKind kind, const SentBackup& sent,
                                             const Call& call) {
  return answer(world_, {name_, "backup.task", false}, call,
                [&] { return inner_.task(kind, sent, call); });
}

bool FaultyBackup::has_schema(const std::string& schema, const Call& call) {
  return answer(world_, {name_, "backup.has_schema", false}, call,
                [&] { return inner_.has_schema(schema, call); });
}

bool FaultyBackup::has_relations(const std::string& schema, const Call& call) {
  return answer(world_, {name_, "backup.has_relations", false}, call,
                [&] { return inner_.has_relations(schema, call); });
}

void FaultyBackup::drop_tables(const std::vector<TableName>& tables, const Call& call) {
  change(world_, {name_, "backup.drop_tables", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.drop_tables(tables, mine); });
}

void FaultyBackup::make_probe(const TableName& table, const std::string& nonce, const Call& call) {
  change(world_, {name_, "backup.make_probe", true}, call,
         [=, &inner = inner_](const Call& mine) { inner.make_probe(table, nonce, mine); });
}

std::optional<std::string> FaultyBackup::read_probe(const TableName& table, const Call& call) {
  return answer(world_, {name_, "backup.read_probe", false}, call,
                [&] { return inner_.read_probe(table, call); });
}

}  // namespace bdrmesh::fakes
