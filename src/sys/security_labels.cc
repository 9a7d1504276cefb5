#include "sys/security_labels.h"

#include <cerrno>
#include <dlfcn.h>
#include <utility>

namespace reeve {

namespace {

// A text of the library's.
class Context {
 public:
  explicit Context(void (*release)(char*)) noexcept : release_(release) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() {
    if (text_ != nullptr) release_(text_);
  }
  [[nodiscard]] char** out() noexcept { return &text_; }
  [[nodiscard]] const char* text() const noexcept { return text_; }

 private:
  void (*release_)(char*);
  char* text_ = nullptr;
};

}  // namespace

// libselinux's interface, as selinux/selinux.h and selinux/context.h of libselinux1-dev declare it.
struct SecurityLabels::Library {
  struct Parts;  // of a context
  struct PartsDelete {
    void (*release)(Parts*);
    void operator()(Parts* parts) const noexcept { release(parts); }
  };
  using PartsPtr = std::unique_ptr<Parts, PartsDelete>;

  void* handle = nullptr;
  int (*is_selinux_enabled)() = nullptr;
  int (*getcon)(char**) = nullptr;
  int (*getpeercon)(int, char**) = nullptr;
  int (*getfilecon)(const char*, char**) = nullptr;
  void (*freecon)(char*) = nullptr;
  std::uint16_t (*string_to_security_class)(const char*) = nullptr;
  int (*security_compute_create)(const char*, const char*, std::uint16_t, char**) = nullptr;
  Parts* (*context_new)(const char*) = nullptr;
  void (*context_free)(Parts*) = nullptr;
  const char* (*context_range_get)(Parts*) = nullptr;
  int (*context_range_set)(Parts*, const char*) = nullptr;
  const char* (*context_str)(Parts*) = nullptr;

  ~Library() {
    if (handle != nullptr) ::dlclose(handle);
  }
  template <class Function>
  [[nodiscard]] bool find(Function*& function, const char* name) noexcept {
    function = reinterpret_cast<Function*>(::dlsym(handle, name));
    return function != nullptr;
  }
  [[nodiscard]] bool find_all() noexcept {
    return find(is_selinux_enabled, "is_selinux_enabled") && find(getcon, "getcon") && find(getpeercon, "getpeercon") &&
           find(getfilecon, "getfilecon") && find(freecon, "freecon") && find(string_to_security_class, "string_to_security_class") &&
           find(security_compute_create, "security_compute_create") && find(context_new, "context_new") &&
           find(context_free, "context_free") && find(context_range_get, "context_range_get") &&
           find(context_range_set, "context_range_set") && find(context_str, "context_str");
  }
  [[nodiscard]] PartsPtr parts_of(const Context& context) const { return {context_new(context.text()), {context_free}}; }
};

SecurityLabels::SecurityLabels(std::string library) : name_(std::move(library)) {}
SecurityLabels::~SecurityLabels() = default;

Result<void> SecurityLabels::load() {
  if (library_) return {};
  auto library = std::make_unique<Library>();
  library->handle = ::dlopen(name_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library->handle == nullptr) return failure(name_ + " can't be loaded", ENOPKG);
  if (!library->find_all()) return failure(name_ + " lacks what is needed", ENOSYS);
  library_ = std::move(library);
  return {};
}

Result<std::string> SecurityLabels::context_for(int connection, const char* path) {
  if (auto loaded = load(); !loaded) return std::unexpected(std::move(loaded).error());
  const Library& library = *library_;
  if (library.is_selinux_enabled() != 1) return failure("SELinux is not enabled", EOPNOTSUPP);
  Context own(library.freecon), peer(library.freecon), file(library.freecon), wanted(library.freecon);
  if (library.getcon(own.out()) < 0) return failure("the daemon's own context", errno);
  if (library.getpeercon(connection, peer.out()) < 0) return failure("the client's context", errno);
  if (library.getfilecon(path, file.out()) < 0) return failure(std::string("the context of ") + path, errno);
  const Library::PartsPtr ours = library.parts_of(own), theirs = library.parts_of(peer);
  const char* const range = theirs ? library.context_range_get(theirs.get()) : nullptr;
  if (!ours || range == nullptr) return failure("the client's context has no range", EINVAL);
  if (library.context_range_set(ours.get(), range) != 0) return failure("the client's range", errno);
  const char* const from = library.context_str(ours.get());
  if (from == nullptr) return failure("a context with the client's range", errno);
  const std::uint16_t process = library.string_to_security_class("process");
  if (process == 0 || library.security_compute_create(from, file.text(), process, wanted.out()) < 0 || wanted.text() == nullptr)
    return failure("the policy has no context for the program", errno);
  return std::string(wanted.text());
}

}  // namespace reeve
