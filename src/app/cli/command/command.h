// A command as data: its words, what it takes, an example, and what it does. The parser, the help,
// the completion and the suggestions all read the same description. Values.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/cli/command/exit_code.h"

namespace bdrmesh {

class Invocation;

/// What a value names: completion offers these, and a mistyped one is compared with them.
enum class Names { nothing, file, cluster, group, operation, plan };

/// Something that a command takes: by its place (`GROUP`) or by its option (`--group`).
struct Parameter {
  enum class Takes { flag, text, texts, number, span };

  std::string name;  ///< `GROUP`, `--group` or `-o,--output`
  std::string help;
  Takes takes = Takes::text;
  Names names = Names::nothing;
  bool must = false;
  std::string fallback;             ///< the value when it is not given
  std::vector<std::string> choice;  ///< the only values; empty: any

  /// `GROUP` or `--output`: by what an Invocation finds the value.
  std::string key() const;
  bool by_place() const { return !name.starts_with('-'); }

  Parameter required() const;
  Parameter or_else(std::string value) const;
  Parameter one_of(std::vector<std::string> words) const;
};

Parameter argument(std::string name, std::string help, Names names = Names::nothing);
/// All values that are left; only as the last one.
Parameter argument_list(std::string name, std::string help);
Parameter option(std::string name, std::string help, Names names = Names::nothing);
Parameter option_list(std::string name, std::string help);
Parameter flag(std::string name, std::string help);
Parameter number(std::string name, std::string help);  ///< a whole one, 0 or more
Parameter span(std::string name, std::string help);    ///< such as 500ms, 5s, 10m; more than 0

struct Command {
  std::string words;  ///< after `bdrmesh`: `group plan`
  std::string help;   ///< one sentence
  std::string example;
  std::vector<Parameter> parameters;
  std::function<ExitCode(const Invocation&)> run;
  bool hidden = false;
};

using Commands = std::vector<Command>;

/// The same command with what every command takes that starts an operation: --dry-run, --no-wait,
/// --timeout, --idempotency-key and so on. `Invocation::start` reads them.
Command starting(Command command);
/// The same without --dry-run: for a plan that was shown already.
Command running(Command command);
/// With --wait, --no-wait and --timeout, for commands that act on an operation which exists.
Command following(Command command);

}  // namespace bdrmesh
