#include "fakes/faulty_pair.h"

#include "fakes/faulty_pass.h"

namespace bdrmesh::fakes {

std::optional<bool> FaultyUsers::is_locked(const std::string& user, const Call& call) {
  return pass_answer(world_, {name_, "users.is_locked", false}, call,
                     [&] { return inner_.is_locked(user, call); });
}

void FaultyUsers::set_locked(const std::string& user, bool locked, const Call& call) {
  pass_change(world_, {name_, "users.set_locked", true}, call,
              [=, &inner = inner_](const Call& mine) { inner.set_locked(user, locked, mine); });
}

LoginAnswer FaultyUsers::try_login(const ServerAddress& server, const std::string& user,
                                   const Secret& password, const Call& call) {
  return pass_answer(world_, {name_, "users.try_login", false}, call,
                     [&] { return inner_.try_login(server, user, password, call); });
}

SessionLook FaultyUsers::sessions_of(const std::string& user, const Call& call) {
  return pass_answer(world_, {name_, "users.sessions_of", false}, call,
                     [&] { return inner_.sessions_of(user, call); });
}

SessionLook FaultyUsers::sessions(const Call& call) {
  return pass_answer(world_, {name_, "users.sessions", false}, call,
                     [&] { return inner_.sessions(call); });
}

void FaultyUsers::end_session(const ServerAddress& server, std::uint64_t id, const Call& call) {
  pass_change(world_, {name_, "users.end_session", true}, call,
              [=, &inner = inner_](const Call& mine) { inner.end_session(server, id, mine); });
}

void FaultyUsers::make_user(const std::string& user, const Secret& password,
                            const std::vector<std::string>& grants, const Call& call) {
  pass_change(
      world_, {name_, "users.make_user", true}, call,
      [=, &inner = inner_](const Call& mine) { inner.make_user(user, password, grants, mine); });
}

void FaultyUsers::drop_user(const std::string& user, const Call& call) {
  pass_change(world_, {name_, "users.drop_user", true}, call,
              [=, &inner = inner_](const Call& mine) { inner.drop_user(user, mine); });
}

Tso FaultyReadPoint::external_ts(const Call& call) {
  return pass_answer(world_, {name_, "read_point.external_ts", false}, call,
                     [&] { return inner_.external_ts(call); });
}

bool FaultyReadPoint::reads_past(const ServerAddress& server, const Call& call) {
  return pass_answer(world_, {name_, "read_point.reads_past", false}, call,
                     [&] { return inner_.reads_past(server, call); });
}

void FaultyReadPoint::set_reads_past(bool on, const Call& call) {
  pass_change(world_, {name_, "read_point.set_reads_past", true}, call,
              [=, &inner = inner_](const Call& mine) { inner.set_reads_past(on, mine); });
}

std::vector<Syncpoint> FaultyReadPoint::newest_syncpoints(const Call& call) {
  return pass_answer(world_, {name_, "read_point.newest_syncpoints", false}, call,
                     [&] { return inner_.newest_syncpoints(call); });
}

bool FaultyReadPoint::ttl_jobs(const Call& call) {
  return pass_answer(world_, {name_, "read_point.ttl_jobs", false}, call,
                     [&] { return inner_.ttl_jobs(call); });
}

void FaultyReadPoint::set_ttl_jobs(bool on, const Call& call) {
  pass_change(world_, {name_, "read_point.set_ttl_jobs", true}, call,
              [=, &inner = inner_](const Call& mine) { inner.set_ttl_jobs(on, mine); });
}

}  // namespace bdrmesh::fakes
