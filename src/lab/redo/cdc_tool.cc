#include "lab/redo/cdc_tool.h"

#include <cstdlib>
#include <map>
#include <ostream>
#include <utility>

#include "lab/feed/api_error.h"
#include "lab/feed/feed_plan.h"
#include "lab/redo/redo_apply.h"
#include "lab/redo/tool_log.h"

namespace bdrmesh::lab {

namespace {

constexpr const char* kStorageFlags =
    "      --storage string   storage of redo log, specify the url where backup redo logs will "
    "store, eg, \"s3://bucket/path/prefix\"\n"
    "      --tmp-dir string   temporary path used to download redo log with S3 backend\n";

constexpr const char* kApplyUsage =
    "Usage:\n"
    "  cdc redo apply [flags]\n\n"
    "Flags:\n"
    "      --enable-profiling   enable pprof profiling (default true)\n"
    "  -h, --help               help for apply\n"
    "      --log-level string   log level (etc: debug|info|warn|error) (default \"info\")\n"
    "      --memory-limit int   memory limit in GiB (default 10)\n"
    "      --sink-uri string    target database sink-uri\n\n"
    "Global Flags:\n";

constexpr const char* kMetaUsage =
    "Usage:\n"
    "  cdc redo meta [flags]\n\n"
    "Flags:\n"
    "  -h, --help   help for meta\n\n"
    "Global Flags:\n"
    "      --log-level string   log level (etc: debug|info|warn|error) (default \"info\")\n"
    "      --storage string     storage of redo log, specify the url where backup redo logs will "
    "store, eg, \"s3://bucket/path/prefix\"\n"
    "      --tmp-dir string     temporary path used to download redo log with S3 backend\n";

constexpr const char* kRedoUsage =
    "Manage redo logs of TiCDC cluster\n\n"
    "Usage:\n"
    "  cdc redo [command]\n\n"
    "Available Commands:\n"
    "  apply       Apply redo logs in target sink\n"
    "  meta        read redo log meta\n\n"
    "Flags:\n"
    "  -h, --help               help for redo\n"
    "      --log-level string   log level (etc: debug|info|warn|error) (default \"info\")\n";

constexpr const char* kUsage =
    "CDC\n\n"
    "Usage:\n"
    "  cdc [command]\n\n"
    "Available Commands:\n"
    "  redo        Manage redo logs of TiCDC cluster\n"
    "  version     Output version information\n\n"
    "Flags:\n"
    "  -h, --help   help for cdc\n";

/// What ends a command with exit code 1: usage on stdout, the text twice on stderr.
class ToolFailure : public Error {
 public:
  explicit ToolFailure(const std::string& text) : Error(ErrorKind::invalid, "LAB_CDC_TOOL", text) {}
};

struct Flags {
  std::map<std::string, std::string> values;
  bool help = false;

  std::string get(const std::string& name, const std::string& otherwise = "") const {
    const auto found = values.find(name);
    return found == values.end() ? otherwise : found->second;
  }
};

/// `--name value`, `--name=value`; a switch may stand without a value.
Flags parse_flags(const std::vector<std::string>& args, const std::map<std::string, bool>& known) {
  Flags flags;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "-h" || arg == "--help") {
      flags.help = true;
      continue;
    }
    if (arg.rfind("--", 0) != 0) {
      throw ToolFailure("unknown command \"" + arg + R"(" for "cdc redo")");
    }
    const std::size_t equals = arg.find('=');
    const std::string name = arg.substr(2, equals == std::string::npos ? equals : equals - 2);
    const auto found = known.find(name);
    if (found == known.end()) throw ToolFailure("unknown flag: --" + name);
    if (equals != std::string::npos) {
      flags.values[name] = arg.substr(equals + 1);
    } else if (found->second) {
      flags.values[name] = "true";
    } else if (i + 1 < args.size()) {
      flags.values[name] = args[++i];
    } else {
      throw ToolFailure("flag needs an argument: --" + name);
    }
  }
  return flags;
}

