#include "app/cli/name_prompt.h"

#include "base/error.h"

namespace bdrmesh {

std::vector<std::string> typed_names(const Json& evidence, Terminal& terminal, std::istream& in) {
  const auto names = get_or(evidence, "names", std::vector<std::string>{});
  std::vector<std::string> typed;
  for (const std::string& name : names) {
    terminal.say("type " + name + " to go on:");
    std::string line;
    std::getline(in, line);
    if (line != name) {
      throw Error(ErrorKind::precondition, "NAME_NOT_TYPED",
                  "'" + line + "' is not " + name + ": nothing was changed",
                  "run it again, or give the name with --confirm");
    }
    typed.push_back(line);
  }
  return typed;
}

}  // namespace bdrmesh
