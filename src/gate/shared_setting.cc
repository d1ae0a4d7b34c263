#include "gate/shared_setting.h"

#include <mutex>

namespace bdrmesh {
namespace {

constexpr const char* kSettings = "settings";

Json to_json(const RememberedSetting& remembered) {
  return {{"first", remembered.first}, {"holders", remembered.holders}};
}

void put(TokenRow& row, const std::string& name, const std::optional<RememberedSetting>& now) {
  Json& all = row.remembered[kSettings];
  if (!all.is_object()) all = Json::object();
  if (now) {
    all[name] = to_json(*now);
  } else {
    all.erase(name);
  }
  if (all.empty()) row.remembered.erase(kSettings);
}

std::string strongest(const SharedSetting& setting,
                      const std::map<std::string, std::string>& holders) {
  std::string best = holders.begin()->second;
  for (const auto& [operation, wanted] : holders) {
    if (setting.stronger(wanted, best)) best = wanted;
  }
  return best;
}

void set(TidbCluster& tidb, const SharedSetting& setting, const std::string& value,
         const Call& call) {
  if (setting.read(tidb, call) != value) setting.write(tidb, value, call);
}

}  // namespace

std::optional<RememberedSetting> remembered_setting(const TokenRow& row, const std::string& name) {
  const Json all = get_or<Json>(row.remembered, kSettings, Json::object());
  const auto found = all.find(name);
  if (found == all.end()) return std::nullopt;
  return RememberedSetting{get_required<std::string>(*found, "first"),
                           get_required<std::map<std::string, std::string>>(*found, "holders")};
}

void SharedSettings::hold(const ClusterName& cluster, const SharedSetting& setting,
                          const std::string& operation, const std::string& wanted,
                          const Call& call) {
  const std::scoped_lock lock(tokens_.settings_mutex());
  TidbCluster& tidb = world_.tidb(cluster);
  const std::string now = setting.read(tidb, call);
  std::string value;
  tokens_.edit(
      cluster,
      [&](TokenRow& row) {
        RememberedSetting remembered =
            remembered_setting(row, setting.name).value_or(RememberedSetting{now, {}});
        remembered.holders[operation] = wanted;
        value = strongest(setting, remembered.holders);
        put(row, setting.name, remembered);
      },
      call);
  set(tidb, setting, value, call);
}

std::optional<std::string> SharedSettings::give_back(const ClusterName& cluster,
                                                     const SharedSetting& setting,
                                                     const std::string& operation,
                                                     const Call& call) {
  const std::scoped_lock lock(tokens_.settings_mutex());
  TidbCluster& tidb = world_.tidb(cluster);
  const TokenRow row = tokens_.require_ours(cluster, call);
  std::optional<RememberedSetting> remembered = remembered_setting(row, setting.name);
  if (!remembered || !remembered->holders.contains(operation)) return std::nullopt;
  remembered->holders.erase(operation);
  const bool last = remembered->holders.empty();
  // The setting first: who dies after it finds itself on the row still, and does it once more.
  set(tidb, setting, last ? remembered->first : strongest(setting, remembered->holders), call);
  tokens_.edit(
      cluster,
      [&](TokenRow& edited) { put(edited, setting.name, last ? std::nullopt : remembered); }, call);
  return last ? std::optional(remembered->first) : std::nullopt;
}

}  // namespace bdrmesh
