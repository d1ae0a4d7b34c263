#include "lab/redo/tool_log.h"

#include <algorithm>
#include <ostream>

namespace bdrmesh::lab {

namespace {

const char* name_of(ToolLevel level) {
  switch (level) {
    case ToolLevel::debug:
      return "DEBUG";
    case ToolLevel::info:
      return "INFO";
    case ToolLevel::warn:
      return "WARN";
    case ToolLevel::error:
      return "ERROR";
  }
  return "";
}

/// Quoted when it is more than one plain word.
std::string shown(const std::string& text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c != '"' && c != '=' && c != '[' && c != ']' && c != '{' && c != '\\';
  });
  if (plain) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out + '"';
}

/// `2026/11/21 10:57:03.502 +00:00`
std::string stamp(WallTime time) {
  std::string text = to_rfc3339(time);  // 2026-11-21T10:57:03.502Z
  std::replace(text.begin(), text.end(), '-', '/');
  std::replace(text.begin(), text.end(), 'T', ' ');
  text.pop_back();
  return text + " +00:00";
}

}  // namespace

ToolLevel tool_level(const std::string& name) {
  if (name == "debug") return ToolLevel::debug;
  if (name == "warn") return ToolLevel::warn;
  if (name == "error") return ToolLevel::error;
  return ToolLevel::info;
}

void ToolLog::line(ToolLevel level, const std::string& place, const std::string& text,
                   const Fields& fields, bool always) {
  if (!always && level < least_) return;
  out_ << '[' << stamp(clock_.now()) << "] [" << name_of(level) << "] [" << place << "] ["
       << shown(text) << ']';
  for (const auto& [key, value] : fields) out_ << " [" << key << '=' << shown(value) << ']';
  out_ << '\n';
}

}  // namespace bdrmesh::lab
