// TiCDC's open API as a person with curl would use it: for what somebody else does to the feeds of
// a lab, and for meshes made without the product. Blocking; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh::lab::fault {

class PlainTicdc {
 public:
  /// @param nodes  base URLs; the first one that answers is used.
  PlainTicdc(const Clock& clock, std::vector<std::string> nodes)
      : clock_(clock), nodes_(std::move(nodes)) {}

  /// The changefeed's detail. All of these throw Error transient `LAB_TICDC_REFUSED`, with the
  /// answer, or `LAB_TICDC_SILENT` when no node answers.
  Json detail(const std::string& id) const;
  std::string state(const std::string& id) const;
  std::vector<std::string> ids() const;
  void create(const Json& body) const;
  /// Waits until the feed is gone.
  void remove(const std::string& id) const;
  /// Waits until the feed is stopped.
  void pause(const std::string& id) const;
  void resume(const std::string& id) const;
  /// Pauses, sends `change` (whole, as PUT resets what it does not name), and resumes.
  void change(const std::string& id, const Json& change) const;

 private:
  Json call(const std::string& method, const std::string& path, const Json& body) const;

  const Clock& clock_;
  std::vector<std::string> nodes_;
};

}  // namespace bdrmesh::lab::fault
