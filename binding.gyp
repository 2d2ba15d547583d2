{
  # The shim alone. scripts/build.js builds the Go library first and passes where
  # it lies; `node-gyp` on its own is not the way to build this package.
  "variables": {
    "wasmgate_library_dir%": "<(module_root_dir)/build/library/Release",
  },
  "targets": [
    {
      "target_name": "wasmgate",
      "sources": [
        "binding/addon.cc",
        "binding/arguments.cc",
        "binding/bind.cc",
        "binding/bytes.cc",
        "binding/call.cc",
        "binding/counters.cc",
        "binding/error.cc",
        "binding/handle.cc",
        "binding/host.cc",
        "binding/lift.cc",
        "binding/load.cc",
        "binding/mailed.cc",
        "binding/memory.cc",
        "binding/meter.cc",
        "binding/pin.cc",
        "binding/plan.cc",
        "binding/plugin.cc",
        "binding/refs.cc",
        "binding/run.cc",
        "binding/v8_buffer.cc",
        "binding/space.cc",
        "binding/space_exact.cc",
        "binding/space_things.cc",
        "binding/stream.cc",
        "binding/utf.cc",
        "binding/utf_x86.cc",
        "binding/value.cc",
        "binding/view.cc",
        "binding/world.cc",
      ],
      "include_dirs": ["go/cabi"],
      "defines": ["NAPI_VERSION=8"],
      "libraries": ["-L<(wasmgate_library_dir)", "-lwasmgate"],
      "cflags_cc": ["-std=c++17", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden", "-fno-plt"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20"],
      "conditions": [
        ["OS=='linux'", {
          "ldflags": ["-Wl,-rpath,'$$ORIGIN'", "-Wl,-z,nodelete", "-Wl,-z,now"],
        }],
        ["OS=='mac'", {
          "xcode_settings": {
            "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
            "GCC_OPTIMIZATION_LEVEL": "3",
            "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
            "MACOSX_DEPLOYMENT_TARGET": "12.0",
            "OTHER_LDFLAGS": ["-Wl,-rpath,@loader_path"],
          },
        }],
      ],
      "configurations": {
        "Debug": { "defines": ["WG_DEBUG"] },
      },
    },
  ],
}
