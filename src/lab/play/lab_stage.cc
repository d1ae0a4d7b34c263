#include "lab/play/lab_stage.h"

#include <algorithm>

#include "lab/fault/plain_ticdc.h"
#include "lab/load/ledger_check.h"
#include "lab/load/sql_link.h"

namespace bdrmesh::lab::play {
namespace {

using site::Account;

constexpr Millis kFeedPatience{20'000};
constexpr Millis kBetweenLooks{100};

std::string row_text(const load::SqlRow& row) {
  std::string text;
  for (const auto& field : row) text += (text.empty() ? "" : " ") + field.value_or("NULL");
  return text;
}

Json mesh_feed(const site::ClusterView& from, const site::ClusterView& to) {
  const site::Account& sink = to.sinks.at(from.name);
  return {{"changefeed_id", mesh_feed_id(from.name, to.name)},
          {"sink_uri",
           "mysql://" + sink.name + ":" + sink.password.reveal() + "@" + to.tidb.front() + "/"},
          {"replica_config", {{"bdr_mode", true}, {"filter", {{"rules", {"app.*"}}}}}}};
}

}  // namespace

std::string mesh_feed_id(const std::string& from, const std::string& to) {
  return "play-" + from + "-" + to;
}

LabStage::LabStage(const Clock& clock, site::LabView lab, Ask ask, std::filesystem::path ledger)
    : clock_(clock), lab_(std::move(lab)), ask_(std::move(ask)), ledger_(std::move(ledger)) {}

LabStage::~LabStage() = default;

Json LabStage::order(const fault::Words& words) {
  return ask_({{"command", "fault"}, {"words", words}});
}

std::string LabStage::sql(const std::string& cluster, const std::string& statement) {
  const site::ClusterView& view = lab_.cluster(cluster);
  for (std::size_t server = 0;; ++server) {
    try {
      load::SqlLink link(view.tidb.at(server), view.administrator.name,
                         view.administrator.password);
      std::string text;
      for (const load::SqlRow& row : link.run(statement).rows) {
        text += (text.empty() ? "" : "\n") + row_text(row);
      }
      return text;
    } catch (const load::SqlFailure& e) {
      if (e.connection_lost() && server + 1 < view.tidb.size()) continue;
      throw Error(ErrorKind::transient, "LAB_SQL_FAILED",
                  cluster + ": error " + std::to_string(e.code()) + ", " + e.what());
    }
  }
}

std::vector<load::LoadTarget> LabStage::targets(Account site::ClusterView::*who) const {
  std::vector<load::LoadTarget> all;
  for (const site::ClusterView& cluster : lab_.clusters) {
    const Account& account = cluster.*who;
    all.push_back({cluster.name, cluster.source_id, cluster.tidb, account.name, account.password});
  }
  return all;
}

void LabStage::start_load(const load::LoadOptions& options) {
  stop_load();
  load_ = std::make_unique<load::LoadRun>(clock_, targets(&site::ClusterView::application), options,
                                          ledger_, targets(&site::ClusterView::administrator));
  load_->start();
}

void LabStage::stop_load() {
  if (!load_) return;
  load_->stop();
  load_table_ = to_table(load_->counts());
  load_.reset();
}

void LabStage::make_mesh() {
  for (const site::ClusterView& from : lab_.clusters) {
    const fault::PlainTicdc ticdc(clock_, from.ticdc);
    const std::vector<std::string> there = ticdc.ids();
    for (const site::ClusterView& to : lab_.clusters) {
      const bool known = std::ranges::find(there, mesh_feed_id(from.name, to.name)) != there.end();
      if (from.name != to.name && !known) ticdc.create(mesh_feed(from, to));
    }
  }
  wait_for_feeds(kFeedPatience);
}

void LabStage::wait_for_feeds(Millis patience) {
  const MonoTime deadline = clock_.mono() + patience;
  const auto all_normal = [this] {
    const std::vector<std::string> states = feed_states();
    return std::ranges::all_of(states, [](const auto& one) { return one.ends_with(" normal"); });
  };
  while (!all_normal()) {
    if (clock_.mono() > deadline) {
      throw Error(ErrorKind::transient, "LAB_NO_MESH", "not every changefeed becomes normal");
    }
    clock_.wait_for(kBetweenLooks, {});
  }
}

std::vector<std::string> LabStage::feed_states() {
  std::vector<std::string> states;
  const Json status = ask_({{"command", "status"}});
  for (const Json& cluster : status.at("clusters")) {
    for (const Json& feed : cluster.at("feeds")) {
      states.push_back(get_required<std::string>(cluster, "name") + " " +
                       get_required<std::string>(feed, "id") + " " +
                       get_required<std::string>(feed, "state"));
    }
  }
  return states;
}

std::string LabStage::lost(Millis patience) {
  if (!std::filesystem::exists(ledger_)) return "no load has written anything";
  const auto findings = load::check_ledger(clock_, targets(&site::ClusterView::application),
                                           load::read_expectations(ledger_), patience);
  const bool clean = std::ranges::all_of(findings, &load::ClusterFindings::clean);
  return clean ? "" : "\n" + to_table(findings);
}

}  // namespace bdrmesh::lab::play
