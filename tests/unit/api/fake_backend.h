// A backend of two clusters and one operation that remembers what it was asked. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "api/backend.h"

namespace bdrmesh::testing_api {

class FakeBackend final : public Backend {
 public:
  Json status() override {
    note("status");
    if (on_status) return on_status();
    return {{"verdict", "healthy"}};
  }
  Json clusters() override { return note("clusters"); }
  Json cluster(const std::string& name) override {
    note("cluster " + name);
    if (name != "east")
      throw Error(ErrorKind::invalid, "UNKNOWN_CLUSTER", "no cluster is called '" + name + "'",
                  "known: east");
    return {{"name", name}};
  }
  Answer writable(const std::string& cluster) override {
    note("writable " + cluster);
    const bool open = cluster == "east";
    return {open ? 200 : 503, {{"cluster", cluster}, {"writable", open}}};
  }
  Json groups() override { return note("groups"); }
  Json group(const std::string& name) override { return note("group " + name); }
  Json group_plan(const std::string& name) override { return note("group_plan " + name); }
  Json links() override { return note("links"); }
  Json link(const std::string& group, const std::string& from, const std::string& to) override {
    return note("link " + group + " " + from + " " + to);
  }
  Json link_history(const std::string& group, const std::string& from, const std::string& to,
                    Millis last) override {
    return note("history " + group + " " + from + " " + to + " " + std::to_string(last.count()));
  }
  Json operations(int limit) override { return note("operations " + std::to_string(limit)); }
  Json operation(const std::string& id) override {
    note("operation " + id);
    if (on_operation) return on_operation(id);
    return {{"id", id}, {"state", "succeeded"}};
  }
  Json calls(const std::string& id) override { return note("calls " + id); }
  Json events(std::int64_t after, int limit, const std::string& operation) override {
    note("events " + std::to_string(after) + " " + std::to_string(limit) +
         (operation.empty() ? "" : " of " + operation));
    if (on_events) return on_events(after, limit, operation);
    return {{"events", Json::array()}};
  }
  std::int64_t newest_event() override { return newest.load(); }
  Json pair(const std::string& group) override { return note("pair " + group); }
  Json gates() override { return note("gates"); }
  Json coverage() override { return note("coverage"); }
  Json certificates() override { return note("certificates"); }
  Json certificate(const std::string& id) override { return note("certificate " + id); }
  Json plan(const std::string& id) override { return note("plan " + id); }
  Json doctor(const Json& args) override { return note("doctor " + args.dump()); }
  Json submit(const SubmitOperation& request) override {
    note("submit " + request.kind + request.plan + " " + request.args.dump() +
         (request.dry_run ? " dry" : "") + (request.queue ? " queue" : "") +
         (request.deadline ? " by " + std::to_string(request.deadline->count()) : "") +
         " key=" + request.idempotency_key);
    if (on_submit) return on_submit(request);
    return {{"operation", "op1"}};
  }
  Json cancel(const std::string& id) override {
    note("cancel " + id);
    return {{"operation", id}};
  }
  Json resume(const std::string& id) override {
    note("resume " + id);
    return {{"operation", id}};
  }

  Json retry(const std::string& id, const std::string& step) override {
    note("retry " + id + " " + step);
    return {{"operation", id}};
  }
  Json skip(const std::string& id, const std::string& step, const std::string& reason,
            const std::string& by) override {
    note("skip " + id + " " + step + ": " + reason + " (" + by + ")");
    return {{"operation", id}};
  }

  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  std::function<Json()> on_status;
  std::function<Json(const std::string&)> on_operation;
  std::function<Json(const SubmitOperation&)> on_submit;
  std::function<Json(std::int64_t, int, const std::string&)> on_events;
  std::atomic<std::int64_t> newest{0};

 private:
  Json note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    asked_.push_back(what);
    return {{"asked", what}};
  }

  mutable std::mutex mutex_;  // guards asked_
  std::vector<std::string> asked_;
};

}  // namespace bdrmesh::testing_api
