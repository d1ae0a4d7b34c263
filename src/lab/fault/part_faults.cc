// Faults of parts: killed, suspended, started again; a region is all parts of a cluster.
#include "lab/fault/fault.h"
#include "lab/site/lab.h"
#include "lab/site/lab_node.h"

namespace bdrmesh::lab::fault {
namespace {

using site::Lab;
using site::Part;

Part part_in(const Arguments& words) {
  static const std::map<std::string, Part::Kind> kinds{{"tidb-server", Part::Kind::tidb_server},
                                                       {"ticdc", Part::Kind::ticdc},
                                                       {"mariadb", Part::Kind::mariadb},
                                                       {"pd", Part::Kind::pd},
                                                       {"region", Part::Kind::region}};
  Part part;
  part.kind = kinds.at(words.text("PART"));
  if (words.has("NUMBER")) part.index = static_cast<std::size_t>(words.number_or("NUMBER", 1) - 1);
  return part;
}

/// What is whole again when the part is: of a region and of all TiCDC nodes, each part too.
std::string all_of(const Arguments& words) {
  const std::string cluster = "part " + words.text("CLUSTER") + " ";
  if (words.text("PART") == "region") return cluster;
  return words.has("NUMBER") ? "" : cluster + words.text("PART");
}

/// `east tidb-server 1`
std::string spelled(const Arguments& words) {
  return words.text("CLUSTER") + " " + words.text("PART") +
         (words.has("NUMBER") ? " " + words.text("NUMBER") : "");
}

Done kill(Lab& lab, const Arguments& words) {
  lab.kill(words.text("CLUSTER"), part_in(words));
  const std::string part = spelled(words);
  return {"part " + part, part + " was killed", "restart " + part};
}

Done suspend(Lab& lab, const Arguments& words) {
  lab.suspend(words.text("CLUSTER"), part_in(words));
  const std::string part = spelled(words);
  return {"part " + part, part + " is suspended: it answers nobody", "resume " + part};
}

Done resume(Lab& lab, const Arguments& words) {
  lab.resume(words.text("CLUSTER"), part_in(words));
  const std::string part = spelled(words);
  return {"part " + part, part + " goes on", "", true, all_of(words)};
}

Done restart(Lab& lab, const Arguments& words) {
  lab.restart(words.text("CLUSTER"), part_in(words));
  const std::string part = spelled(words);
  return {"part " + part, part + " was started anew on its old address", "", true};
}

Done move_owner(Lab& lab, const Arguments& words) {
  lab.node(words.text("CLUSTER")).ticdc.resign();
  return {"", "TiCDC of " + words.text("CLUSTER") + " elects its owner anew", "", true};
}

}  // namespace

const Family& part_faults() {
  static const Family family{
      {"kill", "CLUSTER PART", "the part dies at once, as by kill -9", kill},
      {"restart", "CLUSTER PART", "starts it again on its address and data", restart},
      {"suspend", "CLUSTER PART", "it hangs: keeps connections, answers nobody", suspend},
      {"resume", "CLUSTER PART", "it goes on with what it was doing", resume},
      {"move-owner", "CLUSTER", "TiCDC elects its owner anew", move_owner},
  };
  return family;
}

}  // namespace bdrmesh::lab::fault
