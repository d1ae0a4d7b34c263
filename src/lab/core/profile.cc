#include "lab/core/profile.h"

#include "base/error.h"

namespace bdrmesh::lab {

const std::vector<Profile>& all_profiles() {
  static const std::vector<Profile> profiles{
      {"classic-6.5", {6, 5, 9}, {6, 5, 9}, TicdcFamily::classic},
      {"classic-7.5", {7, 5, 6}, {7, 5, 6}, TicdcFamily::classic},
      {"classic-8.5", {8, 5, 3}, {8, 5, 3}, TicdcFamily::classic},
      {"new-8.5", {8, 5, 6}, {8, 5, 6}, TicdcFamily::new_arch},
  };
  return profiles;
}

const Profile& find_profile(std::string_view name) {
  std::string known;
  for (const Profile& profile : all_profiles()) {
    if (profile.name == name) return profile;
    known += (known.empty() ? "" : ", ") + profile.name;
  }
  throw Error(ErrorKind::invalid, "UNKNOWN_PROFILE", "no profile '" + std::string(name) + "'",
              "one of " + known);
}

}  // namespace bdrmesh::lab