/// The real tool empties its temporary directory before it begins; the lab's does not touch a root.
void clear_tmp_dir(const std::string& tmp_dir) {
  const std::filesystem::path path(tmp_dir);
  if (!path.is_absolute() || path.relative_path().begin() == path.relative_path().end() ||
      path.parent_path() == path.root_path()) {
    return;
  }
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

class CdcTool {
 public:
  CdcTool(std::ostream& out, std::ostream& err, const Profile& profile, const Clock& clock)
      : out_(out), err_(err), profile_(profile), clock_(clock) {}

  int run(const std::vector<std::string>& args) {
    const std::string command = args.empty() ? "" : args[0];
    if (command == "version") return version();
    if (command == "redo") return redo({args.begin() + 1, args.end()});
    if (command.empty() || command == "-h" || command == "--help" || command == "help") {
      out_ << kUsage;
      return 0;
    }
    err_ << "Error: unknown command \"" << command << "\" for \"cdc\"\n"
         << "Run 'cdc --help' for usage.\n"
         << "unknown command \"" << command << "\" for \"cdc\"\n";
    return 1;
  }

 private:
  int version() {
    out_ << "Release Version: " << to_string(profile_.ticdc) << "\nGit Commit Hash: lab\n"
         << "Git Branch: HEAD\nUTC Build Time: 2025-11-21 00:00:00\n"
         << "Go Version: go version go1.23.12 linux/amd64\nFailpoint Build: false\n";
    return 0;
  }

  int redo(const std::vector<std::string>& args) {
    const std::string command = args.empty() ? "" : args[0];
    if (command != "meta" && command != "apply") {
      out_ << kRedoUsage;
      return 0;
    }
    const bool is_meta = command == "meta";
    const std::string usage = is_meta ? kMetaUsage : std::string(kApplyUsage) + kStorageFlags;
    try {
      std::map<std::string, bool> known = {
          {"storage", false}, {"tmp-dir", false}, {"log-level", false}};
      if (!is_meta) {
        known.insert({{"sink-uri", false}, {"memory-limit", false}, {"enable-profiling", true}});
      }
      const Flags flags = parse_flags({args.begin() + 1, args.end()}, known);
      if (flags.help) {
        out_ << (is_meta ? "read redo log meta" : "Apply redo logs in target sink") << "\n\n"
             << usage;
        return 0;
      }
      return is_meta ? meta(flags) : apply(flags);
    } catch (const Error& e) {
      out_ << usage << '\n';
      err_ << "Error: " << e.message() << '\n' << e.message() << '\n';
      return 1;
    }
  }

  RedoMeta read_meta(const Flags& flags, std::filesystem::path& directory) {
    const auto place = redo_directory(flags.get("storage"));
    if (!place) throw ToolFailure("[CDC:ErrRedoMetaFileNotFound]no redo meta file found in dir: ");
    if (!flags.get("tmp-dir").empty()) clear_tmp_dir(flags.get("tmp-dir"));
    directory = *place;
    const RedoMetas metas = read_metas(directory);
    if (metas.files.empty()) {
      throw ToolFailure("[CDC:ErrRedoMetaFileNotFound]no redo meta file found in dir: " +
                        flags.get("tmp-dir"));
    }
    return metas.sum;
  }

  int meta(const Flags& flags) {
    std::filesystem::path directory;
    const RedoMeta meta = read_meta(flags, directory);
    out_ << "checkpoint-ts:" << meta.checkpoint << ", resolved-ts:" << meta.resolved;
    // The version is told since v8.5.5 of the new architecture.
    if (!profile_.is_classic()) out_ << " version:" << meta.version;
    out_ << '\n';
    return 0;
  }

  int apply(const Flags& flags) {
    if (!flags.values.contains("sink-uri")) {
      throw ToolFailure("required flag(s) \"sink-uri\" not set");
    }
    ToolLog log(out_, clock_, tool_level(flags.get("log-level", "info")));
    const long gib = std::strtol(flags.get("memory-limit", "10").c_str(), nullptr, 10);
    log.line(ToolLevel::info, "memory.go:37", "no cgroup memory limit",
             {{"error", "open /sys/fs/cgroup/cgroup.controllers: no such file or directory"}},
             true);
    log.line(ToolLevel::info, "apply.go:80", "set memory limit",
             {{"memoryLimit", std::to_string(gib << 30)}}, true);
    std::filesystem::path directory;
    const RedoMeta meta = read_meta(flags, directory);
    const SinkUri sink = target(flags.get("sink-uri"));
    const bool is_new = !profile_.is_classic();
    if (is_new) {
      log.line(
          ToolLevel::info, "config.go:316", "create db connection",
          {{"sinkURI", "mysql://" + sink.user + "@" + sink.host + ":" + std::to_string(sink.port) +
                           "/?batch-dml-enable=false&safe-mode=true"}});
    }
    log.line(ToolLevel::error, "config.go:303",
             "The TiDB source ID should never be set to 0. Please report it as a bug. The default "
             "value will be used: 1.",
             {{"tidbSourceID", "0"}});
    RedoApply work(directory, meta, sink, [&](const DdlJob& job, std::uint64_t commit_ts) {
      if (!is_new) return;
      log.line(ToolLevel::warn, "redo.go:319", "apply DDL",
               {{"ddl", job.query}, {"commitTs", std::to_string(commit_ts)}});
    });
    const RedoApplied applied = work.run();
    if (is_new) {
      log.line(ToolLevel::info, "redo.go:211", "apply redo log finishes",
               {{"appliedLogCount", std::to_string(applied.rows)},
                {"appliedDDLCount", std::to_string(applied.ddl)},
                {"currentCheckpoint", std::to_string(meta.resolved)}});
    }
    out_ << "Apply redo log successfully\n";
    return 0;
  }

  static SinkUri target(const std::string& text) {
    try {
      SinkUri uri = parse_sink_uri(text);
      require_usable(uri);
      return uri;
    } catch (const ApiError& e) {
      throw ToolFailure(e.message());
    }
  }

  std::ostream& out_;
  std::ostream& err_;
  const Profile& profile_;
  const Clock& clock_;
};

}  // namespace

int run_cdc_tool(const std::vector<std::string>& args, std::ostream& out, std::ostream& err,
                 const Profile& profile, const Clock& clock) {
  return CdcTool(out, err, profile, clock).run(args);
}

int run_cdc_tool(const std::vector<std::string>& args, std::ostream& out, std::ostream& err) {
  const char* name = std::getenv("BDRMESH_LAB_PROFILE");
  const SystemClock clock;
  return run_cdc_tool(args, out, err, find_profile(name == nullptr ? kDefaultProfile : name),
                      clock);
}

}  // namespace bdrmesh::lab
