#include "app/cli/command/command.h"

namespace bdrmesh {
namespace {

Parameter parameter(std::string name, std::string help, Parameter::Takes takes, Names names) {
  Parameter made;
  made.name = std::move(name);
  made.help = std::move(help);
  made.takes = takes;
  made.names = names;
  return made;
}

}  // namespace

std::string Parameter::key() const {
  const std::size_t comma = name.rfind(',');
  return comma == std::string::npos ? name : name.substr(comma + 1);
}

Parameter Parameter::required() const {
  Parameter copy = *this;
  copy.must = true;
  return copy;
}

Parameter Parameter::or_else(std::string value) const {
  Parameter copy = *this;
  copy.fallback = std::move(value);
  return copy;
}

Parameter Parameter::one_of(std::vector<std::string> words) const {
  Parameter copy = *this;
  copy.choice = std::move(words);
  return copy;
}

Parameter argument(std::string name, std::string help, Names names) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::text, names);
}

Parameter argument_list(std::string name, std::string help) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::texts, Names::nothing);
}

Parameter option(std::string name, std::string help, Names names) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::text, names);
}

Parameter option_list(std::string name, std::string help) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::texts, Names::nothing);
}

Parameter flag(std::string name, std::string help) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::flag, Names::nothing);
}

Parameter number(std::string name, std::string help) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::number, Names::nothing);
}

Parameter span(std::string name, std::string help) {
  return parameter(std::move(name), std::move(help), Parameter::Takes::span, Names::nothing);
}

Command following(Command command) {
  command.parameters.push_back(flag("--wait", "follow it to its end; the default"));
  command.parameters.push_back(
      flag("--detach,--no-wait", "print the operation's id and do not wait for it"));
  command.parameters.push_back(
      span("--timeout", "stop watching after this, such as 10m; the operation goes on"));
  return command;
}

Command running(Command command) {
  command = following(std::move(command));
  command.parameters.push_back(
      flag("--queue", "wait for other operations on the same clusters instead of being refused"));
  command.parameters.push_back(
      span("--deadline",
           "undo it when it has not crossed its point of no return after this, such as 30m"));
  command.parameters.push_back(
      option("--idempotency-key", "the same key finds the same operation again"));
  return command;
}

Command starting(Command command) {
  command.parameters.push_back(flag("--dry-run", "print the plan, change nothing"));
  return running(std::move(command));
}

}  // namespace bdrmesh
