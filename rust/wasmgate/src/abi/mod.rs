//! What the attributes write calls to: which words a type becomes, and how.
//!
//! Plumbing of the attributes: it may change with every version, together with them.
//!
//! `FromHost`, `ToHost` and `Lend` are implemented by the types that cross by themselves. All others cross as a `value`,
//! through serde. Which of the two a type is, `probe` finds out without the attributes knowing any name of a type.

mod buffer;
mod import;
mod probe;
mod reply;
mod scalar;
mod section;
mod tuple;
mod types;
pub(crate) mod value;
mod words;

#[cfg(test)]
mod tests;

pub use buffer::Borrowed;
pub use import::{expect_lent, expect_reply, receive};
pub use probe::{Arg, GiveValue, LendValue, Lent, Ret, TakeValue};
pub use reply::{answer, reply, Reply};
pub use section::{concat, len, piece, Piece};
pub use types::{any_value, Text, Type, AREA_BYTES};
pub use value::SERDE;
pub use words::{Area, Slot, Word, F32, F64, I32, I64, NONE};

use crate::Error;

/// A type that comes from the host: a parameter of an export, or the result of an import.
pub trait FromHost: Sized {
    /// Its name and words.
    const TYPE: Type;

    /// Makes it of its words; unused ones are 0.
    ///
    /// # Safety
    ///
    /// The words are those that the host passed, once for each call: memory among them is taken over.
    unsafe fn take(words: [u64; 3]) -> Self;
}

/// A type that goes to the host: the result of an export.
pub trait ToHost {
    /// Its name and words.
    const TYPE: Type;

    /// Writes its words.
    fn give(self, area: &mut Area) -> Result<(), Error>;
}

/// A type of which a tuple may consist: any that goes to the host by itself, but results, tuples and ().
pub trait Part: ToHost {}

/// A type that can be lent to the host: a parameter of an import.
pub trait Lend {
    /// Its name and words.
    const TYPE: Type;

    /// Its words, good as long as it is borrowed.
    fn lend(&self) -> [u64; 3];
}
