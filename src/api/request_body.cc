#include "api/request_body.h"

#include <limits>
#include <set>
#include <vector>

namespace bdrmesh {
namespace {

Error bad_json(const std::string& what) {
  return {ErrorKind::invalid, "BAD_JSON", "the body of the request " + what,
          "docs/openapi.yaml describes the bodies"};
}

/// Looks at a text before it becomes a value.
class StrictReader final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      throw bad_json("has a number that does not fit 64 bits");
    return true;
  }
  bool number_float(number_float_t, const string_t& text) override {
    throw bad_json("has a number that is not whole or does not fit 64 bits: " + text.substr(0, 40));
  }
  bool string(string_t& text) override {
    refuse_nul(text);
    return true;
  }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool key(string_t& name) override {
    refuse_nul(name);
    if (names_.back().insert(name).second) return true;
    throw Error(ErrorKind::invalid, "DUPLICATE_MEMBER",
                "the body has the member '" + name + "' twice", "give it once");
  }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    throw bad_json("is no JSON; it goes wrong at byte " + std::to_string(position));
  }

 private:
  static constexpr std::size_t kDeepest = 32;

  static void refuse_nul(const std::string& text) {
    if (text.find('\0') != std::string::npos) throw bad_json("has a text with a NUL in it");
  }
  bool enter() {
    names_.emplace_back();
    if (names_.size() <= kDeepest) return true;
    throw Error(ErrorKind::invalid, "JSON_TOO_DEEP",
                "the body is nested deeper than " + std::to_string(kDeepest),
                "docs/openapi.yaml describes the bodies");
  }
  bool leave() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;
};

Error bad_member(const char* name, const std::string& what) {
  return {ErrorKind::invalid, "BAD_MEMBER", std::string("member '") + name + "' " + what,
          "docs/openapi.yaml describes the bodies"};
}

}  // namespace

Json parse_request_body(std::string_view text) {
  StrictReader reader;
  Json::sax_parse(text, &reader);
  Json body = parse_json(text, "the body of the request");
  if (!body.is_object()) throw bad_json("is no JSON object");
  return body;
}

Members::Members(const Json& object, std::initializer_list<std::string_view> known)
    : object_(object) {
  for (const auto& [name, value] : object.items()) {
    bool found = false;
    std::string all;
    for (const std::string_view one : known) {
      found = found || one == name;
      all += (all.empty() ? "" : ", ") + std::string(one);
    }
    if (found) continue;
    throw Error(ErrorKind::invalid, "UNEXPECTED_MEMBER",
                "the body has a member '" + name + "' that nothing would read",
                all.empty() ? "send no body" : "known members: " + all);
  }
}

const Json* Members::find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string Members::text(const char* name, std::size_t longest, bool required) const {
  const Json* value = find(name);
  if (value == nullptr && !required) return {};
  if (value == nullptr) throw bad_member(name, "is missing");
  if (!value->is_string()) throw bad_member(name, "must be a text");
  std::string text = value->get<std::string>();
  if (text.size() > longest)
    throw bad_member(name, "is longer than " + std::to_string(longest) + " bytes");
  if (text.empty() && required) throw bad_member(name, "is empty");
  return text;
}

bool Members::flag(const char* name) const {
  const Json* value = find(name);
  if (value == nullptr) return false;
  if (!value->is_boolean()) throw bad_member(name, "must be true or false");
  return value->get<bool>();
}

std::optional<std::int64_t> Members::number(const char* name, std::int64_t least,
                                            std::int64_t most) const {
  const Json* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number_integer() || value->get<std::int64_t>() < least ||
      value->get<std::int64_t>() > most) {
    throw bad_member(name, "must be a whole number from " + std::to_string(least) + " to " +
                               std::to_string(most));
  }
  return value->get<std::int64_t>();
}

Json Members::object(const char* name) const {
  const Json* value = find(name);
  if (value == nullptr) return Json::object();
  if (!value->is_object()) throw bad_member(name, "must be an object");
  return *value;
}

}  // namespace bdrmesh
