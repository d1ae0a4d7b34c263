#include "app/cli/command/parser.h"

#include <algorithm>

#include "app/cli/command/help.h"
#include "app/config/config_fields.h"

namespace bdrmesh {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

bool is_option(const std::string& word) { return word.size() > 1 && word.starts_with('-'); }

std::string joined(const std::vector<std::string>& words, const std::string& between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

/// `did you mean 'x'?`, or what there is.
std::string meant(const std::string& word, const std::vector<std::string>& known,
                  const std::string& otherwise) {
  const std::string best = nearest(word, known);
  return best.empty() ? otherwise : "did you mean '" + best + "'?";
}

/// One walk over the arguments.
class Walk {
 public:
  Walk(const std::vector<CommandGroup>& groups, const std::vector<std::string>& arguments)
      : groups_(groups), left_(arguments.begin(), arguments.end()) {}

  Parsed parsed;
  bool help = false;
  bool version = false;
  std::vector<std::string> words;  ///< of the command, as far as they go

  void run();
  void check() const;

 private:
  void take_word(const std::string& word);
  void take_value(const std::string& word);
  void take_option(const std::string& word);
  void find_command();
  const Parameter* find(const std::string& name) const;
  std::string next_value(const std::string& name);
  bool another_value() const { return at_ < left_.size() && !is_option(left_[at_]); }
  std::vector<std::string> next_words() const;
  std::vector<std::string> known_options() const;
  std::string usage_of_command() const;

  const std::vector<CommandGroup>& groups_;
  std::vector<std::string> left_;
  std::size_t at_ = 0;
  std::size_t places_ = 0;
};

void Walk::run() {
  bool only_values = false;
  while (at_ < left_.size()) {
    const std::string word = left_[at_++];
    if (!only_values && word == "--") {
      only_values = true;
    } else if (!only_values && is_option(word)) {
      take_option(word);
    } else if (parsed.command == nullptr) {
      take_word(word);
    } else {
      take_value(word);
    }
  }
}

void Walk::find_command() {
  for (const CommandGroup& group : groups_) {
    for (const Command& command : group.commands) {
      if (command.words == joined(words, " ")) parsed.command = &command;
    }
  }
}

/// The words that may follow those that were given.
std::vector<std::string> Walk::next_words() const {
  std::vector<std::string> next;
  const std::string before = words.empty() ? "" : joined(words, " ") + " ";
  for (const CommandGroup& group : groups_) {
    for (const Command& command : group.commands) {
      if (command.hidden || !command.words.starts_with(before)) continue;
      const std::string word = split(command.words.substr(before.size()), ' ').front();
      if (std::ranges::find(next, word) == next.end()) next.push_back(word);
    }
  }
  return next;
}

void Walk::take_word(const std::string& word) {
  const std::vector<std::string> before = words;
  const std::vector<std::string> known = next_words();
  words.push_back(word);
  find_command();
  if (parsed.command != nullptr || std::ranges::find(known, word) != known.end()) return;
  throw usage_error("there is no command '" + joined(words, " ") + "'",
                    meant(word, known, "there are: " + joined(known, ", ")));
}

void Walk::take_value(const std::string& word) {
  std::size_t place = 0;
  for (const Parameter& parameter : parsed.command->parameters) {
    if (!parameter.by_place() || place++ != places_) continue;
    if (parameter.takes != Parameter::Takes::texts) ++places_;
    parsed.values[parameter.key()].push_back(word);
    return;
  }
  throw usage_error("'" + word + "' is one argument too many", usage_of_command());
}

const Parameter* Walk::find(const std::string& name) const {
  const auto is_named = [&](const Parameter& parameter) {
    const std::vector<std::string> names = split(parameter.name, ',');
    return !parameter.by_place() && std::ranges::find(names, name) != names.end();
  };
  if (parsed.command != nullptr) {
    const auto found = std::ranges::find_if(parsed.command->parameters, is_named);
    if (found != parsed.command->parameters.end()) return &*found;
  }
  const auto found = std::ranges::find_if(global_parameters(), is_named);
  return found == global_parameters().end() ? nullptr : &*found;
}

std::vector<std::string> Walk::known_options() const {
  std::vector<std::string> names;
  const auto add = [&names](const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
      if (parameter.by_place()) continue;
      for (const std::string& name : split(parameter.name, ',')) names.push_back(name);
    }
  };
  if (parsed.command != nullptr) add(parsed.command->parameters);
  add(global_parameters());
  return names;
}

std::string Walk::usage_of_command() const {
  return parsed.command == nullptr ? "bdrmesh --help" : usage_line(*parsed.command);
}

std::string Walk::next_value(const std::string& name) {
  if (at_ >= left_.size() || (is_option(left_[at_]) && find(left_[at_]) != nullptr))
    throw usage_error(name + " needs a value", usage_of_command());
  return left_[at_++];
}

void Walk::take_option(const std::string& word) {
  const bool is_short = !word.starts_with("--");
  const std::size_t equals = is_short ? std::string::npos : word.find('=');
  std::string name = is_short ? word.substr(0, 2) : word.substr(0, equals);
  const Parameter* parameter = find(name);
  if (parameter == nullptr) {
    const std::string place =
        parsed.command == nullptr ? "" : " of 'bdrmesh " + parsed.command->words + "'";
    throw usage_error(
        "there is no option '" + name + "'" + place,
        meant(name, known_options(),
              words.empty() ? "bdrmesh --help" : "bdrmesh " + joined(words, " ") + " --help"));
  }
  std::vector<std::string>& values = parsed.values[parameter->key()];
  if (parameter->takes == Parameter::Takes::flag) {
    if (equals != std::string::npos || (is_short && word.size() > 2))
      throw usage_error(name + " takes no value", usage_of_command());
    help = help || parameter->key() == "--help";
    version = version || parameter->key() == "--version";
    return;
  }
  const bool many = parameter->takes == Parameter::Takes::texts;
  if (!many && !values.empty())
    throw usage_error(name + " is given twice", "leave out one of them");
  if (equals != std::string::npos) {
    values.push_back(word.substr(equals + 1));
  } else if (is_short && word.size() > 2) {
    values.push_back(word.substr(2));
  } else {
    values.push_back(next_value(name));
    while (many && another_value()) values.push_back(left_[at_++]);
  }
}

void check_value(const Parameter& parameter, const std::string& value) {
  if (parameter.takes == Parameter::Takes::number) {
    const bool digits = !value.empty() && value.size() < 19 &&
                        std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
    if (!digits)
      throw usage_error(parameter.key() + " must be a whole number, 0 or more, not '" + value + "'",
                        "such as " + parameter.key() + " 20");
  }
  if (parameter.takes == Parameter::Takes::span) {
    const std::optional<Millis> span = parse_duration(value);
    if (!span || *span <= Millis{0})
      throw usage_error(parameter.key() + " is no duration: '" + value + "'",
                        "write 500ms, 5s or 10m");
  }
  if (!parameter.choice.empty() &&
      std::ranges::find(parameter.choice, value) == parameter.choice.end())
    throw usage_error(
        parameter.key() + " cannot be '" + value + "'",
        meant(value, parameter.choice, "it is one of: " + joined(parameter.choice, ", ")));
}

void Walk::check() const {
  if (parsed.command == nullptr) {
    throw usage_error(
        words.empty() ? "which command?" : "which command of 'bdrmesh " + joined(words, " ") + "'?",
        "one of: " + joined(next_words(), ", ") + "; see bdrmesh" +
            (words.empty() ? "" : " " + joined(words, " ")) + " --help");
  }
  const auto check_all = [this](const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
      const auto found = parsed.values.find(parameter.key());
      if (found == parsed.values.end()) {
        if (parameter.must) throw usage_error(parameter.key() + " is missing", usage_of_command());
        continue;
      }
      for (const std::string& value : found->second) check_value(parameter, value);
    }
  };
  check_all(parsed.command->parameters);
  check_all(global_parameters());
}

}  // namespace

