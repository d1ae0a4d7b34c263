#include "lab/cdc/prometheus_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace bdrmesh::lab {

namespace {

std::string escaped(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double value) {
  std::array<char, 40> text{};
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

}  // namespace

void PrometheusText::begin(const std::string& name, const std::string& type,
                           const std::string& help) {
  name_ = name;
  header_ = "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

void PrometheusText::sample(const Labels& labels, double value, const std::string& suffix) {
  text_ += std::exchange(header_, "");
  text_ += name_ + suffix;
  Labels sorted = labels;
  std::sort(sorted.begin(), sorted.end());
  std::string inside;
  for (const auto& [key, content] : sorted) {
    inside += (inside.empty() ? "" : ",") + key + "=\"" + escaped(content) + "\"";
  }
  if (!inside.empty()) text_ += "{" + inside + "}";
  text_ += " " + number(value) + "\n";
}

}  // namespace bdrmesh::lab
