// A libselinux for tests: a policy in which clients and programs have the contexts that the environment says.
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

int give(const char* text, char** out) {
  if (text == nullptr) {
    errno = ENOPROTOOPT;
    return -1;
  }
  *out = ::strdup(text);
  return 0;
}

// USER:ROLE:TYPE:RANGE
struct Parts {
  std::string head, range, whole;
};

}  // namespace

extern "C" {

int is_selinux_enabled() {
  return std::getenv("FAKE_SELINUX_IS_OFF") == nullptr ? 1 : 0;
}
int getcon(char** out) {
  return give("system_u:system_r:reeve_t:s0-s15", out);
}
int getpeercon(int, char** out) {
  return give(std::getenv("FAKE_SELINUX_PEER"), out);
}
int getfilecon(const char* path, char** out) {
  return give(std::strcmp(path, "/usr/sbin/ftpd") == 0 ? "system_u:object_r:ftpd_exec_t:s0" : nullptr, out);
}
void freecon(char* text) {
  std::free(text);
}
std::uint16_t string_to_security_class(const char* name) {
  return std::strcmp(name, "process") == 0 ? 2 : 0;
}
int security_compute_create(const char* from, const char* file, std::uint16_t kind, char** out) {
  if (kind != 2 || std::strstr(from, ":reeve_t:") == nullptr || std::strstr(file, ":ftpd_exec_t:") == nullptr) return give(nullptr, out);
  return give(("system_u:system_r:ftpd_t:" + std::string(std::strstr(from, "_t:") + 3)).c_str(), out);
}
Parts* context_new(const char* text) {
  const std::string whole = text;
  std::size_t at = 0;
  for (int colon = 0; colon < 3; ++colon) {
    at = whole.find(':', at);
    if (at == std::string::npos) return nullptr;
    ++at;
  }
  return new Parts{whole.substr(0, at), whole.substr(at), {}};
}
void context_free(Parts* parts) {
  delete parts;
}
const char* context_range_get(Parts* parts) {
  return parts->range.c_str();
}
int context_range_set(Parts* parts, const char* range) {
  parts->range = range;
  return 0;
}
const char* context_str(Parts* parts) {
  parts->whole = parts->head + parts->range;
  return parts->whole.c_str();
}
}
