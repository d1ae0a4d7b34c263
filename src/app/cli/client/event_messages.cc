#include "app/cli/client/event_messages.h"

namespace bdrmesh {

std::vector<EventMessage> EventMessages::take(std::string_view piece) {
  // A server that never ends a line must not fill the memory.
  static constexpr std::size_t kLongestLine = std::size_t{1} << 22;
  std::vector<EventMessage> out;
  half_ += piece;
  std::size_t begin = 0;
  for (std::size_t end = half_.find('\n'); end != std::string::npos;
       end = half_.find('\n', begin)) {
    std::string_view line(half_.data() + begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    take_line(line, out);
    begin = end + 1;
  }
  half_.erase(0, begin);
  if (half_.size() > kLongestLine) half_.clear();
  return out;
}

void EventMessages::take_line(std::string_view line, std::vector<EventMessage>& out) {
  if (line.empty()) {
    if (has_data_) {
      next_.id = last_id_;
      out.push_back(std::move(next_));
    }
    next_ = EventMessage{};
    has_data_ = false;
    return;
  }
  const std::size_t colon = line.find(':');
  const std::string_view field = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? "" : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) next_.data += '\n';
    next_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    next_.name = value;
  } else if (field == "id") {
    last_id_ = value;
  }
}

void EventMessages::disconnected() {
  half_.clear();
  next_ = EventMessage{};
  has_data_ = false;
}

}  // namespace bdrmesh
