#include "app/cli/completion/candidates.h"

#include <algorithm>
#include <sstream>

namespace bdrmesh {
namespace {

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

bool has_name(const Parameter& parameter, const std::string& name) {
  const std::vector<std::string> names = split(parameter.name, ',');
  return !parameter.by_place() && std::ranges::find(names, name) != names.end();
}

/// What was typed before the cursor.
struct Typed {
  std::string words;  ///< of the command, as far as they go
  const Command* command = nullptr;
  std::size_t places = 0;
  std::vector<std::string> options;
  const Parameter* awaits_value = nullptr;  ///< the option before the cursor
};

class Reader {
 public:
  explicit Reader(const std::vector<CommandGroup>& groups) : groups_(groups) {}

  Typed read(const std::vector<std::string>& before) {
    for (const std::string& word : before) take(word);
    return std::move(typed_);
  }
  const Parameter* option_called(const Typed& typed, const std::string& name) const {
    const auto is = [&](const Parameter& parameter) { return has_name(parameter, name); };
    if (typed.command != nullptr) {
      const auto found = std::ranges::find_if(typed.command->parameters, is);
      if (found != typed.command->parameters.end()) return &*found;
    }
    const auto found = std::ranges::find_if(global_parameters(), is);
    return found == global_parameters().end() ? nullptr : &*found;
  }

 private:
  void take(const std::string& word) {
    if (typed_.awaits_value != nullptr) {
      typed_.awaits_value = nullptr;
    } else if (word.size() > 1 && word.starts_with('-')) {
      const std::string name = word.substr(0, word.find('='));
      typed_.options.push_back(name);
      const Parameter* option = option_called(typed_, name);
      const bool takes_value = option != nullptr && option->takes != Parameter::Takes::flag;
      if (takes_value && name == word) typed_.awaits_value = option;
    } else if (typed_.command != nullptr) {
      ++typed_.places;
    } else {
      typed_.words += (typed_.words.empty() ? "" : " ") + word;
      for (const CommandGroup& group : groups_) {
        for (const Command& command : group.commands) {
          if (command.words == typed_.words) typed_.command = &command;
        }
      }
    }
  }

  const std::vector<CommandGroup>& groups_;
  Typed typed_;
};

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (std::ranges::find(words, word) == words.end()) words.push_back(word);
}

std::vector<std::string> next_words(const std::vector<CommandGroup>& groups,
                                    const std::string& words) {
  std::vector<std::string> next;
  const std::string before = words.empty() ? "" : words + " ";
  for (const CommandGroup& group : groups) {
    for (const Command& command : group.commands) {
      if (!command.hidden && command.words.starts_with(before))
        add_once(next, split(command.words.substr(before.size()), ' ').front());
    }
  }
  return next;
}

Completion values_of(const Parameter& parameter, NameSource& source) {
  if (!parameter.choice.empty()) return {parameter.choice, false};
  if (parameter.names == Names::file) return {{}, true};
  if (parameter.names == Names::nothing) return {};
  return {source.names(parameter.names), false};
}

Completion options_of(const Typed& typed) {
  Completion found;
  const auto add = [&](const std::vector<Parameter>& parameters) {
    for (const Parameter& parameter : parameters) {
      const bool given = std::ranges::any_of(
          typed.options, [&](const std::string& name) { return has_name(parameter, name); });
      if (parameter.by_place() || (given && parameter.takes != Parameter::Takes::texts)) continue;
      for (const std::string& name : split(parameter.name, ',')) {
        if (name.starts_with("--")) add_once(found.words, name);
      }
    }
  };
  if (typed.command != nullptr) add(typed.command->parameters);
  add(global_parameters());
  return found;
}

Completion by_place(const Typed& typed, NameSource& source) {
  std::size_t place = 0;
  for (const Parameter& parameter : typed.command->parameters) {
    if (parameter.by_place() && place++ == typed.places) return values_of(parameter, source);
  }
  return options_of(typed);
}

}  // namespace

Completion complete(const std::vector<CommandGroup>& groups, const std::vector<std::string>& typed,
                    NameSource& source) {
  const std::string begun = typed.empty() ? "" : typed.back();
  Reader reader(groups);
  const Typed before = reader.read({typed.begin(), typed.empty() ? typed.end() : typed.end() - 1});
  Completion found;
  std::string prefix;
  const std::size_t equals = begun.find('=');
  if (before.awaits_value != nullptr) {
    found = values_of(*before.awaits_value, source);
  } else if (begun.starts_with("--") && equals != std::string::npos) {
    prefix = begun.substr(0, equals + 1);
    if (const Parameter* option = reader.option_called(before, begun.substr(0, equals)))
      found = values_of(*option, source);
  } else if (begun.starts_with('-')) {
    found = options_of(before);
  } else if (before.command == nullptr) {
    found.words = next_words(groups, before.words);
  } else {
    found = by_place(before, source);
  }
  for (std::string& word : found.words) word.insert(0, prefix);
  std::erase_if(found.words, [&](const std::string& word) { return !word.starts_with(begun); });
  return found;
}

}  // namespace bdrmesh
