#include "lab/fault/fault_catalogue.h"

#include <algorithm>

namespace bdrmesh::lab::fault {
namespace {

constexpr std::string_view kHeal = "heal";
constexpr std::string_view kHealUsage = "[CLUSTER]";
constexpr std::string_view kHealEffect = "undoes every fault in force, or those of one cluster";

Words arguments_of(const Words& words) { return {words.begin() + 1, words.end()}; }

std::string line_of(std::string_view name, std::string_view usage, std::string_view effect) {
  std::string line = std::string(name) + " " + shown_usage(usage);
  if (line.size() > 37) return line + "\n" + std::string(39, ' ') + std::string(effect) + "\n";
  line.resize(39, ' ');
  return line + std::string(effect) + "\n";
}

}  // namespace

std::vector<const Fault*> all_faults() {
  std::vector<const Fault*> all;
  for (const Family* family :
       {&part_faults(), &flow_faults(), &answer_faults(), &ddl_faults(), &commit_faults(),
        &storage_faults(), &drift_faults(), &time_faults()}) {
    for (const Fault& fault : *family) all.push_back(&fault);
  }
  return all;
}

const Fault& find_fault(std::string_view name) {
  const std::vector<const Fault*> all = all_faults();
  const auto found =
      std::ranges::find_if(all, [name](const Fault* fault) { return fault->name == name; });
  if (found == all.end()) bad_fault("there is no fault '" + std::string(name) + "'");
  return **found;
}

void check_words(const Words& words, const Names& names) {
  if (words.empty()) bad_fault("which fault?");
  if (words[0] == "list" && words.size() == 1) return;
  const std::string_view usage = words[0] == kHeal ? kHealUsage : find_fault(words[0]).usage;
  read_words(usage, arguments_of(words), names);
}

std::vector<std::string> completions(const Words& words, const Names& names) {
  if (words.empty()) {
    std::vector<std::string> all{"list", std::string(kHeal)};
    for (const Fault* fault : all_faults()) all.emplace_back(fault->name);
    return all;
  }
  if (words[0] == "list") return {};
  try {
    const std::string_view usage = words[0] == kHeal ? kHealUsage : find_fault(words[0]).usage;
    return next_words(usage, arguments_of(words), names);
  } catch (const Error&) {
    return {};  // no such fault: nothing to offer
  }
}

Json catalogue_json() {
  Json all = Json::array();
  for (const Fault* fault : all_faults()) {
    all.push_back({{"name", fault->name},
                   {"usage", shown_usage(fault->usage)},
                   {"effect", fault->effect},
                   {"loses_rows", fault->loses_rows}});
  }
  all.push_back(
      {{"name", kHeal}, {"usage", kHealUsage}, {"effect", kHealEffect}, {"loses_rows", false}});
  return all;
}

std::string catalogue_text() {
  std::string text;
  for (const Fault* fault : all_faults()) {
    text += line_of(fault->name, fault->usage, fault->effect);
  }
  return text + line_of(kHeal, kHealUsage, kHealEffect);
}

}  // namespace bdrmesh::lab::fault
