//! The guest's side of a call to the host.

use super::{buffer, Area, Reply, Slot, Type, Word, AREA_BYTES, I32, NONE};
use crate::Error;

/// The words of a result, or the error that the host gave.
///
/// # Safety
///
/// The host has written the words, and this is called once for each call.
#[inline(always)]
pub unsafe fn receive<const DIRECT: u8>(
    result: &Type,
    reply: &Reply,
    area: &mut [u64; AREA_BYTES / 8],
    direct: <Slot<DIRECT> as Word>::Type,
) -> Result<[u64; 3], Error>
where
    Slot<DIRECT>: Word,
{
    if reply.area == NONE {
        return Ok([Slot::<DIRECT>::raw(direct), 0, 0]);
    }
    let mut words = Area::new(area.as_mut_ptr().cast());
    if reply.fallible {
        words.seek(reply.error_at);
        let (ptr, len) = (words.pull(I32) as usize, words.pull(I32) as usize);
        if ptr != 0 {
            return Err(failure(ptr, len));
        }
        words.seek(0);
    }
    Ok([
        words.pull(result.words[0]),
        words.pull(result.words[1]),
        words.pull(result.words[2]),
    ])
}

#[cold]
unsafe fn failure(ptr: usize, len: usize) -> Error {
    let bytes: Vec<u8> = buffer::Buffer::take_over(ptr, len);
    Error::from_bytes(&bytes)
}

/// The words of an argument of a function that has no way to fail.
#[inline(always)]
pub fn expect_lent(words: Result<[u64; 3], Error>, function: &str, parameter: &str) -> [u64; 3] {
    words.unwrap_or_else(|error| panic!("{function}: {parameter}: {error}"))
}

/// The result of a function that has no way to fail.
#[inline(always)]
pub fn expect_reply<T>(result: Result<T, Error>, function: &str) -> T {
    result.unwrap_or_else(|error| panic!("{function}: result: {error}"))
}
