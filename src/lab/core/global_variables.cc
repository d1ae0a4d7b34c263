#include "lab/core/global_variables.h"

#include <algorithm>

namespace bdrmesh::lab {

namespace {
constexpr Millis kUsualDelay{3};  // measured: median 1 ms, p95 6 ms
}

GlobalVariables::GlobalVariables(const Clock& clock, std::size_t servers)
    : clock_(clock), views_(servers) {
  for (View& view : views_) view.delay = kUsualDelay;
}

void GlobalVariables::settle(View& view) const {
  if (view.frozen) return;
  const MonoTime now = clock_.mono();
  while (!view.coming.empty() && view.coming.front().due <= now) {
    Change& change = view.coming.front();
    view.values[change.name] = std::move(change.value);
    view.coming.pop_front();
  }
}

void GlobalVariables::set(std::size_t server, const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  stored_[name] = value;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    View& view = views_[i];
    settle(view);
    if (i == server) {
      // Its own word is newer than what it has yet to hear about this variable.
      std::erase_if(view.coming, [&](const Change& change) { return change.name == name; });
      view.values[name] = value;
    } else if (view.delay) {
      view.coming.push_back({clock_.mono() + *view.delay, name, value});
    }
  }
}

void GlobalVariables::set_everywhere(const std::string& name, const std::string& value) {
  const std::lock_guard lock(mutex_);
  stored_[name] = value;
  for (View& view : views_) {
    // What is still on its way about it is older.
    std::erase_if(view.coming, [&](const Change& change) { return change.name == name; });
    view.values[name] = value;
  }
}

std::optional<std::string> GlobalVariables::get(std::size_t server, const std::string& name) const {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  settle(view);
  const auto found = view.values.find(name);
  if (found == view.values.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> GlobalVariables::stored(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find(name);
  if (found == stored_.end()) return std::nullopt;
  return found->second;
}

std::map<std::string, std::string> GlobalVariables::all(std::size_t server) const {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  settle(view);
  return view.values;
}

void GlobalVariables::set_delay(std::size_t server, std::optional<Millis> delay) {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  const bool deaf_before = !view.delay;
  view.delay = delay;
  // A server whose watch works again reads the present state, as TiDB's does after its reload
  // interval.
  if (deaf_before && delay) {
    for (const auto& [name, value] : stored_) {
      view.coming.push_back({clock_.mono() + *delay, name, value});
    }
  }
}

void GlobalVariables::freeze(std::size_t server) {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  settle(view);
  view.frozen = true;
}

void GlobalVariables::thaw(std::size_t server) {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  if (!view.frozen) return;
  view.frozen = false;
  const MonoTime earliest = clock_.mono() + view.delay.value_or(kUsualDelay);
  for (Change& change : view.coming) change.due = std::max(change.due, earliest);
}

void GlobalVariables::reload(std::size_t server) {
  const std::lock_guard lock(mutex_);
  View& view = views_.at(server);
  view.coming.clear();
  view.frozen = false;
  view.values = stored_;
}

}  // namespace bdrmesh::lab
