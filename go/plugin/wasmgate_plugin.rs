// wasmgate_plugin.h for Rust: what a plugin needs of it, in the same words. The header says more.
// Layouts and order are those of interface 1. To be included:
//
//     mod wasmgate_plugin {
//         #![allow(dead_code)]
//         include!(concat!(env!("WASMGATE_INCLUDE"), "/wasmgate_plugin.rs"));
//     }

use std::ffi::{c_char, c_int, c_void, CString};

pub const ABI: u32 = 1;
pub const OK: c_int = 0;
pub const BOUNDS: c_int = 2;

pub type Ref = u64;

#[repr(C)]
#[derive(Clone, Copy)]
pub union Value {
    pub i32: i32,
    pub i64: i64,
    pub f32: f32,
    pub f64: f64,
    pub reference: Ref,
    pub words: [u64; 2],
}

#[repr(C)]
pub struct Type {
    pub name: *const c_char,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
}
// A type is never written to.
unsafe impl Sync for Type {}

#[repr(C)]
pub struct Ctx {
    pub host: &'static Host,
    pub user: *mut c_void,
}

pub type Callback = unsafe extern "C" fn(*mut Ctx, *const Value, *mut Value) -> c_int;
pub enum Registry {}

#[repr(C)]
pub struct Function {
    pub size: u32,
    pub module: *const c_char,
    pub name: *const c_char,
    pub signature: *const c_char,
    pub grant: *const c_char,
    pub user: *mut c_void,
    pub callback: Option<Callback>,
    pub native: *const c_void,
}

#[repr(C)]
pub struct Host {
    pub abi: u32,
    pub size: u32,
    pub version: *const c_char,
    pub describe: unsafe extern "C" fn(*mut Registry, *const c_char, *const c_char) -> c_int,
    pub define: unsafe extern "C" fn(*mut Registry, *const Function) -> c_int,
    pub refuse: unsafe extern "C" fn(*mut Registry, *const c_char) -> c_int,
    pub memory_bytes: unsafe extern "C" fn(*mut Ctx) -> u64,
    pub memory_at: unsafe extern "C" fn(*mut Ctx, u64, u64) -> *mut u8,
    pub memory_read: unsafe extern "C" fn(*mut Ctx, u64, *mut c_void, usize) -> c_int,
    pub memory_write: unsafe extern "C" fn(*mut Ctx, u64, *const c_void, usize) -> c_int,
    pub fail: unsafe extern "C" fn(*mut Ctx, *const c_char) -> c_int,
    pub ref_kind: unsafe extern "C" fn(*mut Ctx, Ref) -> c_int,
    pub object_new: unsafe extern "C" fn(*mut Ctx, *mut c_void, *const Type, *mut Ref) -> c_int,
    pub object_get: unsafe extern "C" fn(*mut Ctx, Ref, *const Type, *mut *mut c_void) -> c_int,
    pub number_new: unsafe extern "C" fn(*mut Ctx, f64, *mut Ref) -> c_int,
    pub number_get: unsafe extern "C" fn(*mut Ctx, Ref, *mut f64) -> c_int,
    pub string_new: unsafe extern "C" fn(*mut Ctx, *const c_char, usize, *mut Ref) -> c_int,
    pub string_get: unsafe extern "C" fn(*mut Ctx, Ref, *mut *const c_char, *mut usize) -> c_int,
    pub export_get: unsafe extern "C" fn(*mut Ctx, *const c_char, *const c_char, *mut Ref) -> c_int,
    pub func_check: unsafe extern "C" fn(*mut Ctx, Ref, *const c_char) -> c_int,
    pub call: unsafe extern "C" fn(*mut Ctx, Ref, *mut Value, usize) -> c_int,
    pub data_get: unsafe extern "C" fn(*mut Ctx) -> *mut c_void,
    pub data_set: unsafe extern "C" fn(*mut Ctx, *mut c_void, Option<unsafe extern "C" fn(*mut c_void)>) -> c_int,
}

/// What a host function answers: a status of the interface, whose text is left already.
pub type Result<T> = std::result::Result<T, c_int>;

fn checked(status: c_int) -> Result<()> {
    if status == OK { Ok(()) } else { Err(status) }
}

/// The call that is under way.
pub struct Call(*mut Ctx);

impl Call {
    /// # Safety
    /// `ctx` is what a callback got, and the callback has not returned.
    pub unsafe fn new(ctx: *mut Ctx) -> Self {
        Call(ctx)
    }

    fn host(&self) -> &'static Host {
        unsafe { (*self.0).host }
    }

    /// Guest memory. Nothing else of the call may be used while the slice is: calling the guest could change it.
    pub fn memory(&mut self, at: i32, bytes: usize) -> Result<&mut [u8]> {
        let start = unsafe { (self.host().memory_at)(self.0, at as u32 as u64, bytes as u64) };
        if start.is_null() {
            return Err(BOUNDS);
        }
        Ok(unsafe { std::slice::from_raw_parts_mut(start, bytes) })
    }

    pub fn fail<T>(&mut self, message: &str) -> Result<T> {
        let text = CString::new(message).unwrap_or_default();
        Err(unsafe { (self.host().fail)(self.0, text.as_ptr()) })
    }

    /// Makes a native object of a box; `kind.destroy` is to be `drop_box::<T>`.
    pub fn object<T>(&mut self, payload: Box<T>, kind: &'static Type) -> Result<Ref> {
        let mut out = 0;
        let raw = Box::into_raw(payload);
        let status = unsafe { (self.host().object_new)(self.0, raw.cast(), kind, &mut out) };
        if status != OK {
            drop(unsafe { Box::from_raw(raw) });
        }
        checked(status).map(|()| out)
    }

    /// The payload of an object of that type.
    ///
    /// # Safety
    /// `kind` is a type whose payloads are boxes of T, and nothing else refers to this one now.
    pub unsafe fn payload<T>(&mut self, reference: Ref, kind: &'static Type) -> Result<&'static mut T> {
        let mut out = std::ptr::null_mut();
        checked((self.host().object_get)(self.0, reference, kind, &mut out))?;
        Ok(&mut *out.cast())
    }

    pub fn check(&mut self, function: Ref, signature: &std::ffi::CStr) -> Result<()> {
        checked(unsafe { (self.host().func_check)(self.0, function, signature.as_ptr()) })
    }

    pub fn call(&mut self, function: Ref, values: &mut [Value]) -> Result<()> {
        checked(unsafe { (self.host().call)(self.0, function, values.as_mut_ptr(), values.len()) })
    }
}

/// Ends what `Call::object` was given.
///
/// # Safety
/// Called by wasmgate, once for each object.
pub unsafe extern "C" fn drop_box<T>(payload: *mut c_void) {
    drop(Box::from_raw(payload.cast::<T>()));
}
