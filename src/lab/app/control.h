// The lab's ear: a Unix socket on which other commands of the same user ask and order, one JSON
// object per line, answered by one. Requests are handled one at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <thread>

#include "base/json.h"

namespace bdrmesh::lab::app {

class ControlServer {
 public:
  /// Gives the answer to one request. An Error becomes an answer with its code and text.
  using Handler = std::function<Json(const Json& request)>;

  /// Listens on `socket`: callers are let in and wait until start().
  /// @throws Error precondition `LAB_CANNOT_START`
  ControlServer(const std::filesystem::path& socket, Handler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// From now on callers are answered. Does not block.
  void start();

 private:
  void serve(const std::stop_token& stop);
  void converse(int client, const std::stop_token& stop);
  Json answer_to(const std::string& line);

  Handler handler_;
  int listener_ = -1;
  int waker_ = -1;  ///< readable when the thread shall end
  std::jthread thread_;
};

/// Sends `request` to the lab that listens on `socket` and waits for its answer.
/// @throws Error as the lab met it; precondition `NO_LAB` when nobody answers.
Json ask_lab(const std::filesystem::path& socket, const Json& request);

}  // namespace bdrmesh::lab::app
