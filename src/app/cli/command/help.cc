#include "app/cli/command/help.h"

#include <algorithm>
#include <sstream>

namespace bdrmesh {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumn = 28;

/// `text` in lines that begin in column `indent`; the first one is there already.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::istringstream words(text);
  std::string out;
  std::size_t at = indent;
  for (std::string word; words >> word;) {
    if (at > indent && at + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      at = indent;
    } else if (at > indent) {
      out += " ";
      ++at;
    }
    out += word;
    at += word.size();
  }
  return out;
}

std::string entry(const std::string& name, const std::string& text) {
  std::string line = "  " + name;
  if (line.size() + 2 > kColumn) {
    line += "\n" + std::string(kColumn, ' ');
  } else {
    line.append(kColumn - line.size(), ' ');
  }
  return line + wrapped(text, kColumn) + "\n";
}

std::string placeholder(const Parameter& parameter) {
  switch (parameter.takes) {
    case Parameter::Takes::flag:
      return "";
    case Parameter::Takes::number:
      return " N";
    case Parameter::Takes::span:
      return " DURATION";
    case Parameter::Takes::texts:
      return " TEXT…";
    case Parameter::Takes::text:
      break;
  }
  if (!parameter.choice.empty()) {
    std::string words;
    for (const std::string& word : parameter.choice) words += (words.empty() ? "" : "|") + word;
    if (words.size() <= 24) return " " + words;
  }
  switch (parameter.names) {
    case Names::file:
      return " FILE";
    case Names::cluster:
    case Names::group:
      return " NAME";
    case Names::operation:
    case Names::plan:
      return " ID";
    case Names::nothing:
      break;
  }
  return " TEXT";
}

std::string entries(const std::vector<Parameter>& parameters, bool by_place) {
  std::string out;
  for (const Parameter& parameter : parameters) {
    if (parameter.by_place() != by_place) continue;
    std::string name = parameter.name;
    if (const std::size_t comma = name.find(','); comma != std::string::npos)
      name.insert(comma + 1, " ");
    std::string text = parameter.help;
    if (!parameter.fallback.empty()) text += "; default " + parameter.fallback;
    if (!by_place && parameter.must) text += " (required)";
    out += entry(by_place ? name : name + placeholder(parameter), text);
  }
  return out;
}

}  // namespace

std::string usage_line(const Command& command) {
  std::string line = "bdrmesh " + command.words;
  bool options = false;
  for (const Parameter& parameter : command.parameters) {
    if (parameter.by_place()) {
      line += parameter.must ? " " + parameter.name : " [" + parameter.name + "]";
    } else if (parameter.must) {
      line += " " + parameter.key() + placeholder(parameter);
    } else {
      options = true;
    }
  }
  return options ? line + " [options]" : line;
}

std::string help_of(const Command& command) {
  std::string out = wrapped(command.help, 0) + "\n\nusage:\n  " + usage_line(command) + "\n";
  const std::string places = entries(command.parameters, true);
  if (!places.empty()) out += "\n" + places;
  const std::string options = entries(command.parameters, false);
  if (!options.empty()) out += "\noptions:\n" + options;
  out += "\noptions of every command:\n" + entries(global_parameters(), false);
  return out + "\nexample:\n  " + command.example + "\n";
}

std::string overview(const std::vector<CommandGroup>& groups, const std::string& words) {
  std::string out;
  const std::string before = words.empty() ? "" : words + " ";
  for (const CommandGroup& group : groups) {
    if (words == group.word && !words.empty()) out = group.help + "\n\n" + out;
    for (const Command& command : group.commands) {
      if (!command.hidden && command.words.starts_with(before))
        out += entry(command.words, command.help);
    }
  }
  if (words.empty())
    out =
        "bdrmesh runs TiDB clusters as one multi-active system.\n\nusage:\n  bdrmesh COMMAND "
        "[options]\n\n" +
        out;
  return out + "\noptions of every command:\n" + entries(global_parameters(), false) +
         "\nbdrmesh COMMAND --help says more and gives an example.\n";
}

}  // namespace bdrmesh
