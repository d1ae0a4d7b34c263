// Forms of answers that all endpoints share (ticdc-api §1.2, §1.3). Pure.
#pragma once

#include <string>

#include "lab/feed/api_error.h"
#include "lab/http/http_server.h"

namespace bdrmesh::lab {

/// 200 with compact or indented JSON, as it was rendered.
HttpResponse ok(std::string body);
HttpResponse failure(const ApiError& error);
/// 404 as text.
HttpResponse not_found();
/// What Go's server does on a handler that panics: 500, no body, no content type.
HttpResponse panicked();
/// A path with a slash too many is sent to the one without: 301, or 307 unless GET.
HttpResponse redirected(const std::string& method, const std::string& path);
/// The connection ends without an answer.
HttpResponse unanswered();

}  // namespace bdrmesh::lab
