//! The guest's allocator, as the host uses it.

use std::alloc::{alloc, dealloc, Layout};

/// The layout of so many bytes, if there can be one.
fn layout(bytes: usize, align: usize) -> Option<Layout> {
    let fits = bytes <= i32::MAX as usize;
    Layout::from_size_align(bytes, align).ok().filter(|_| fits)
}

/// Memory for what the host passes, or 0 if there is none. No bytes: an address that is not 0.
#[cfg_attr(target_family = "wasm", export_name = "__wasmgate_malloc")]
pub extern "C" fn malloc(bytes: usize, align: usize) -> usize {
    match layout(bytes, align) {
        None => 0,
        Some(layout) if layout.size() == 0 => layout.align(),
        // SAFETY: the layout has a size.
        Some(layout) => unsafe { alloc(layout) as usize },
    }
}

/// Gives memory back. No bytes: does nothing, whatever the address.
///
/// # Safety
///
/// The memory is that of `malloc` or of a result, with the same number of bytes and the same alignment.
#[cfg_attr(target_family = "wasm", export_name = "__wasmgate_free")]
pub unsafe extern "C" fn free(ptr: usize, bytes: usize, align: usize) {
    if let Some(layout) = layout(bytes, align).filter(|layout| layout.size() > 0 && ptr != 0) {
        dealloc(ptr as *mut u8, layout);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_memory_of_the_alignment_asked_for() {
        for align in [1, 2, 4, 8] {
            let ptr = malloc(24, align);
            assert!(ptr != 0 && ptr % align == 0);
            unsafe { free(ptr, 24, align) };
        }
    }

    #[test]
    fn no_bytes_have_an_address_and_need_no_release() {
        assert_eq!(malloc(0, 8), 8);
        unsafe { free(8, 0, 8) };
    }

    #[test]
    fn refuses_what_cannot_be() {
        assert_eq!(malloc(1 << 31, 1), 0);
        assert_eq!(malloc(usize::MAX, 1), 0);
        assert_eq!(malloc(8, 3), 0);
        assert_eq!(malloc(8, 0), 0);
    }
}
