#include "api/openapi.h"

#include <algorithm>
#include <charconv>
#include <regex>
#include <stdexcept>

#include <yaml-cpp/yaml.h>

namespace bdrmesh::testing_api {
namespace {

/// A plain scalar is what it looks like; a quoted one is a text.
Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return text;
  if (text == "true") return true;
  if (text == "false") return false;
  if (text == "null" || text == "~") return nullptr;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  return text;
}

Json to_json(const YAML::Node& node) {
  if (node.IsSequence()) {
    Json list = Json::array();
    for (const YAML::Node& one : node) list.push_back(to_json(one));
    return list;
  }
  if (node.IsMap()) {
    Json object = Json::object();
    for (const auto& one : node) object[one.first.Scalar()] = to_json(one.second);
    return object;
  }
  return node.IsNull() ? Json() : scalar(node);
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "null") return value.is_null();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  throw std::runtime_error("the description names a type '" + type + "'");
}

bool type_fits(const Json& value, const Json& type) {
  if (type.is_string()) return is_of_type(value, type.get<std::string>());
  return std::ranges::any_of(
      type, [&](const Json& one) { return is_of_type(value, one.get<std::string>()); });
}

using Faults = std::vector<std::string>;

void append(Faults& all, const Faults& more) { all.insert(all.end(), more.begin(), more.end()); }

void check_plain(const Json& value, const Json& schema, const std::string& where, Faults& faults) {
  const std::string shown = value.dump().substr(0, 100);
  if (schema.contains("type") && !type_fits(value, schema["type"]))
    faults.push_back(where + " is no " + schema["type"].dump() + ": " + shown);
  if (schema.contains("const") && value != schema["const"])
    faults.push_back(where + " is not " + schema["const"].dump() + ": " + shown);
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end())
    faults.push_back(where + " is none of " + schema["enum"].dump() + ": " + shown);
  if (schema.contains("pattern") && value.is_string() &&
      !std::regex_search(value.get<std::string>(),
                         std::regex(schema["pattern"].get<std::string>())))
    faults.push_back(where + " does not match " + schema["pattern"].dump() + ": " + shown);
  if (!value.is_number()) return;
  if (schema.contains("minimum") && value < schema["minimum"])
    faults.push_back(where + " is too small: " + shown);
  if (schema.contains("maximum") && value > schema["maximum"])
    faults.push_back(where + " is too large: " + shown);
}

}  // namespace

std::vector<std::string> DescribedOperation::query() const {
  std::vector<std::string> keys;
  for (const Json& one : parameters)
    if (one.at("in") == "query") keys.push_back(one.at("name"));
  return keys;
}

OpenApi::OpenApi(const std::string& path) : document_(to_json(YAML::LoadFile(path))) {
  for (const auto& [name, item] : document_.at("paths").items()) add(name, item);
}

const Json& OpenApi::resolved(const Json& node) const {
  if (!node.is_object() || !node.contains("$ref")) return node;
  const std::string reference = node.at("$ref");
  return resolved(document_.at(Json::json_pointer(reference.substr(1))));
}

void OpenApi::add(const std::string& path, const Json& item) {
  for (const auto& [method, operation] : item.items()) {
    if (method == "parameters") continue;
    DescribedOperation one;
    one.method = upper(method);
    one.path = path;
    for (const Json* list : {&item, &operation}) {
      if (!list->contains("parameters")) continue;
      for (const Json& parameter : list->at("parameters"))
        one.parameters.push_back(resolved(parameter));
    }
    one.asks_clusters = operation.value("x-asks-clusters", false);
    if (operation.contains("requestBody")) {
      one.body = operation["requestBody"]["content"]["application/json"]["schema"];
      one.body_required = operation["requestBody"]["required"];
    }
    for (const auto& [status, reference] : operation.at("responses").items()) {
      const Json& response = resolved(reference);
      if (status == "default") {
        for (const Json& code : response.at("x-statuses")) one.edge.insert(code.get<int>());
        continue;
      }
      for (const auto& [media, content] : response.at("content").items())
        one.responses[std::stoi(status)][media] = content.value("schema", Json::object());
    }
    operations_.push_back(std::move(one));
  }
}

const DescribedOperation* OpenApi::find(const std::string& method, const std::string& path) const {
  const auto found = std::ranges::find_if(operations_, [&](const DescribedOperation& one) {
    return one.method == method && one.path == path;
  });
  return found == operations_.end() ? nullptr : &*found;
}

std::vector<std::string> OpenApi::check(const Json& value, const Json& reference,
                                        const std::string& where) const {
  const Json& schema = resolved(reference);
  Faults faults;
  check_plain(value, schema, where, faults);
  if (schema.contains("allOf"))
    for (const Json& one : schema["allOf"]) append(faults, check(value, one, where));
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t at = 0; at < value.size(); ++at)
      append(faults, check(value[at], schema["items"], where + "[" + std::to_string(at) + "]"));
  }
  const bool describes_members = schema.contains("properties") || schema.contains("required") ||
                                 schema.contains("additionalProperties");
  if (!value.is_object() || !describes_members) return faults;
  for (const Json& name : schema.value("required", Json::array()))
    if (!value.contains(name)) faults.push_back(where + " has no " + name.dump());
  const Json properties = schema.value("properties", Json::object());
  const Json others = schema.value("additionalProperties", Json(false));
  for (const auto& [name, member] : value.items()) {
    const std::string there = where + "." + name;
    if (properties.contains(name)) {
      append(faults, check(member, properties[name], there));
    } else if (others.is_object()) {
      append(faults, check(member, others, there));
    } else if (others == false) {
      faults.push_back(there + " is not described");
    }
  }
  return faults;
}

std::vector<std::string> OpenApi::judge(const DescribedOperation& operation, int status,
                                        const std::string& media, const std::string& body) const {
  const std::string who = operation.method + " " + operation.path + " " + std::to_string(status);
  const auto described = operation.responses.find(status);
  const bool own = described != operation.responses.end() && described->second.contains(media);
  if (!own && operation.edge.contains(status)) return judge_problem(status, media, body);
  if (described == operation.responses.end()) return {who + " is not described: " + body};
  if (!own) return {who + " is not described as " + media};
  if (media == "text/event-stream") return {};
  const Json value = Json::parse(body, nullptr, false);
  if (value.is_discarded()) return {who + " answers no JSON: " + body};
  Faults faults = check(value, described->second.at(media), who);
  if (media == "application/problem+json") append(faults, judge_problem(status, media, body));
  return faults;
}

std::vector<std::string> OpenApi::judge_problem(int status, const std::string& media,
                                                const std::string& body) const {
  const std::string who = "problem " + std::to_string(status);
  if (media != "application/problem+json") return {who + " comes as '" + media + "': " + body};
  const Json value = Json::parse(body, nullptr, false);
  if (value.is_discarded()) return {who + " is no JSON: " + body};
  Faults faults = check(value, {{"$ref", "#/components/schemas/Problem"}}, who);
  if (faults.empty() && value.at("status") != status)
    faults.push_back(who + " says it is " + value.at("status").dump());
  return faults;
}

}  // namespace bdrmesh::testing_api
