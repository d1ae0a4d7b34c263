#include "app/cli/client/api_client.h"

#include <cstdint>
#include <curl/curl.h>

#include "app/cli/client/interrupt.h"
#include "app/cli/client/problem.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

size_t append(char* data, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

/// Ctrl-C ends a wait for a daemon that says nothing: libcurl asks about once per second. What is
/// sent after it, to leave things in order, is not cut short.
int leave_when_asked(void* already, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return !*static_cast<const bool*>(already) && InterruptFlag::raised() ? 1 : 0;
}

/// Whether the request cannot have reached anybody.
bool never_sent(CURLcode code) {
  return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST ||
         code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL;
}

struct Headers {
  ~Headers() { curl_slist_free_all(list); }
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
  curl_slist* list = nullptr;
};

}  // namespace

struct ApiClient::Handle {
  Handle() {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kReady == CURLE_OK) curl = curl_easy_init();
    if (curl == nullptr)
      throw Error(ErrorKind::bug, "CURL_UNUSABLE", "libcurl cannot be initialised");
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  CURL* curl = nullptr;
};

struct ApiClient::Reply {
  CURLcode code = CURLE_OK;
  std::string failure;
  long status = 0;
  std::string body;
};

ApiClient::ApiClient(std::string base_url, Millis timeout)
    : base_url_(std::move(base_url)), timeout_(timeout), handle_(std::make_unique<Handle>()) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

ApiClient::~ApiClient() = default;

ApiClient::Reply ApiClient::send(const std::string& path, const std::string* body,
                                 const std::string& idempotency_key) {
  CURL* curl = handle_->curl;
  curl_easy_reset(curl);
  Reply reply;
  const std::string url = base_url_ + "/api/v1" + path;
  Headers headers;
  bool interrupted_before = InterruptFlag::raised();
  headers.add("Accept: application/json");
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // The daemon is a neighbour: a proxy of the environment would be asked for somebody else's
  // 127.0.0.1.
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "bdrmesh-cli");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout_.count()));
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, leave_when_asked);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &interrupted_before);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  if (body != nullptr) {
    if (!body->empty()) headers.add("Content-Type: application/json");
    if (!idempotency_key.empty()) headers.add("Idempotency-Key: " + idempotency_key);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->c_str());
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.list);
  reply.code = curl_easy_perform(curl);
  reply.failure = reply.code == CURLE_ABORTED_BY_CALLBACK ? "it was not waited for any longer"
                                                          : curl_easy_strerror(reply.code);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply.status);
  return reply;
}

Json ApiClient::take(const Reply& reply, bool reading) const {
  if (never_sent(reply.code)) {
    throw Error(ErrorKind::transient, "NO_DAEMON",
                "no daemon answers at " + base_url_ + ": " + reply.failure,
                "start it with: bdrmesh serve --config FILE; or say where it is with --server URL "
                "or BDRMESH_SERVER");
  }
  const ErrorKind lost = reading ? ErrorKind::transient : ErrorKind::ambiguous;
  if (reply.code != CURLE_OK) {
    throw Error(lost, "NO_ANSWER", "the answer of " + base_url_ + " is lost: " + reply.failure,
                reading ? "see whether the daemon's process still runs and what its log says"
                        : "see what became of it with: bdrmesh op list");
  }
  const Json body = Json::parse(reply.body, nullptr, false);
  if (body.is_discarded()) {
    throw Error(lost, "NO_ANSWER",
                base_url_ + " answers " + std::to_string(reply.status) + " without JSON",
                "is this the address of a bdrmesh daemon?");
  }
  if (reply.status < 400 || !body.is_object() || !body.contains("code")) return body;
  const std::string kind = get_or<std::string>(body, "kind", "bug");
  throw ApiProblem(error_kind_from(kind), get_or<std::string>(body, "code", "UNKNOWN"),
                   get_or<std::string>(body, "detail", ""), get_or<std::string>(body, "remedy", ""),
                   get_or<Json>(body, "evidence", Json()));
}

Json ApiClient::get(const std::string& path) { return take(send(path, nullptr, {}), true); }

Json ApiClient::ask(const std::string& path, const Json& body) {
  const std::string text = body.dump();
  return take(send(path, &text, {}), true);
}

Json ApiClient::post(const std::string& path, const Json& body,
                     const std::string& idempotency_key) {
  const std::string text = body.is_null() ? std::string() : body.dump();
  return take(send(path, &text, idempotency_key), false);
}

std::string encoded(const std::string& segment) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    if (plain) {
      out.push_back(c);
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
    }
  }
  return out;
}

}  // namespace bdrmesh
