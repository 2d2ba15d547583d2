//! The plugin of ../c/texts.c in Rust. Without Cargo:
//!
//!     export WASMGATE_INCLUDE=$(node -p 'require("wasmgate").Plugin.include')
//!     rustc --edition 2021 -O --crate-type cdylib -o libtexts.so texts.rs -C link-arg=-l:libz.so.1
#![allow(non_upper_case_globals)]

mod wasmgate_plugin {
    #![allow(dead_code)]
    include!(concat!(env!("WASMGATE_INCLUDE"), "/wasmgate_plugin.rs"));
}

use std::collections::HashMap;
use std::ffi::{c_int, c_uint, c_ulong, c_void, CString};
use std::panic::{catch_unwind, AssertUnwindSafe};
use wasmgate_plugin::*;

fn words(call: &mut Call, args: &[Value], results: &mut [Value]) -> Result<()> {
    let (at, bytes) = unsafe { (args[0].i32, args[1].i32 as u32 as usize) };
    let text = call.memory(at, bytes)?;
    results[0].i32 = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).count() as i32;
    Ok(())
}

fn upper(call: &mut Call, args: &[Value], _: &mut [Value]) -> Result<()> {
    let (at, bytes) = unsafe { (args[0].i32, args[1].i32 as u32 as usize) };
    call.memory(at, bytes)?.make_ascii_uppercase();
    Ok(())
}

/// A native object: how often each word was seen.
type Tally = HashMap<Vec<u8>, i32>;
static TALLY: Type = Type { name: c"texts.tally".as_ptr(), destroy: Some(drop_box::<Tally>) };

fn tally_new(call: &mut Call, _: &[Value], results: &mut [Value]) -> Result<()> {
    results[0].reference = call.object(Box::new(Tally::new()), &TALLY)?;
    Ok(())
}

fn tally_add(call: &mut Call, args: &[Value], results: &mut [Value]) -> Result<()> {
    let tally = unsafe { call.payload::<Tally>(args[0].reference, &TALLY)? };
    let (at, bytes) = unsafe { (args[1].i32, args[2].i32 as u32 as usize) };
    let count = tally.entry(call.memory(at, bytes)?.to_vec()).or_insert(0);
    *count += 1;
    results[0].i32 = *count;
    Ok(())
}

/// A function that the guest carries from one host function to another.
type Order = fn(&i32, &i32) -> std::cmp::Ordering;
static ORDER: Type = Type { name: c"texts.order".as_ptr(), destroy: Some(drop_box::<Order>) };

fn order(call: &mut Call, args: &[Value], results: &mut [Value]) -> Result<()> {
    let order: Order = match unsafe { args[0].i32 } {
        0 => |a, b| a.cmp(b),
        1 => |a, b| b.cmp(a),
        _ => return call.fail("there is order 0 and order 1"),
    };
    results[0].reference = call.object(Box::new(order), &ORDER)?;
    Ok(())
}

fn sort(call: &mut Call, args: &[Value], _: &mut [Value]) -> Result<()> {
    let order = *unsafe { call.payload::<Order>(args[0].reference, &ORDER)? };
    let (at, count) = unsafe { (args[1].i32, args[2].i32 as u32 as usize) };
    let memory = call.memory(at, count * 4)?;
    let mut numbers: Vec<i32> = memory.chunks_exact(4).map(|c| i32::from_le_bytes(c.try_into().unwrap())).collect();
    numbers.sort_by(order);
    for (to, number) in memory.chunks_exact_mut(4).zip(numbers) {
        to.copy_from_slice(&number.to_le_bytes());
    }
    Ok(())
}

/// Calls the guest with each word of a text.
fn each(call: &mut Call, args: &[Value], _: &mut [Value]) -> Result<()> {
    let (visit, start, bytes) = unsafe { (args[0].reference, args[1].i32, args[2].i32 as u32 as usize) };
    let text = call.memory(start, bytes)?.to_vec();
    call.check(visit, c"(i32, i32) -> ()")?;
    let mut at = start;
    for word in text.split(|byte| *byte == b' ') {
        if !word.is_empty() {
            call.call(visit, &mut [Value { i32: at }, Value { i32: word.len() as i32 }])?;
        }
        at += word.len() as i32 + 1;
    }
    Ok(())
}

extern "C" {
    fn crc32(crc: c_ulong, bytes: *const u8, count: c_uint) -> c_ulong;
}

/// A callback for the interface. A panic must not leave it.
macro_rules! callback {
    ($function:ident, $args:literal, $results:literal) => {{
        unsafe extern "C" fn callback(ctx: *mut Ctx, args: *const Value, results: *mut Value) -> c_int {
            let mut call = Call::new(ctx);
            let args = std::slice::from_raw_parts(args, $args);
            let results = std::slice::from_raw_parts_mut(results, $results);
            match catch_unwind(AssertUnwindSafe(|| $function(&mut call, args, results))) {
                Ok(Ok(())) => OK,
                Ok(Err(status)) => status,
                Err(_) => call.fail::<()>("the plugin panicked").unwrap_err(),
            }
        }
        callback as Callback
    }};
}

#[no_mangle]
pub static wasmgate_plugin_abi: u32 = ABI;

/// # Safety
/// Called by wasmgate.
#[no_mangle]
pub unsafe extern "C" fn wasmgate_plugin(host: &'static Host, registry: *mut Registry) -> c_int {
    let functions: [(&str, &str, &str, Option<Callback>); 8] = [
        ("words", "(i32, i32) -> i32", "read", Some(callback!(words, 2, 1))),
        ("upper", "(i32, i32) -> ()", "write", Some(callback!(upper, 2, 0))),
        ("each", "(funcref, i32, i32) -> ()", "read", Some(callback!(each, 3, 0))),
        ("tally_new", "() -> externref", "tally", Some(callback!(tally_new, 0, 1))),
        ("tally_add", "(externref, i32, i32) -> i32", "tally", Some(callback!(tally_add, 3, 1))),
        ("order", "(i32) -> externref", "sort", Some(callback!(order, 1, 1))),
        ("sort", "(externref, i32, i32) -> ()", "sort", Some(callback!(sort, 3, 0))),
        ("crc32", "(u32, bytes) -> u32", "crc32", None), // zlib's, as it is
    ];
    let mut status = (host.describe)(registry, c"texts".as_ptr(), c"1.0.0".as_ptr());
    for (name, signature, grant, callback) in functions {
        if status != OK {
            return status;
        }
        let texts = [name, signature, grant].map(|text| CString::new(text).unwrap());
        let function = Function {
            size: std::mem::size_of::<Function>() as u32,
            module: c"texts".as_ptr(),
            name: texts[0].as_ptr(),
            signature: texts[1].as_ptr(),
            grant: texts[2].as_ptr(),
            user: std::ptr::null_mut(),
            callback,
            native: if callback.is_none() { crc32 as *const c_void } else { std::ptr::null() },
        };
        status = (host.define)(registry, &function);
    }
    status
}
