#include "sys/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <link.h>
#include <malloc.h>

namespace reeve {

namespace {

// The first object that dl_iterate_phdr(3) names is the program itself.
int drop_code(dl_phdr_info* program, std::size_t, void*) noexcept {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int each = 0; each < program->dlpi_phnum; ++each) {
    const auto& segment = program->dlpi_phdr[each];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t begin = (program->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const std::uintptr_t end = program->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    // Clean pages of a file: nothing can be lost, so nothing needs to be checked.
    (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 1;
}

}  // namespace

void give_back_memory() noexcept {
  (void)::malloc_trim(0);
  (void)::dl_iterate_phdr(drop_code, nullptr);
}

}  // namespace reeve