const std::vector<Parameter>& global_parameters() {
  static const std::vector<Parameter> kGlobal{
      option("--server", "URL of the daemon (or BDRMESH_SERVER); default http://127.0.0.1:8440"),
      option("--config",
             "configuration file (or BDRMESH_CONFIG); its manager.listen says where the daemon is",
             Names::file),
      option("-o,--output", "table or json; default: table on a terminal, json elsewhere")
          .one_of({"table", "json"}),
      option("--color", "colours: auto (on terminals, without NO_COLOR), always or never")
          .one_of({"auto", "always", "never"}),
      flag("-h,--help", "what the command does and takes"),
      flag("--version", "the version of bdrmesh")};
  return kGlobal;
}

std::optional<Parsed> parse_arguments(const std::vector<CommandGroup>& groups,
                                      const std::vector<std::string>& arguments,
                                      const std::string& version, std::ostream& out) {
  Walk walk(groups, arguments);
  walk.run();
  if (walk.version) {
    out << "bdrmesh " << version << "\n";
    return std::nullopt;
  }
  if (walk.help) {
    out << (walk.parsed.command != nullptr ? help_of(*walk.parsed.command)
                                           : overview(groups, joined(walk.words, " ")));
    return std::nullopt;
  }
  walk.check();
  return std::move(walk.parsed);
}

}  // namespace bdrmesh
