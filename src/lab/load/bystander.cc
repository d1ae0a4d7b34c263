#include "lab/load/bystander.h"

#include "lab/load/sql_link.h"

namespace bdrmesh::lab::load {
namespace {

constexpr const char* kTable = "app.bystander";

void alter_once(const LoadTarget& target, std::size_t turn) {
  SqlLink link(target.servers[turn % target.servers.size()], target.user, target.password,
               std::chrono::seconds(60));
  const std::string table = kTable;
  if (turn == 0) link.run("CREATE TABLE IF NOT EXISTS " + table + " (id BIGINT PRIMARY KEY)");
  const bool adds = turn % 2 == 0;
  link.run("ALTER TABLE " + table + (adds ? " ADD COLUMN c INT" : " DROP COLUMN c"));
}

}  // namespace

void alter_on_and_on(const Clock& clock, const LoadTarget& target, Millis between,
                     const std::stop_token& stop) {
  for (std::size_t turn = 0; !stop.stop_requested();) {
    const MonoTime next = clock.mono() + between;
    try {
      alter_once(target, turn);
      ++turn;
    } catch (const SqlFailure& e) {
      // 1060 and 1091: the statement before this one took effect unheard.
      if (e.code() == 1060 || e.code() == 1091) ++turn;
    }
    if (!clock.wait_until(next, stop)) return;
  }
}

}  // namespace bdrmesh::lab::load
