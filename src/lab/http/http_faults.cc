#include "lab/http/http_faults.h"

#include <algorithm>
#include <utility>

namespace bdrmesh::lab {

namespace {

constexpr Millis kLook{50};

HttpResponse broken_connection() {
  HttpResponse response;
  response.close_without_answer = true;
  return response;
}

/// Until the client has given up, or the server ends.
HttpResponse never(const HttpRequest& request, const std::stop_token& stop, const Clock& clock) {
  while (clock.wait_for(kLook, stop)) {
    if (request.client != nullptr && request.client->peer_is_gone()) break;
  }
  return broken_connection();
}

}  // namespace

std::string_view to_string(HttpFault::Kind kind) {
  switch (kind) {
    case HttpFault::Kind::late:
      return "late";
    case HttpFault::Kind::lost:
      return "lost";
    case HttpFault::Kind::silent:
      return "silent";
    case HttpFault::Kind::half:
      return "half";
    case HttpFault::Kind::refused:
      return "refused";
    case HttpFault::Kind::wrong:
      return "wrong";
  }
  return "?";
}

void HttpFaults::add(HttpFault fault) {
  const std::lock_guard lock(mutex_);
  if (fault.count != 0) faults_.push_back(std::move(fault));
}

void HttpFaults::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::vector<std::string> HttpFaults::waiting() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> all;
  for (const HttpFault& fault : faults_) {
    all.push_back(std::string(to_string(fault.kind)) + " " + fault.part);
  }
  return all;
}

std::optional<HttpFault> HttpFaults::take(const HttpRequest& request) {
  const std::string call = request.method + " " + request.path;
  const std::lock_guard lock(mutex_);
  const auto hit = std::find_if(faults_.begin(), faults_.end(), [&](const HttpFault& fault) {
    return call.find(fault.part) != std::string::npos;
  });
  if (hit == faults_.end()) return std::nullopt;
  HttpFault taken = *hit;
  if (hit->count > 0 && --hit->count == 0) faults_.erase(hit);
  return taken;
}

HttpResponse HttpFaults::around(const HttpRequest& request, const std::stop_token& stop,
                                const Clock& clock, const std::function<HttpResponse()>& answer) {
  const std::optional<HttpFault> fault = take(request);
  if (!fault) return answer();
  switch (fault->kind) {
    case HttpFault::Kind::late: {
      HttpResponse response = answer();
      clock.wait_for(fault->delay, stop);
      return response;
    }
    case HttpFault::Kind::lost:
      answer();
      return broken_connection();
    case HttpFault::Kind::silent:
      answer();
      return never(request, stop, clock);
    case HttpFault::Kind::half: {
      HttpResponse response = answer();
      response.cut_after = response.body.size() / 2;
      return response;
    }
    case HttpFault::Kind::refused: {
      HttpResponse response;
      response.status = fault->status;
      response.body = fault->body;
      return response;
    }
    case HttpFault::Kind::wrong:
      return fault->elsewhere ? fault->elsewhere(request, stop) : broken_connection();
  }
  return answer();
}

}  // namespace bdrmesh::lab
