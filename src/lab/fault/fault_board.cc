#include "lab/fault/fault_board.h"

#include <algorithm>

#include "lab/fault/fault_catalogue.h"
#include "lab/site/lab.h"

namespace bdrmesh::lab::fault {
namespace {

constexpr const char* kCommand = "bdrmesh-lab fault ";

std::string undo_line(const Done& done) {
  return done.undo.empty() ? "" : "undo: " + (kCommand + done.undo) + "\n";
}

bool speaks_of(const Words& words, const std::string& cluster) {
  return cluster.empty() || std::ranges::find(words, cluster) != words.end();
}

}  // namespace

Names names_of(const site::Lab& lab) {
  Names names;
  for (const site::ClusterView& cluster : lab.view().clusters) {
    names.clusters.push_back(cluster.name);
    names.tidb_servers = cluster.tidb.size();
    names.ticdc_nodes = cluster.ticdc.size();
  }
  return names;
}

Json FaultBoard::order(const Words& words) {
  check_words(words, names_of(lab_));
  const std::lock_guard lock(mutex_);
  if (words[0] == "list") return list();
  if (words[0] == "heal") return heal(words.size() > 1 ? words[1] : "");
  const Done done = act(words);
  return {{"text", done.did + "\n" + undo_line(done)}, {"did", done.did}, {"undo", done.undo}};
}

Done FaultBoard::act(const Words& words) {
  const Fault& fault = find_fault(words[0]);
  const Arguments arguments =
      read_words(fault.usage, {words.begin() + 1, words.end()}, names_of(lab_));
  Done done = fault.act(lab_, arguments);
  if (!done.ends.empty()) {
    std::erase_if(in_force_, [&done](const auto& one) { return one.first.starts_with(done.ends); });
  }
  if (done.is_over) {
    in_force_.erase(done.subject);
  } else {
    in_force_[done.subject] = {done, lab_.clock().now()};
  }
  return done;
}

Json FaultBoard::heal(const std::string& cluster) {
  std::vector<Words> undos;
  for (const auto& [subject, standing] : in_force_) {
    const Words undo = split_words(standing.done.undo);
    if (speaks_of(undo, cluster)) undos.push_back(undo);
  }
  std::string text;
  for (const Words& undo : undos) {
    try {
      text += act(undo).did + "\n";
    } catch (const Error& e) {
      text += "cannot " + joined(undo) + ": " + e.message() + "\n";
    }
  }
  if (undos.empty()) text = "no fault is in force\n";
  return {{"text", text}, {"did", "healed " + std::to_string(undos.size())}, {"undo", ""}};
}

Json FaultBoard::list() const {
  std::string text = catalogue_text();
  for (const auto& [subject, standing] : in_force_) {
    text += "IN FORCE: " + standing.done.did + "\n  " + undo_line(standing.done);
  }
  return {{"text", text}, {"faults", catalogue_json()}, {"in_force", standing_json()}};
}

Json FaultBoard::standing_json() const {
  Json all = Json::array();
  for (const auto& [subject, standing] : in_force_) {
    all.push_back({{"did", standing.done.did},
                   {"undo", kCommand + standing.done.undo},
                   {"since", to_rfc3339(standing.since)}});
  }
  return all;
}

Json FaultBoard::in_force() const {
  const std::lock_guard lock(mutex_);
  return standing_json();
}

}  // namespace bdrmesh::lab::fault
