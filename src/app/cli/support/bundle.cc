#include "app/cli/support/bundle.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>

#include "app/cli/render/render.h"
#include "app/cli/render/render_text.h"
#include "app/cli/support/masked_config.h"
#include "app/cli/support/tar_file.h"
#include "base/text_file.h"

namespace bdrmesh {
namespace {

constexpr std::size_t kWholeOperations = 20;
constexpr std::int64_t kEvents = 5000;

class Collector {
 public:
  explicit Collector(const CommandContext& context) : context_(context) {}

  void run(const BundleInputs& inputs) {
    const Json status = get("status.json", "/status");
    if (status.is_object()) files_["status.txt"] = render_status(status);
    get("clusters.json", "/clusters");
    get("groups.json", "/groups");
    get("links.json", "/links");
    get("gates.json", "/gates");
    operations();
    get("events.json",
        "/events?after=" + std::to_string(std::max<std::int64_t>(0, newest_event_ - kEvents)) +
            "&limit=10000");
    collect("doctor.json", [this] { return context_.api.ask("/doctor", Json::object()); });
    configuration(inputs);
    put("versions.json", {{"cli", inputs.version},
                          {"manager", part_of(status, "manager")},
                          {"made", to_rfc3339(context_.clock.now())}});
    files_["problems.txt"] = problems_.empty() ? "everything could be collected\n" : problems_;
  }
  std::map<std::string, std::string> take() { return std::move(files_); }

 private:
  void put(const std::string& file, const Json& content) {
    files_[file] = content.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  }
  template <class Ask>
  Json collect(const std::string& file, Ask ask) {
    try {
      Json answer = ask();
      put(file, answer);
      return answer;
    } catch (const Error& error) {
      problems_ += file + ": (" + error.code() + ") " + error.message() + "\n";
      return {};
    }
  }
  Json get(const std::string& file, const std::string& path) {
    return collect(file, [&] { return context_.api.get(path); });
  }
  void operations();
  void operation(const std::string& id);
  void configuration(const BundleInputs& inputs);

  const CommandContext& context_;
  std::map<std::string, std::string> files_;
  std::string problems_;
  std::int64_t newest_event_ = 0;
};

/// The unfinished ones and the newest as a whole, of the others a line.
void Collector::operations() {
  const Json list = get("operations.json", "/operations?limit=200");
  std::size_t whole = 0;
  for (const Json& one : list_of(list, "operations")) {
    const std::string state = text_of(one, "state");
    const bool final = state == "succeeded" || state == "reverted" || state == "cancelled";
    if (!final || whole++ < kWholeOperations) operation(text_of(one, "id"));
  }
}

void Collector::operation(const std::string& id) {
  const std::string file = "operations/" + encoded(id) + ".json";
  const Json answer = collect(file, [&] {
    Json one = context_.api.get("/operations/" + encoded(id));
    one["calls"] = list_of(context_.api.get("/operations/" + encoded(id) + "/calls"), "calls");
    return one;
  });
  for (const Json& event : list_of(answer, "events")) {
    if (part_of(event, "number").is_number_integer())
      newest_event_ = std::max(newest_event_, part_of(event, "number").get<std::int64_t>());
  }
}

void Collector::configuration(const BundleInputs& inputs) {
  if (inputs.desired) {
    put("config.json", masked_config(*inputs.desired));
  } else {
    problems_ += "config.json: " +
                 (inputs.config_problem.empty() ? "no configuration is named: --config FILE"
                                                : inputs.config_problem) +
                 "\n";
  }
}

[[noreturn]] void cannot_write(const std::string& path) {
  throw Error(ErrorKind::precondition, "BUNDLE_UNWRITABLE",
              "cannot write '" + path + "': " + std::strerror(errno),
              "name a place that does not exist yet, in a folder that you may write");
}

void write_file(const std::string& path, const std::string& content) {
  if (!write_new_private_file(path, content)) cannot_write(path);
}

bool is_archive(const std::string& to) { return to.ends_with(".tar.gz") || to.ends_with(".tgz"); }

}  // namespace

std::map<std::string, std::string> collect_bundle(const CommandContext& context,
                                                  const BundleInputs& inputs) {
  Collector collector(context);
  collector.run(inputs);
  std::map<std::string, std::string> files = collector.take();
  if (!inputs.desired) return files;
  const std::vector<Secret> secrets = readable_secrets(*inputs.desired);
  for (auto& [name, content] : files) content = scrubbed(std::move(content), secrets);
  return files;
}

void write_bundle(const std::map<std::string, std::string>& files, const std::string& to,
                  WallTime now) {
  std::error_code unknown;
  if (std::filesystem::exists(to, unknown)) {
    throw Error(ErrorKind::precondition, "BUNDLE_EXISTS", "'" + to + "' exists",
                "name a place that does not exist yet");
  }
  if (is_archive(to)) {
    write_file(to, gzipped(tar_of("bdrmesh-support", files, to_millis(now) / 1000)));
    return;
  }
  if (mkdir(to.c_str(), 0700) != 0) cannot_write(to);
  for (const auto& [name, content] : files) {
    if (const std::size_t slash = name.find('/'); slash != std::string::npos) {
      const std::string folder = to + "/" + name.substr(0, slash);
      if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) cannot_write(folder);
    }
    write_file(to + "/" + name, content);
  }
}

}  // namespace bdrmesh
