//! For WebAssembly modules that wasmgate runs in Node.js servers.
//!
//! A function with [`#[wasmgate::export]`](macro@export) is called from JavaScript like one of its own; with
//! [`#[wasmgate::import]`](macro@import) Rust calls functions that the host provides. No tool has to process the module:
//! what functions take and give stands in a custom section of it.
//!
//! ```
//! #[wasmgate::export]
//! fn say(name: &str) -> Result<String, wasmgate::Error> {
//!     if name.is_empty() {
//!         return Err("a name is needed".into());
//!     }
//!     Ok(format!("hello {name}"))
//! }
//!
//! #[wasmgate::import(module = "env")]
//! extern "C" {
//!     fn log(text: &str);
//! }
//! ```
//!
//! # Types
//!
//! | Rust | JavaScript |
//! | --- | --- |
//! | `bool`, `char` | boolean, string of one character |
//! | `i8` … `u32`, `isize`, `usize`, `f32`, `f64` | number |
//! | `i64`, `u64`, `i128`, `u128` | bigint |
//! | `String`, `&str` | string |
//! | `Vec<u8>`, `&[u8]`, `Box<[u8]>` | `Uint8Array` |
//! | the same of other numbers up to 64 bits | the typed array of that number |
//! | `Option<T>` of the above | as T, or undefined |
//! | `Result<T, E>` as a result | as T; an `Err` is thrown |
//! | `(A, B, …)` as the result of an export | array |
//! | anything else that serde can, with the feature `serde` | plain objects, arrays, maps |
//!
//! The types are recognised by traits, so aliases of them work. References are allowed as the type of a whole parameter
//! or result, not inside of another type of a parameter. An export that takes or gives a type of the last row can fail,
//! because the caller's value may not fit: JavaScript then sees an error that says where.
//!
//! # Limits
//!
//! Exported functions are free functions without type parameters; `async` is not supported. A result takes at most 48
//! bytes of words, which only long tuples exceed; a struct has no such limit.
//!
//! The binary interface is described in `docs/guest-abi.md` of wasmgate's repository.

#![warn(missing_docs)]

#[cfg(all(target_family = "wasm", target_pointer_width = "64"))]
compile_error!(
    "wasmgate needs a WebAssembly target with 32-bit addresses, such as wasm32-unknown-unknown"
);

#[doc(hidden)]
pub mod abi;
mod error;
#[doc(hidden)]
pub mod memory;
#[cfg(feature = "serde")]
#[doc(hidden)]
pub mod messagepack;
#[cfg(target_os = "wasi")]
mod reactor;

pub use error::Error;

/// Makes a function callable from JavaScript.
///
/// The export has the name of the function, or that of `#[wasmgate::export(name = "sayHello")]`. Doc comments become
/// those of the generated TypeScript types. The function itself stays as it is; for targets other than WebAssembly
/// nothing is exported, so it can be tested like any other.
///
/// A type that cannot cross is an error of the compiler.
pub use wasmgate_macros::export;

/// Declares functions of the host, which Rust then calls like safe functions of its own.
///
/// ```
/// #[wasmgate::import(module = "env")]
/// extern "C" {
///     fn now() -> i64;
///     fn log(text: &str);
///     #[link_name = "lookUp"]
///     fn look_up(key: &str) -> Result<Option<String>, wasmgate::Error>;
/// }
/// ```
///
/// The name of the import is that of the function, or its `link_name`; the module is `env` unless it is given. What is
/// passed is borrowed for the call. A function that returns a `Result` gets the host's failure as an `Err`; with any
/// other the host ends the call of the guest. For targets other than WebAssembly, calling one panics.
pub use wasmgate_macros::import;
