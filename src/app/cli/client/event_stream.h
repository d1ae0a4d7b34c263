// The daemon's events of one operation as they happen: GET /events/stream, taken up again by
// Last-Event-ID when the connection is lost. Where it cannot be had, whoever watches goes on
// asking. One thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace bdrmesh {

class EventStream {
 public:
  /// `base_url` and `clock` must outlive it.
  EventStream(const std::string& base_url, const std::string& operation, const Clock& clock);
  ~EventStream();
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  struct News {
    bool listened = false;     ///< false: there is no connection, and nothing was waited for
    bool ended = false;        ///< the operation has ended
    std::vector<Json> events;  ///< oldest first, each once
  };
  /// Waits until something comes, for `most` at the longest. Connects when it is not connected, but
  /// not more often than once a second. Never throws for what the daemon does.
  News wait(Millis most);

 private:
  struct Connection;
  void connect();
  void take(News& news);
  bool is_lost() const;

  std::string url_;
  const Clock& clock_;
  MonoTime not_before_;
  bool refused_ = false;  ///< this daemon has no such stream
  bool over_ = false;
  std::unique_ptr<Connection> connection_;
};

}  // namespace bdrmesh
