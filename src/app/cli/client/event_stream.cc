#include "app/cli/client/event_stream.h"

#include <curl/curl.h>

#include "app/cli/client/api_client.h"
#include "app/cli/client/event_messages.h"
#include "base/error.h"

namespace bdrmesh {
namespace {

constexpr Millis kBetweenTries{1000};

size_t append(char* data, size_t size, size_t count, void* text) {
  static_cast<std::string*>(text)->append(data, size * count);
  return size * count;
}

}  // namespace

struct EventStream::Connection {
  Connection() : multi(curl_multi_init()) {}
  ~Connection() {
    close();
    curl_multi_cleanup(multi);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void open(const std::string& url) {
    easy = curl_easy_init();
    if (easy == nullptr || multi == nullptr) return;
    headers = curl_slist_append(headers, "Accept: text/event-stream");
    if (!messages.last_id().empty())
      headers = curl_slist_append(headers, ("Last-Event-ID: " + messages.last_id()).c_str());
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "bdrmesh-cli");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 3000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_multi_add_handle(multi, easy);
  }
  void close() {
    if (easy != nullptr) {
      curl_multi_remove_handle(multi, easy);
      curl_easy_cleanup(easy);
      curl_slist_free_all(headers);
    }
    easy = nullptr;
    headers = nullptr;
    received.clear();
    messages.disconnected();
  }
  long status() const {
    long code = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    return code;
  }

  CURLM* multi;
  CURL* easy = nullptr;
  curl_slist* headers = nullptr;
  std::string received;
  EventMessages messages;
};

EventStream::EventStream(const std::string& base_url, const std::string& operation,
                         const Clock& clock)
    : url_(base_url + "/api/v1/events/stream?operation=" + encoded(operation)),
      clock_(clock),
      not_before_(clock.mono()),
      connection_(std::make_unique<Connection>()) {}

EventStream::~EventStream() = default;

void EventStream::connect() {
  if (connection_->easy != nullptr || clock_.mono() < not_before_) return;
  not_before_ = clock_.mono() + kBetweenTries;
  connection_->open(url_);
}

bool EventStream::is_lost() const {
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(connection_->multi, &left);
  return message != nullptr && message->msg == CURLMSG_DONE;
}

EventStream::News EventStream::wait(Millis most) {
  News news;
  if (refused_ || over_) return news;
  connect();
  if (connection_->easy == nullptr) return news;
  const MonoTime until = clock_.mono() + most;
  while (true) {
    int running = 0;
    curl_multi_perform(connection_->multi, &running);
    const long status = connection_->status();
    if (status >= 400) {
      // A daemon of another version, or one without room for another listener.
      refused_ = status != 503;
      connection_->close();
      return news;
    }
    take(news);
    if (is_lost()) {
      connection_->close();
      return news;
    }
    news.listened = true;
    const Millis left = std::chrono::duration_cast<Millis>(until - clock_.mono());
    if (!news.events.empty() || news.ended || left <= Millis{0}) return news;
    curl_multi_poll(connection_->multi, nullptr, 0, static_cast<int>(left.count()), nullptr);
  }
}

void EventStream::take(News& news) {
  std::string received;
  received.swap(connection_->received);
  for (const EventMessage& message : connection_->messages.take(received)) {
    if (message.name == "reset") connection_->messages.forget_id();
    const Json data = Json::parse(message.data, nullptr, false);
    if (data.is_discarded()) continue;
    if (message.name.empty()) news.events.push_back(data);
    if (message.name == "end" && get_or<Json>(data, "state", Json()).is_string())
      news.ended = over_ = true;
  }
}

}  // namespace bdrmesh
