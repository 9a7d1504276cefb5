// raw_call: a system call and nothing else. For the child half of sys/start.cc, which shares its
// parent's memory: the C library's wrappers would write errno into the parent's thread.
//
// Returns what the kernel returns: -errno on failure.
#pragma once

#if defined(__x86_64__) || defined(__aarch64__)
#define REEVE_HAS_RAW_CALL 1
#else
#define REEVE_HAS_RAW_CALL 0
#include <unistd.h>

#include <cerrno>
#endif

namespace reeve {

#if defined(__x86_64__)

[[gnu::always_inline]] inline long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0) noexcept {
  long result = 0;
  register long fourth asm("r10") = d;
  asm volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth) : "rcx", "r11", "memory");
  return result;
}

#elif defined(__aarch64__)

[[gnu::always_inline]] inline long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0) noexcept {
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
  return x0;
}

#else

// Other machines start programs fork-like (sys/start.h), so the wrapper harms nobody.
inline long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0) noexcept {
  const long result = ::syscall(number, a, b, c, d);
  return result < 0 ? -errno : result;
}

#endif

}  // namespace reeve
