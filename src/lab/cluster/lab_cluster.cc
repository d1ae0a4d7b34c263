#include "lab/cluster/lab_cluster.h"

#include <algorithm>
#include <cctype>

#include "base/error.h"
#include "base/json.h"
#include "lab/parse/tokens.h"
#include "lab/server/refused.h"

namespace bdrmesh::lab {

namespace {

/// Splits `A, B ON x` into what the engine knows and TiDB's dynamic privileges.
struct SplitGrant {
  std::string engine;
  std::vector<std::string> dynamic;
  std::string object;
  bool with_grant_option = false;
};

std::string trimmed_upper(std::string text) {
  const auto is_blank = [](unsigned char c) { return std::isspace(c) != 0; };
  while (!text.empty() && is_blank(static_cast<unsigned char>(text.back()))) text.pop_back();
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(static_cast<unsigned char>(text[begin]))) ++begin;
  text.erase(0, begin);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

SplitGrant split_grant(const std::string& grant) {
  const std::string lower = to_lower(grant);
  const std::size_t on = lower.find(" on ");
  if (on == std::string::npos)
    throw Error(ErrorKind::invalid, "LAB_USER", "grant without ON: " + grant);
  SplitGrant split;
  const std::size_t option = lower.find(" with grant option", on);
  split.with_grant_option = option != std::string::npos;
  split.object = grant.substr(on + 4, std::min(option, grant.size()) - on - 4);
  std::size_t begin = 0;
  while (begin <= on) {
    const std::size_t end = std::min(grant.find(',', begin), on);
    const std::string name = trimmed_upper(grant.substr(begin, end - begin));
    if (is_dynamic_privilege(name)) {
      split.dynamic.push_back(name);
    } else {
      split.engine += (split.engine.empty() ? "" : ", ") + name;
    }
    begin = end + 1;
  }
  return split;
}

HttpResponse status_answer(const ClusterState& state, const HttpRequest& request) {
  HttpResponse response;
  if (request.path == "/status") {
    const Json body = {{"connections", state.sessions.list().size()},
                       {"version", state.server_version},
                       {"git_hash", "lab"}};
    response.body = body.dump();
  } else {
    response.status = 404;
    response.body = "404 page not found\n";
  }
  return response;
}

}  // namespace

LabCluster::LabCluster(const Clock& clock, const std::string& name, std::filesystem::path directory,
                       unsigned index, const Profile& profile)
    : state_(clock, name, profile),
      engine_(clock, std::move(directory), index, state_.server_version),
      shared_(state_),
      pd_(state_) {}

LabCluster::~LabCluster() { stop(); }

void LabCluster::start(const std::filesystem::path& template_data) {
  engine_.start(template_data);
  state_.set_engine(engine_.endpoint());
  shared_.history.start();
  pd_.start();
  state_.gc.start();
  for (std::size_t server = 0; server < ClusterState::kServers; ++server) {
    status_servers_.push_back(
        std::make_unique<HttpServer>([this](const HttpRequest& request, const std::stop_token&) {
          return status_answer(state_, request);
        }));
    status_servers_.back()->start();
    front_ends_.push_back(
        std::make_unique<FrontEnd>(shared_, server, status_servers_.back()->address()));
    front_ends_.back()->start();
  }
  running_ = true;
}

void LabCluster::stop() {
  shared_.ending.request_stop();
  state_.gc.stop();
  shared_.history.stop();
  for (FreezeGate& gate : shared_.freeze) gate.open_for_ever();
  // The engine first: whoever waits for it wakes up.
  engine_.stop();
  for (const auto& front_end : front_ends_) front_end->kill();
  for (const auto& front_end : front_ends_) front_end->join();
  for (const auto& server : status_servers_) server->stop();
  if (running_) pd_.stop();
  running_ = false;
}

void LabCluster::add_user(const LabUser& user) {
  const std::string account = quote_text(user.name) + "@'%'";
  const std::string key = user.name + "@%";
  try {
    shared_.as_admin("CREATE USER IF NOT EXISTS " + account);
    shared_.as_admin("ALTER USER " + account + " IDENTIFIED BY " +
                     quote_text(user.password.reveal()));
    for (const std::string& grant : user.grants) {
      const SplitGrant split = split_grant(grant);
      if (!split.engine.empty()) {
        shared_.as_admin("GRANT " + split.engine + " ON " + split.object + " TO " + account +
                         (split.with_grant_option ? " WITH GRANT OPTION" : ""));
      }
      for (const std::string& name : split.dynamic) {
        shared_.privileges.grant(key, name, split.with_grant_option);
      }
    }
  } catch (const Refused& refused) {
    throw Error(ErrorKind::precondition, "LAB_USER",
                "user " + user.name + " on " + state_.name + ": " + refused.what());
  } catch (const SocketClosed& closed) {
    throw Error(ErrorKind::precondition, "LAB_USER",
                "user " + user.name + " on " + state_.name + ": " + closed.what());
  }
}

}  // namespace bdrmesh::lab
