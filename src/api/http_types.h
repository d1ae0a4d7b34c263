// A request and its reply as the routes see them: no sockets, no Beast. Values; thread-safe as
// values are.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bdrmesh {

struct ApiRequest {
  std::string method;                        ///< GET, POST, ...
  std::vector<std::string> path;             ///< segments, percent-decoded: {"api", "v1", "status"}
  std::map<std::string, std::string> query;  ///< percent-decoded
  std::string content_type;
  std::string content_encoding;
  std::string accept;
  std::string idempotency_key;
  std::string last_event_id;
  std::string user_agent;
  std::string authorization;  ///< for AccessGuard only; never logged
  std::string body;
};

/// What a stream of events sends next: whole messages, or nothing yet.
struct FeedPage {
  std::string text;
  bool ended = false;  ///< the stream is over once `text` is sent
};
/// Reads on; `stopping`: the server goes away, take leave. One call at a time; must not throw.
using EventFeed = std::function<FeedPage(bool stopping)>;

struct ApiReply {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  ///< Allow, Retry-After
  EventFeed feed{};  ///< set: the body is what it yields, until it ends
};

/// Answers a request; called from several threads at once. Must not throw.
using ApiHandler = std::function<ApiReply(const ApiRequest&)>;

/// Splits a request target such as `/api/v1/links/g/a/b?limit=3` into `path` and `query`. One slash
/// at the end does not count; an empty segment elsewhere does.
/// @throws Error invalid `MALFORMED_PATH`: no leading slash, a broken percent code, a control
/// character, no UTF-8; `BAD_QUERY`: the same in the query, or a key that comes twice.
void split_target(std::string_view target, ApiRequest& request);

/// Whether the bytes are UTF-8 without control characters (line ends count as such).
bool is_plain_text(std::string_view text);

/// Whether the value of an Accept header allows `media` ("application/json"); an empty one allows
/// everything.
bool is_accepted(std::string_view accept, std::string_view media);

}  // namespace bdrmesh
