#include "app/cli/command_groups.h"

namespace bdrmesh {

std::vector<CommandGroup> command_groups() {
  return {{"", "What is and what happened", view_commands()},
          {"group", "Groups of clusters", group_commands()},
          {"cluster", "The clusters", cluster_commands()},
          {"dr", "Primary and secondary", dr_commands()},
          {"link", "Links between clusters", link_commands()},
          {"ddl", "Schema changes", ddl_commands()},
          {"verify", "Proofs that clusters agree", verify_commands()},
          {"repair", "Rows that differ", repair_commands()},
          {"certificate", "What was proven", certificate_commands()},
          {"gate", "Write gates", gate_commands()},
          {"maintenance", "Work on a cluster", maintenance_commands()},
          {"op", "Operations", op_commands()},
          {"", "What would go wrong", doctor_commands()},
          {"support", "For those who help", support_commands()},
          {"config", "The configuration file", config_commands()},
          {"state", "The manager's state file", state_commands()}};
}

}  // namespace bdrmesh
