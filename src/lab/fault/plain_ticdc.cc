#include "lab/fault/plain_ticdc.h"

#include <algorithm>

#include "lab/http/http_client.h"
#include "lab/net/socket.h"

namespace bdrmesh::lab::fault {
namespace {

constexpr const char* kFeeds = "/api/v2/changefeeds";
constexpr Millis kPatience{5'000};
constexpr Millis kBetweenLooks{50};

}  // namespace

Json PlainTicdc::call(const std::string& method, const std::string& path, const Json& body) const {
  for (const std::string& node : nodes_) {
    try {
      const HttpAnswer answer =
          http_call(method, node + path, body.is_null() ? "" : body.dump(), kPatience);
      if (answer.status == 0) continue;
      if (!answer.ok()) {
        throw Error(ErrorKind::transient, "LAB_TICDC_REFUSED",
                    method + " " + path + ": " + std::to_string(answer.status) + " " +
                        answer.body.substr(0, 300));
      }
      return answer.body.empty() ? Json() : Json::parse(answer.body, nullptr, false);
    } catch (const SocketClosed&) {
      // The next node may be up.
    }
  }
  throw Error(ErrorKind::transient, "LAB_TICDC_SILENT",
              method + " " + path + ": no TiCDC node answers");
}

Json PlainTicdc::detail(const std::string& id) const {
  return call("GET", std::string(kFeeds) + "/" + id, {});
}

std::string PlainTicdc::state(const std::string& id) const {
  return get_or<std::string>(detail(id), "state", "");
}

std::vector<std::string> PlainTicdc::ids() const {
  std::vector<std::string> all;
  const Json items =
      get_or<Json>(call("GET", std::string(kFeeds) + "?state=all", {}), "items", Json::array());
  for (const Json& item : items) all.push_back(get_or<std::string>(item, "id", ""));
  return all;
}

void PlainTicdc::create(const Json& body) const { call("POST", kFeeds, body); }

void PlainTicdc::remove(const std::string& id) const {
  const MonoTime deadline = clock_.mono() + kPatience;
  const auto is_there = [this, &id] {
    const std::vector<std::string> all = ids();
    return std::ranges::find(all, id) != all.end();
  };
  do {
    // A newborn feed ignores it: 200, and nothing happens.
    call("DELETE", std::string(kFeeds) + "/" + id, {});
    clock_.wait_for(kBetweenLooks, {});
  } while (is_there() && clock_.mono() < deadline);
}

void PlainTicdc::pause(const std::string& id) const {
  call("POST", std::string(kFeeds) + "/" + id + "/pause", Json::object());
  const MonoTime deadline = clock_.mono() + kPatience;
  while (state(id) != "stopped") {
    if (clock_.mono() > deadline) {
      throw Error(ErrorKind::transient, "LAB_TICDC_REFUSED", "feed " + id + " does not stop");
    }
    clock_.wait_for(kBetweenLooks, {});
  }
}

void PlainTicdc::resume(const std::string& id) const {
  call("POST", std::string(kFeeds) + "/" + id + "/resume", Json::object());
}

void PlainTicdc::change(const std::string& id, const Json& change) const {
  pause(id);
  try {
    call("PUT", std::string(kFeeds) + "/" + id, change);
  } catch (...) {
    resume(id);  // what was refused must not leave it paused
    throw;
  }
  resume(id);
}

}  // namespace bdrmesh::lab::fault
