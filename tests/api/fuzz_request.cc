#include "api/fuzz_request.h"

namespace bdrmesh::testing_api {
namespace {

std::string encoded(const std::string& text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_') {
      out.push_back(c);
    } else {
      out += {'%', kHex[byte >> 4U], kHex[byte & 0xfU]};
    }
  }
  return out;
}

}  // namespace

struct RequestMaker::Draft {
  const DescribedOperation* operation = nullptr;
  std::string method;
  std::string path;
  std::string query;
  std::string version = "HTTP/1.1";
  std::string host = "Host: 127.0.0.1\r\n";
  std::string type = "Content-Type: application/json\r\n";
  std::string headers;
  std::string body;
  bool chunked = false;
  Fate fate = Fate::taken;
  std::string what = "as described";

  void broken(const std::string& how, Fate now = Fate::refused) {
    what = how;
    fate = now;
  }
};

void RequestMaker::learn(const std::string& id) {
  static constexpr std::size_t kMost = 50;
  if (learned_.size() >= kMost) learned_.erase(learned_.begin() + 2);
  learned_.push_back(id);
}

std::string RequestMaker::name_for(const std::string& parameter) {
  if (chance(6)) return "x" + junk(20);
  if (parameter == "group") return "orders";
  if (parameter == "from") return "east";
  if (parameter == "to") return "west";
  if (parameter == "name") return any_of({"east", "west", "orders"});
  return any_of(learned_);
}

std::string RequestMaker::junk(std::size_t longest) {
  std::string text;
  const std::size_t length = below(longest);
  for (std::size_t at = 0; at < length; ++at) text.push_back(static_cast<char>(below(256)));
  return text;
}

Json RequestMaker::operation_request() {
  static const std::vector<Json> kRequests{
      {{"kind", "verify.links"}, {"args", {{"group", "orders"}, {"patience_ms", 1000}}}},
      {{"kind", "group.apply"}, {"args", {{"group", "orders"}, {"kill", true}}}},
      {{"kind", "ddl.run"},
       {"args", {{"group", "orders"}, {"script", "ALTER TABLE app.orders DROP COLUMN old_note"}}}},
      {{"kind", "ddl.run"},
       {"args", {{"group", "orders"}, {"script", "DROP TABLE x; nonsense ('"}, {"schema", "app"}}}},
      {{"kind", "gate.open"}, {"args", {{"cluster", "east"}}}},
      {{"kind", "verify.links"}, {"args", {{"group", 7}}}},
      {{"kind", "no.such.kind"}, {"args", {{"a", {1, nullptr, {{"b", false}}}}}}}};
  Json request = kRequests[below(kRequests.size())];
  if (chance(4)) request = {{"plan", any_of(learned_)}};
  if (!request.contains("plan") && chance(2)) request["dry_run"] = true;
  if (chance(3)) request["queue"] = chance(2);
  if (chance(3)) request["deadline_ms"] = 1 + below(604'800'000);
  if (chance(3)) request["requested_by"] = "fuzz ü";
  if (chance(5)) request["queue"] = nullptr;
  return request;
}

Json RequestMaker::value_for(const Json& schema) {
  if (schema.contains("enum")) return schema["enum"][below(schema["enum"].size())];
  Json type = schema.value("type", Json("string"));
  if (type.is_array()) type = type[below(type.size())];
  if (type == "null") return nullptr;
  if (type == "boolean") return chance(2);
  if (type == "integer") {
    const auto least = schema.value("minimum", std::int64_t{0});
    const auto most = schema.value("maximum", std::int64_t{1'000'000});
    if (chance(4)) return chance(2) ? least : most;
    return least + static_cast<std::int64_t>(below(static_cast<std::size_t>(most - least)));
  }
  return any_of({"0.0", "orders", "3.1", "because", "östlich"});
}

void RequestMaker::fill_path(Draft& draft) {
  std::string path = draft.operation->path;
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    const std::size_t close = path.find('}');
    const std::string name = path.substr(open + 1, close - open - 1);
    std::string value = name_for(name);
    try {
      (void)Json(value).dump();
    } catch (const Json::exception&) {
      draft.broken("bytes that are no UTF-8 in the path", Fate::refused);
    }
    path.replace(open, close - open + 1, encoded(value));
    if (value.find_first_of(std::string("\0", 1) + "\x7f") != std::string::npos)
      draft.broken("a control character in the path");
    for (const char c : value)
      if (static_cast<unsigned char>(c) < 0x20U) draft.broken("a control character in the path");
  }
  draft.path = "/api/v1" + path;
  if (chance(10)) draft.path += "/";
}

