#include "lab/cdc/recorded.h"

#include <fstream>
#include <regex>

namespace bdrmesh::lab {

std::string recorded_text(const std::string& file) {
  std::ifstream in(std::string(BDR_TEST_DATA) + "/ticdc/" + file);
  EXPECT_TRUE(in) << "no recorded answer " << file;
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string shape_of(const OrderedJson& json) {
  if (json.is_object()) {
    std::string out = "{";
    for (const auto& item : json.items()) out += item.key() + ":" + shape_of(item.value()) + " ";
    return out + "}";
  }
  if (json.is_array()) {
    std::string plainest;  // of a list with a troubled feed the others count
    for (const auto& item : json) {
      const std::string shape = shape_of(item);
      if (plainest.empty() || shape.size() < plainest.size()) plainest = shape;
    }
    return "[" + plainest + "]";
  }
  return json.is_number() ? "number" : json.type_name();
}

std::string without_volatile(const std::string& text) {
  static const std::pair<std::regex, const char*> rules[] = {
      {std::regex("127\\.0\\.0\\.1:[0-9]+->"), ""},
      {std::regex("127\\.0\\.0\\.1:[0-9]+"), "ADDRESS"},
      {std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+ \\+0000 UTC"), "TIME"},
      {std::regex("'[a-z0-9_]+'@'[^']*'"), "ACCOUNT"},
      {std::regex("not exists, (default/)?[A-Za-z0-9-]+"), "not exists, $1ID"},
      {std::regex("already exists, [A-Za-z0-9-]+"), "already exists, ID"},
      {std::regex("Create changefeed default/[A-Za-z0-9-]+"), "Create changefeed default/ID"},
      {std::regex("replicate\\(\\[[a-z.]+\\]\\)"), "replicate([TABLE])"},
      {std::regex("[0-9]{12,}"), "TSO"}};
  std::string out = text;
  for (const auto& [what, by] : rules) out = std::regex_replace(out, what, by);
  return out;
}

::testing::AssertionResult is_like(const std::string& body, const std::string& file) {
  const std::string text = recorded_text(file);
  const OrderedJson wanted = OrderedJson::parse(text);
  const OrderedJson got = OrderedJson::parse(body, nullptr, false);
  if (got.is_discarded()) return ::testing::AssertionFailure() << file << ": no JSON: " << body;
  if (wanted.is_object() && wanted.contains("error_msg")) {
    if (without_volatile(body) == without_volatile(text)) return ::testing::AssertionSuccess();
    return ::testing::AssertionFailure() << file << "\n  wanted " << text << "\n  got " << body;
  }
  if (shape_of(got) == shape_of(wanted)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << file << "\n  wanted " << shape_of(wanted) << "\n  got "
                                       << shape_of(got) << "\n  " << body;
}

}  // namespace bdrmesh::lab
