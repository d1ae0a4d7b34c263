#include "clients/http/http_client.h"

#include <algorithm>
#include <chrono>
#include <curl/curl.h>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "clients/mask.h"

namespace bdrmesh {
namespace {

constexpr long kConnectMillis = 3000;
constexpr std::size_t kLargestBody = std::size_t{64} << 20;

struct FreeHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, FreeHandle>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

std::size_t take_body(char* data, std::size_t, std::size_t size, void* out) {
  auto& body = *static_cast<std::string*>(out);
  if (body.size() + size > kLargestBody) return 0;
  body.append(data, size);
  return size;
}

int stop_asked(void* token, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
  if (curl_easy_setopt(handle, option, value) != CURLE_OK) {
    throw Error(ErrorKind::bug, "CURL_OPTION", "libcurl refuses option " + std::to_string(option));
  }
}

bool is_loopback(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::string_view host = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  return host.starts_with("127.") || host.starts_with("localhost") || host.starts_with("[::1]");
}

void set_method(CURL* handle, const HttpRequest& request) {
  switch (request.method) {
    case HttpMethod::get:
      return;
    case HttpMethod::post:
      set(handle, CURLOPT_POST, 1L);
      break;
    case HttpMethod::put:
      set(handle, CURLOPT_CUSTOMREQUEST, "PUT");
      break;
    case HttpMethod::remove:
      set(handle, CURLOPT_CUSTOMREQUEST, "DELETE");
      return;
  }
  set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.reveal().size()));
  set(handle, CURLOPT_POSTFIELDS, request.body.reveal().c_str());
}

void set_tls(CURL* handle, const TlsFiles& tls) {
  set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
  set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
  set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!tls.ca.empty()) set(handle, CURLOPT_CAINFO, tls.ca.c_str());
  if (!tls.cert.empty()) set(handle, CURLOPT_SSLCERT, tls.cert.c_str());
  if (!tls.key.empty()) set(handle, CURLOPT_SSLKEY, tls.key.c_str());
}

/// Had the request begun to leave? libcurl notes the time just before it sends.
bool nothing_was_sent(CURL* handle) {
  curl_off_t before_sending = 0;
  curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME_T, &before_sending);
  return before_sending == 0;
}

HttpOutcome outcome_of(CURL* handle, CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return HttpOutcome::answered;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return HttpOutcome::never_connected;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return HttpOutcome::refused_tls;
    case CURLE_ABORTED_BY_CALLBACK:
      return nothing_was_sent(handle) ? HttpOutcome::stopped_before : HttpOutcome::stopped;
    default:
      return nothing_was_sent(handle) ? HttpOutcome::never_connected : HttpOutcome::lost;
  }
}

/// @return nullptr when there is no memory.
curl_slist* headers_of(const HttpRequest& request) {
  curl_slist* list = curl_slist_append(nullptr, "Content-Type: application/json");
  if (list == nullptr || request.bearer.empty()) return list;
  const std::string line = "Authorization: Bearer " + request.bearer.reveal();
  curl_slist* longer = curl_slist_append(list, line.c_str());
  if (longer == nullptr) curl_slist_free_all(list);
  return longer;
}

long millis_left(const HttpRequest& request, const Call& call, const Clock& clock) {
  const auto left = std::chrono::ceil<Millis>(call.deadline - clock.mono());
  return static_cast<long>(std::min(left, request.patience).count());
}

}  // namespace

HttpClient::HttpClient(TlsFiles tls, const Clock& clock) : tls_(std::move(tls)), clock_(clock) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

HttpAnswer HttpClient::send(const HttpRequest& request, const Call& call) const {
  HttpAnswer answer;
  if (call.stop.stop_requested()) return {HttpOutcome::stopped_before, 0, {}, "asked to stop"};
  const long left = millis_left(request, call, clock_);
  if (left <= 0) return {HttpOutcome::never_connected, 0, {}, "no time left"};

  const Handle handle(curl_easy_init());
  const HeaderList headers(headers_of(request));
  if (!handle || !headers) throw std::bad_alloc();
  std::stop_token stop = call.stop;
  set(handle.get(), CURLOPT_URL, request.url.c_str());
  set(handle.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle.get(), CURLOPT_NOSIGNAL, 1L);
  set(handle.get(), CURLOPT_CONNECTTIMEOUT_MS, std::min(kConnectMillis, left));
  set(handle.get(), CURLOPT_TIMEOUT_MS, left);
  set(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  set(handle.get(), CURLOPT_WRITEFUNCTION, &take_body);
  set(handle.get(), CURLOPT_WRITEDATA, static_cast<void*>(&answer.body));
  set(handle.get(), CURLOPT_NOPROGRESS, 0L);
  set(handle.get(), CURLOPT_XFERINFOFUNCTION, &stop_asked);
  set(handle.get(), CURLOPT_XFERINFODATA, static_cast<void*>(&stop));
  if (is_loopback(request.url)) set(handle.get(), CURLOPT_PROXY, "");
  if (request.url.starts_with("https")) set_tls(handle.get(), tls_);
  set_method(handle.get(), request);

  const CURLcode code = curl_easy_perform(handle.get());
  answer.outcome = outcome_of(handle.get(), code);
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  if (code != CURLE_OK) answer.trouble = mask_values(curl_easy_strerror(code));
  return answer;
}

}  // namespace bdrmesh
