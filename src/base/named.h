// Strong string types: a cluster name is no changefeed id.
#pragma once

#include <compare>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>

namespace bdrmesh {

template <class Tag>
class Named {
 public:
  Named() = default;
  explicit Named(std::string value) : value_(std::move(value)) {}
  explicit Named(const char* value) : value_(value) {}

  const std::string& value() const { return value_; }
  bool empty() const { return value_.empty(); }
  auto operator<=>(const Named&) const = default;

 private:
  std::string value_;
};

template <class Tag>
std::ostream& operator<<(std::ostream& out, const Named<Tag>& name) {
  return out << name.value();
}

}  // namespace bdrmesh

template <class Tag>
struct std::hash<bdrmesh::Named<Tag>> {
  std::size_t operator()(const bdrmesh::Named<Tag>& name) const noexcept {
    return std::hash<std::string>{}(name.value());
  }
};
