#include "app/config/config_tree.h"

#include <algorithm>
#include <array>

#include <toml++/toml.h>

namespace bdrmesh {
namespace {

using Type = ConfigNode::Type;

int line_of(const toml::source_region& source) { return static_cast<int>(source.begin.line); }

ConfigNode from_toml(const toml::node& node, std::string key) {
  ConfigNode out;
  out.key = std::move(key);
  out.line = line_of(node.source());
  if (const toml::table* table = node.as_table()) {
    out.type = Type::table;
    for (const auto& [name, value] : *table) {
      out.children.push_back(from_toml(value, std::string(name.str())));
      out.children.back().line = line_of(name.source());
    }
  } else if (const toml::array* array = node.as_array()) {
    out.type = Type::array;
    for (const toml::node& item : *array) out.children.push_back(from_toml(item, {}));
  } else if (const auto* text = node.as_string()) {
    out.type = Type::text;
    out.text = text->get();
  } else if (const auto* integer = node.as_integer()) {
    out.type = Type::integer;
    out.integer = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    out.type = Type::number;
    out.number = number->get();
  } else if (const auto* boolean = node.as_boolean()) {
    out.type = Type::boolean;
    out.boolean = boolean->get();
  } else {
    out.type = Type::date;
  }
  return out;
}

std::string_view nth_line(std::string_view text, int number) {
  for (int at = 1; at < number; ++at) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

const ConfigNode* ConfigNode::find(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &ConfigNode::key);
  return found == children.end() ? nullptr : &*found;
}

std::string_view in_words(Type type) {
  static constexpr std::array<std::string_view, 7> kWords{
      "a table", "a list", "a text", "an integer", "a number", "true or false", "a date"};
  return kWords.at(static_cast<std::size_t>(type));
}

ConfigNode parse_toml(std::string_view text, std::vector<ConfigProblem>& problems) {
  try {
    return from_toml(toml::parse(text), {});
  } catch (const toml::parse_error& error) {
    const int line = line_of(error.source());
    // The parser quotes what it could not read; a password without quotes would be among it.
    const bool secret = nth_line(text, line).find("password") != std::string_view::npos;
    const std::string why =
        secret ? "the value of a password (not shown here)" : std::string(error.description());
    problems.push_back(
        {line, "no valid TOML: " + why, "texts stand in \"quotes\", see https://toml.io"});
    return {};
  }
}

}  // namespace bdrmesh
