// Runs hooks for real: programs in a process group of their own, services over HTTP. Masks every
// secret that the configuration names in what they answer. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "clients/http/http_client.h"
#include "flows/hook/hook_port.h"
#include "model/desired.h"

namespace bdrmesh {

class RealHooks final : public flows::HookRunner {
 public:
  /// Reads a secret; throws Error precondition `SECRET_UNREADABLE`. Must be thread-safe.
  using SecretReader = std::function<Secret(const SecretSource&)>;

  RealHooks(const Desired& desired, SecretReader read_secret, const Clock& clock);

  std::string fault_of(const HookSpec& hook) override;
  flows::HookOutcome run(const flows::HookCall& call,
                         const std::function<void(const std::string&)>& begun,
                         const Call& limits) override;
  void end_leftover(const std::string& mark) override;

 private:
  flows::HookOutcome run_program(const flows::HookCall& call,
                                 const std::function<void(const std::string&)>& begun,
                                 const Call& limits);
  flows::HookOutcome ask_service(const flows::HookCall& call, const Call& limits);
  std::string masked(const std::string& text, const HookSpec& hook) const;

  SecretReader read_secret_;
  const Clock& clock_;
  std::vector<SecretSource> sources_;
  HttpClient http_;
};

}  // namespace bdrmesh
