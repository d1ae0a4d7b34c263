// Server-sent events as they come in pieces (HTML Living Standard §9.2). Pure state; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bdrmesh {

struct EventMessage {
  std::string id;    ///< the last one that was sent; may be empty
  std::string name;  ///< `event:`; empty for a plain message
  std::string data;
};

class EventMessages {
 public:
  /// @return the messages that `piece` completes.
  std::vector<EventMessage> take(std::string_view piece);
  /// What the next connection begins with: half a message is lost, the id stays.
  void disconnected();
  const std::string& last_id() const { return last_id_; }
  void forget_id() { last_id_.clear(); }

 private:
  void take_line(std::string_view line, std::vector<EventMessage>& out);

  std::string half_;  ///< of a line
  EventMessage next_;
  bool has_data_ = false;
  std::string last_id_;
};

}  // namespace bdrmesh
