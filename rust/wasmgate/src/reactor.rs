//! Makes a WASI library a reactor: initialised once, by the host.
//!
//! Without this the linker takes it for a set of programs. It then wraps each export, the allocator included, in the
//! start and end of one: the C library reads the environment again at every call, into memory that nobody frees.

use std::sync::atomic::{AtomicBool, Ordering};

extern "C" {
    /// Made by the linker, which wraps no exports if it is used.
    fn __wasm_call_ctors();
}

/// Runs the initialisers, the first time it is called.
#[export_name = "_initialize"]
pub extern "C" fn initialize() {
    static DONE: AtomicBool = AtomicBool::new(false);
    if !DONE.swap(true, Ordering::Relaxed) {
        // SAFETY: it may be called once, and is.
        unsafe { __wasm_call_ctors() }
    }
}
