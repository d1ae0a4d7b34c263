// An HTTP request whose end is told to the call's observer: method, path and answer, never the
// query or the body.
#pragma once

#include <string>
#include <string_view>

#include "base/call.h"
#include "clients/http/http_client.h"

namespace bdrmesh {

/// As `http.send`. `service` names who is asked: "ticdc east".
HttpAnswer send_noted(const HttpClient& http, std::string_view service, const HttpRequest& request,
                      const Call& call, const Clock& clock);

/// What an observer is told of an answer: "200", "400 CDC:ErrChangeFeedNotExists", "UNREACHABLE".
std::string noted_answer(const HttpAnswer& answer);

}  // namespace bdrmesh
