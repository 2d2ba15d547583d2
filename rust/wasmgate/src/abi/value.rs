//! Values that cross through serde, as MessagePack.

use super::buffer;
use super::{Area, Type, I32};
#[cfg(feature = "serde")]
use crate::messagepack;
use crate::Error;

/// Whether types cross through serde.
pub const SERDE: bool = cfg!(feature = "serde");

/// How all of them cross: bytes.
pub const TYPE: Type = {
    let mut it = Type::new("value", &[I32, I32]);
    it.is_value = true;
    it
};

/// Any type that can be deserialized.
#[cfg(feature = "serde")]
pub use serde::de::DeserializeOwned as Decode;
/// Any type that can be serialized; without serde, any at all, and the attribute has reported it.
#[cfg(feature = "serde")]
pub use serde::Serialize as Encode;

#[cfg(not(feature = "serde"))]
pub trait Encode {}
#[cfg(not(feature = "serde"))]
impl<T: ?Sized> Encode for T {}
#[cfg(not(feature = "serde"))]
pub trait Decode {}
#[cfg(not(feature = "serde"))]
impl<T: ?Sized> Decode for T {}

/// The bytes of a value.
#[cfg(feature = "serde")]
pub fn encode<T: Encode + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    messagepack::encode(value)
        .map_err(|fault| Error::new(format_args!("cannot be passed: {fault}")))
}

/// The value of these bytes.
#[cfg(feature = "serde")]
pub fn decode<T: Decode>(bytes: &[u8]) -> Result<T, Error> {
    messagepack::decode(bytes).map_err(Error::new)
}

#[cfg(not(feature = "serde"))]
pub fn encode<T: Encode + ?Sized>(_value: &T) -> Result<Vec<u8>, Error> {
    unreachable!("refused by the attribute")
}

#[cfg(not(feature = "serde"))]
pub fn decode<T: Decode>(_bytes: &[u8]) -> Result<T, Error> {
    unreachable!("refused by the attribute")
}

/// Takes over the bytes of a value and makes it of them.
///
/// # Safety
///
/// As for `FromHost::take`.
pub unsafe fn take<T: Decode>(words: [u64; 3]) -> Result<T, Error> {
    let bytes: Vec<u8> = buffer::Buffer::take_over(words[0] as usize, words[1] as usize);
    decode(&bytes)
}

/// Writes the words of a value.
pub fn give<T: Encode>(value: T, area: &mut Area) -> Result<(), Error> {
    buffer::push(area, buffer::Source::hand_over(encode(&value)?))
}

/// The words of a value whose bytes are kept in `store`.
pub fn lend<T: Encode + ?Sized>(value: &T, store: &mut Vec<u8>) -> Result<[u64; 3], Error> {
    *store = encode(value)?;
    Ok(buffer::words((store.as_ptr() as usize, store.len())))
}
