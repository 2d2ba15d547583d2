//! MessagePack for serde: structs as maps with the names of their fields, enums as JSON has them.
//!
//! Not a crate, because those that there are need a newer Rust than this crate, or refuse a `Vec<u8>` that comes as
//! bytes, and none says where in a value the error is.

mod decode;
mod encode;
mod fault;

pub use decode::decode;
pub use encode::encode;

/// Levels of arrays and maps inside of each other, the same as on the other side.
const MAX_DEPTH: usize = 512;