void RequestMaker::fill_query(Draft& draft) {
  for (const Json& parameter : draft.operation->parameters) {
    if (parameter.at("in") != "query" || chance(2)) continue;
    const std::string name = parameter.at("name");
    const Json& schema = parameter.at("schema");
    const std::string value = name == "operation" ? any_of(learned_) : value_for(schema).dump();
    draft.query += (draft.query.empty() ? "?" : "&") + name + "=" + encoded(value);
  }
}

void RequestMaker::fill_body(Draft& draft) {
  const DescribedOperation& operation = *draft.operation;
  if (operation.body.is_null() || (!operation.body_required && chance(2))) return;
  Json body = Json::object();
  if (operation.path == "/operations") {
    body = operation_request();
  } else if (operation.path == "/doctor") {
    if (chance(2)) body["group"] = "orders";
  } else if (operation.body_required) {
    body = {{"step", any_of({"0.0", "1.1", "99.0"})}};
    if (operation.path.ends_with("skip")) body["reason"] = "because";
  }
  draft.body = body.dump();
  draft.chunked = chance(6);
}

void RequestMaker::break_query(Draft& draft) {
  const std::string joint = draft.query.empty() ? "?" : "&";
  switch (below(5)) {
    case 0:
      draft.query += joint + "unheard_of=1";
      return draft.broken("an unknown query key");
    case 1:
      draft.query += joint + "z=1&z=2";
      return draft.broken("a query key twice");
    case 2:
      draft.query += joint + "limit=%zz";
      return draft.broken("a broken percent code");
    case 3:
      draft.query = "?limit=" + any_of({"0", "-1", "10001", "1e3", "99999999999999999999", "0x1"});
      return draft.broken("a limit out of range");
    default:
      draft.query = "?after=" + any_of({"-1", "", "a", "9223372036854775808", "%00"});
      return draft.broken("no number in the query");
  }
}

