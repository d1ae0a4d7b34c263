#include "clients/http/noted.h"

#include <algorithm>

#include "base/json.h"
#include "clients/call_note.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kLongestCode = 64;

std::string_view word_for(HttpMethod method) {
  switch (method) {
    case HttpMethod::get:
      return "GET";
    case HttpMethod::post:
      return "POST";
    case HttpMethod::put:
      return "PUT";
    case HttpMethod::remove:
      break;
  }
  return "DELETE";
}

struct UrlParts {
  std::string_view server;  ///< scheme and address, without user and password
  std::string_view path;    ///< without the query
};

UrlParts parts_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t slash = std::min(url.find('/', host), url.size());
  const std::string_view path = url.substr(slash, url.find('?', slash) - slash);
  const std::string_view authority = url.substr(host, slash - host);
  const std::size_t at = authority.rfind('@');
  return {at == std::string_view::npos ? url.substr(0, slash) : authority.substr(at + 1), path};
}

/// The service's own code, when it gives one that looks like a code.
std::string error_code_in(const std::string& body) {
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) return {};
  const auto code = json.find("error_code");
  if (code == json.end() || !code->is_string()) return {};
  const auto text = code->get<std::string>();
  const bool plain = text.size() <= kLongestCode && text.find_first_of(" \t\r\n\"") == text.npos;
  return plain ? text : std::string();
}

}  // namespace

std::string noted_answer(const HttpAnswer& answer) {
  switch (answer.outcome) {
    case HttpOutcome::answered: {
      const std::string code = answer.ok() ? std::string() : error_code_in(answer.body);
      return std::to_string(answer.status) + (code.empty() ? "" : " " + code);
    }
    case HttpOutcome::never_connected:
      return "UNREACHABLE";
    case HttpOutcome::refused_tls:
      return "TLS_REFUSED";
    case HttpOutcome::lost:
      return "ANSWER_LOST";
    case HttpOutcome::stopped_before:
    case HttpOutcome::stopped:
      break;
  }
  return "CANCELLED";
}

HttpAnswer send_noted(const HttpClient& http, std::string_view service, const HttpRequest& request,
                      const Call& call, const Clock& clock) {
  const UrlParts url = parts_of(request.url);
  CallNote note(call, clock, std::string(service) + " " + std::string(url.server),
                std::string(word_for(request.method)) + " " + std::string(url.path));
  HttpAnswer answer = http.send(request, call);
  note.answered(noted_answer(answer));
  return answer;
}

}  // namespace bdrmesh
