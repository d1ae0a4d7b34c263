#include "mesh/gate_view.h"

#include <algorithm>

namespace bdrmesh {
namespace {

std::string joined(const std::vector<ServerGate>& servers, bool wanted_closed) {
  std::string text;
  for (const ServerGate& server : servers) {
    if (server.error.empty() && server.closed == wanted_closed) continue;
    if (!text.empty()) text += ", ";
    text += server.server.value();
    if (!server.error.empty()) text += " (" + server.error + ")";
  }
  return text.empty() && servers.empty() ? "no server is known" : text;
}

}  // namespace

bool GateView::closed_everywhere() const {
  return !servers.empty() && std::ranges::all_of(servers, [](const ServerGate& server) {
    return server.error.empty() && server.closed;
  });
}

bool GateView::open_everywhere() const {
  return !servers.empty() && std::ranges::all_of(servers, [](const ServerGate& server) {
    return server.error.empty() && !server.closed;
  });
}

std::string GateView::not_closed() const { return joined(servers, true); }
std::string GateView::not_open() const { return joined(servers, false); }

GateView look_at_gate(TidbCluster& tidb, const Clock& clock, Millis patience, const Call& call) {
  GateView view;
  for (const TidbServerInfo& server : tidb.servers(call)) {
    ServerGate seen{server.address, false, {}};
    try {
      seen.closed = tidb.super_read_only(server.address, call.within(clock.mono(), patience));
    } catch (const Error& e) {
      if (e.kind() == ErrorKind::cancelled) throw;
      seen.error = e.message();
    }
    view.servers.push_back(seen);
  }
  return view;
}

}  // namespace bdrmesh