void RequestMaker::break_body(Draft& draft) {
  if (draft.body.size() < 2) draft.body = "{}";
  const std::string inner = draft.body.substr(1);
  const std::string joint = inner == "}" ? "" : ",";
  switch (below(11)) {
    case 0:
      draft.body = R"({"unheard_of":1)" + joint + inner;
      return draft.broken("an unknown member");
    case 1:
      draft.body = R"({"kind":"x","kind":"y")" + joint + inner;
      return draft.broken("a member twice");
    case 2:
      draft.body = R"({"args":{"a":)" + std::string(40, '[') + std::string(40, ']') + "}}";
      return draft.broken("nested too deep");
    case 3:
      draft.body = std::string(200'000, '[');
      return draft.broken("nested without end");
    case 4:
      draft.body = draft.body.substr(0, below(draft.body.size()));
      if (draft.body.empty()) return draft.broken("no body", Fate::open);
      return draft.broken("a body that ends early");
    case 5:
      draft.body = "{\"kind\":\"\xc3\x28\"}";
      return draft.broken("bytes that are no UTF-8 in the body");
    case 6:
      draft.body = R"({"kind":"a\u0000b"})";
      return draft.broken("a NUL in the body");
    case 7:
      draft.body = any_of({"[]", "7", "null", "\"x\"", "true", "{}{}", "{]"});
      return draft.broken("a body that is no object");
    case 8:
      draft.body = R"({"kind":"ddl.run","deadline_ms":)" +
                   any_of({"1.5", "1e999", "99999999999999999999", "-1", "0", "true", "\"1\""}) +
                   "}";
      return draft.broken("a deadline that is none");
    case 9:
      draft.body = std::string(1'100'000, ' ') + "{}";
      return draft.broken("a body that is too long");
    default:
      draft.type = any_of({"", "Content-Type: text/plain\r\n",
                           "Content-Type: application/x-www-form-urlencoded\r\n",
                           "Content-Type: multipart/form-data; boundary=x\r\n"});
      return draft.broken("a body of another type");
  }
}

void RequestMaker::break_header(Draft& draft) {
  switch (below(11)) {
    case 0:
      draft.host = any_of({"", "Host: a\r\nHost: b\r\n"});
      return draft.broken("no host, or two");
    case 1:
      draft.host = any_of({"Host: evil.example\r\n", "Host: 127.evil.example\r\n", "Host: \r\n"});
      return draft.broken("a foreign host");
    case 2:
      draft.headers += "Origin: " + any_of({"null", "http://evil.example"}) + "\r\n";
      return draft.broken("a foreign origin");
    case 3:
      draft.headers += "X-Long: " + std::string(9000, 'x') + "\r\n";
      return draft.broken("a header that is too long");
    case 4:
      draft.headers += "Accept: text/html\r\n";
      return draft.broken("another media type wanted");
    case 5:
      draft.headers += "Content-Encoding: gzip\r\n";
      return draft.broken("a coded body");
    case 6:
      draft.headers += "Transfer-Encoding: gzip\r\n";
      return draft.broken("a foreign transfer coding", Fate::open);
    case 7:
      draft.headers += "Idempotency-Key: a\r\nIdempotency-Key: b\r\n";
      return draft.broken("two keys");
    case 8:
      draft.headers += "Idempotency-Key: " + any_of({"k1", "k2", "k3"}) + "\r\n";
      return draft.broken("a key that may be used", Fate::open);
    case 9:
      draft.headers += "Expect: 100-continue\r\n";
      return draft.broken("asks first", Fate::open);
    default:
      draft.version = any_of({"HTTP/1.0", "HTTP/2.0", "HTTP/9", "SPDY/1.1"});
      return draft.broken("another protocol", Fate::open);
  }
}

void RequestMaker::break_method_or_path(Draft& draft) {
  switch (below(4)) {
    case 0:
      draft.method = any_of({"DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "GRAB"});
      return draft.broken("an unknown method");
    case 1:
      draft.path = any_of({"/", "/api", "/api/v2/status", "/api/v1/nothing", "/api/v1/status/x",
                           "//api/v1/status", "/api/v1//status", "/api/v1/%2e%2e/status"});
      draft.operation = nullptr;
      return draft.broken("an unknown path");
    case 2:
      draft.path = any_of({"/api/v1/clusters/%", "/api/v1/clusters/%4", "/api/v1/clusters/%00",
                           "/api/v1/clusters/%ff", "*", "http://127.0.0.1/api/v1/status"});
      draft.operation = nullptr;
      return draft.broken("a path that cannot be read");
    default:
      draft.method = "HEAD";
      return draft.broken("HEAD", Fate::open);
  }
}

void RequestMaker::break_bytes(MadeRequest& made) {
  // Still a good one perhaps, and then it rightly never ends.
  if (made.operation != nullptr && made.operation->path == "/events/stream") return;
  made.operation = nullptr;
  made.fate = Fate::open;
  made.whole = false;
  if (chance(2)) {
    made.bytes.resize(below(made.bytes.size()));
    made.what = "cut off";
    return;
  }
  for (std::size_t n = 1 + below(4); n > 0; --n)
    made.bytes[below(made.bytes.size())] = static_cast<char>(below(256));
  made.what = "bytes turned";
}

MadeRequest RequestMaker::render(const Draft& draft) {
  MadeRequest made;
  made.operation = draft.operation;
  made.method = draft.method;
  made.what = draft.what;
  made.fate = draft.fate;
  made.bytes = draft.method + " " + draft.path + draft.query + " " + draft.version + "\r\n" +
               draft.host + "Connection: close\r\n" + draft.headers;
  if (!draft.body.empty()) made.bytes += draft.type;
  if (draft.chunked && !draft.body.empty()) {
    made.bytes += "Transfer-Encoding: chunked\r\n\r\n";
    const std::size_t middle = 1 + below(draft.body.size());
    for (const std::string& part : {draft.body.substr(0, middle), draft.body.substr(middle)}) {
      if (part.empty()) continue;
      char size[20];
      std::snprintf(size, sizeof size, "%zx", part.size());
      made.bytes += std::string(size) + "\r\n" + part + "\r\n";
    }
    made.bytes += "0\r\n\r\n";
    return made;
  }
  if (!draft.body.empty())
    made.bytes += "Content-Length: " + std::to_string(draft.body.size()) + "\r\n";
  made.bytes += "\r\n" + draft.body;
  return made;
}

MadeRequest RequestMaker::make() {
  Draft draft;
  draft.operation = &description_.operations()[below(description_.operations().size())];
  draft.method = draft.operation->method;
  fill_path(draft);
  fill_query(draft);
  fill_body(draft);
  switch (below(10)) {
    case 0:
      break_query(draft);
      break;
    case 1:
    case 2:
      break_body(draft);
      break;
    case 3:
      break_header(draft);
      break;
    case 4:
      break_method_or_path(draft);
      break;
    default:
      break;
  }
  MadeRequest made = render(draft);
  if (chance(12)) break_bytes(made);
  return made;
}

}  // namespace bdrmesh::testing_api
