// All commands in one table. To add some of your own:
// 1. write src/app/cli/<group>_commands.cc that defines `Commands <group>_commands()`: plain data
// and
//    lambdas over Invocation (see gate_commands.cc); wrap with `starting(...)` what starts an
//    operation;
// 2. declare the function below, and give it one line in command_groups.cc;
// 3. name the file in CMakeLists.txt; say in docs/cli.md what the command does.
#pragma once

#include <functional>
#include <vector>

#include "app/cli/command/parser.h"

namespace bdrmesh {

Commands certificate_commands();
Commands cluster_commands();
/// `cluster join` and `dr bootstrap`: both fill empty clusters from a backup.
Command join_command();
Command bootstrap_command();
/// `groups`: all commands of the program, these among them.
Commands completion_commands(std::function<std::vector<CommandGroup>()> groups);
Commands config_commands();
Commands ddl_commands();
Commands doctor_commands();
Commands dr_commands();
Commands gate_commands();
Commands group_commands();
Commands link_commands();
Commands maintenance_commands();
Commands op_commands();
Commands repair_commands();
Commands state_commands();
Commands support_commands();
Commands verify_commands();
Commands view_commands();

/// Every group in the order of --help, but for those of the program itself (app/cli.cc).
std::vector<CommandGroup> command_groups();

}  // namespace bdrmesh
