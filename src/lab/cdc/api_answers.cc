#include "lab/cdc/api_answers.h"

#include "lab/cdc/api_render.h"

namespace bdrmesh::lab {

HttpResponse ok(std::string body) {
  HttpResponse response;
  response.body = std::move(body);
  return response;
}

HttpResponse failure(const ApiError& error) {
  HttpResponse response;
  response.status = error.status;
  if (error.plain_text_header) response.content_type = "text/plain; charset=utf-8";
  response.body = render_error(error.message(), error.code);
  return response;
}

HttpResponse not_found() {
  HttpResponse response;
  response.status = 404;
  response.content_type = "text/plain";
  response.body = "404 page not found";
  return response;
}

HttpResponse panicked() {
  HttpResponse response;
  response.status = 500;
  response.content_type.clear();
  return response;
}

HttpResponse redirected(const std::string& method, const std::string& path) {
  HttpResponse response;
  response.headers.emplace_back("Location", path);
  if (method == "GET") {
    response.status = 301;
    response.content_type = "text/html; charset=utf-8";
    response.body = "<a href=\"" + path + "\">Moved Permanently</a>.\n\n";
  } else {
    response.status = 307;
    response.content_type.clear();
  }
  return response;
}

HttpResponse unanswered() {
  HttpResponse response;
  response.close_without_answer = true;
  return response;
}

}  // namespace bdrmesh::lab
