#include "lab/config/api_rules.h"

namespace bdrmesh::lab {

namespace {

ConfigTree tree_of(const Profile& profile) {
  if (!profile.is_classic()) return ConfigTree::new_arch;
  if (profile.ticdc < Version{7, 1, 0}) return ConfigTree::classic_6_5;
  if (profile.ticdc < Version{8, 0, 0}) return ConfigTree::classic_7_5;
  return ConfigTree::classic_8_5;
}

}  // namespace

ApiRules rules_of(const Profile& profile) {
  ApiRules rules;
  rules.new_arch = !profile.is_classic();
  rules.config_tree = tree_of(profile);
  if (rules.new_arch) {
    rules.space_key = "keyspace";
    rules.has_build_info = true;
    rules.refuses_same_cluster = true;
    return rules;
  }
  rules.has_config_page = profile.ticdc >= Version{8, 0, 0};
  rules.has_authentication = profile.ticdc >= Version{8, 0, 0};
  rules.refuses_same_cluster = profile.ticdc >= Version{9, 0, 0};
  rules.resume_asks_downstream = profile.ticdc >= Version{8, 5, 0};
  return rules;
}

}  // namespace bdrmesh::lab
