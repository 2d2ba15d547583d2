#include "pin.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace wg {

void Pin() {
#ifdef _WIN32
  HMODULE self;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCSTR>(&Pin), &self);
#else
  Dl_info self;
  if (dladdr(reinterpret_cast<void*>(&Pin), &self) != 0) {
    // The handle is never closed: that is the point.
    dlopen(self.dli_fname, RTLD_NOW | RTLD_NODELETE);
  }
#endif
}

}  // namespace wg
