#![allow(non_upper_case_globals)]

mod wasmgate_plugin {
    #![allow(dead_code)]
    include!(concat!(env!("WASMGATE_INCLUDE"), "/wasmgate_plugin.rs"));
}

use std::ffi::{c_int, c_void, CStr};
use wasmgate_plugin::*;

/// A callback: arguments and results are wasm values. A panic must not leave it.
unsafe extern "C" fn add(ctx: *mut Ctx, args: *const Value, results: *mut Value) -> c_int {
    let (a, b) = ((*args).i32, (*args.add(1)).i32);
    match a.checked_add(b) {
        Some(sum) => {
            (*results).i32 = sum;
            OK
        }
        None => ((*ctx).host.fail)(ctx, c"the sum does not fit 32 bits".as_ptr()),
    }
}

/// A plain function: wasmgate checks that the bytes lie in the guest's memory, and passes a pointer.
unsafe extern "C" fn sum(bytes: *const u8, count: u32) -> u32 {
    std::slice::from_raw_parts(bytes, count as usize).iter().fold(0, |sum, byte| sum.wrapping_add(*byte as u32))
}

#[no_mangle]
pub static wasmgate_plugin_abi: u32 = ABI;

/// # Safety
/// Called by wasmgate.
#[no_mangle]
pub unsafe extern "C" fn wasmgate_plugin(host: &'static Host, registry: *mut Registry) -> c_int {
    let functions: [(&CStr, &CStr, Option<Callback>, *const c_void); 2] = [
        (c"add", c"(i32, i32) -> i32", Some(add), std::ptr::null()),
        (c"sum", c"(bytes) -> u32", None, sum as *const c_void),
    ];
    let mut status = (host.describe)(registry, c"{{name}}".as_ptr(), c"0.1.0".as_ptr());
    for (name, signature, callback, native) in functions {
        let function = Function {
            size: std::mem::size_of::<Function>() as u32,
            module: c"{{crate}}".as_ptr(),
            name: name.as_ptr(),
            signature: signature.as_ptr(),
            grant: std::ptr::null(),
            user: std::ptr::null_mut(),
            callback,
            native,
        };
        if status == OK {
            status = (host.define)(registry, &function);
        }
    }
    status
}
