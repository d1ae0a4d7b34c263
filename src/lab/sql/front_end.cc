#include "lab/sql/front_end.h"

#include "lab/sql/session.h"

namespace bdrmesh::lab {

namespace {

void serve(SqlShared& shared, std::size_t server, Socket& client) {
  shared.freeze[server].pass();
  Session session(shared, server, client);
  try {
    session.run();
  } catch (const Refused&) {
    // An engine that refuses our own words has ended the transaction; so do we end the connection.
  }
}

}  // namespace

FrontEnd::FrontEnd(SqlShared& shared, std::size_t server, std::string status_address)
    : shared_(shared),
      server_(server),
      status_address_(std::move(status_address)),
      service_([this](Socket& client) { serve(shared_, server_, client); }) {}

FrontEnd::~FrontEnd() {
  kill();
  join();
}

void FrontEnd::start() {
  port_ = service_.start(port_);
  started_ = shared_.cluster.clock.now();
  shared_.cluster.variables.reload(server_);
  shared_.privileges.reload(server_);
  publish(true, false);
}

void FrontEnd::kill() {
  service_.close();
  for (const SessionInfo& session : shared_.cluster.sessions.list()) {
    if (session.server != server_) continue;
    shared_.cluster.sessions.kill(session.id, true);
    shared_.end_engine_work(session, true);
    // Its job goes on, but nobody will see this session again.
    if (session.in_ddl) shared_.cluster.sessions.remove(session.id);
  }
  shared_.freeze[server_].thaw();
  if (port_ != 0) publish(false, false);
}

void FrontEnd::suspend() {
  shared_.cluster.variables.freeze(server_);
  shared_.freeze[server_].freeze();
  publish(true, true);
}

void FrontEnd::resume() {
  shared_.cluster.variables.thaw(server_);
  shared_.freeze[server_].thaw();
  publish(true, false);
}

void FrontEnd::publish(bool alive, bool suspended) {
  FrontEndView view;
  view.address = address();
  view.status_address = status_address_;
  view.alive = alive;
  view.suspended = suspended;
  view.died = shared_.cluster.clock.mono();
  view.started = started_;
  shared_.cluster.set_front_end(server_, view);
}

}  // namespace bdrmesh::lab
