//! How the result of a function travels.

use super::types::MAX_WORDS;
use super::words::word_bytes;
use super::{buffer, Area, Slot, Type, Word, I32, NONE};
use crate::Error;

/// How the result of a function travels.
#[derive(Clone, Copy)]
pub struct Reply {
    /// Kind of the parameter that is the address of the return area, if there is one.
    pub area: u8,
    /// Kind of the word that is returned, if there is one.
    pub direct: u8,
    /// Whether error words follow the payload.
    pub fallible: bool,
    /// Where they do, in bytes.
    pub error_at: usize,
    /// Bytes of the area that are used.
    pub bytes: usize,
}

const ADDRESS: usize = std::mem::size_of::<usize>();

/// How a result of that type travels.
pub const fn reply(result: &Type, fallible: bool) -> Reply {
    let words = result.count + if fallible { 2 } else { 0 };
    let in_area = words > 1;
    // The limit is that of WebAssembly, wherever this is compiled.
    let end = align(payload_bytes(result, 4), if fallible { 4 } else { 1 });
    Reply {
        area: if in_area { I32 } else { NONE },
        direct: if in_area { NONE } else { result.words[0] },
        fallible,
        error_at: align(payload_bytes(result, ADDRESS), ADDRESS),
        bytes: end + if fallible { 8 } else { 0 },
    }
}

const fn align(at: usize, bytes: usize) -> usize {
    (at + bytes - 1) / bytes * bytes
}

const fn payload_bytes(t: &Type, address: usize) -> usize {
    let mut at = 0;
    let mut i = 0;
    while i < t.count && i < MAX_WORDS {
        let bytes = word_bytes(t.words[i], address);
        at = align(at, bytes) + bytes;
        i += 1;
    }
    // Words beyond are not known any more, but too many anyway.
    at + (t.count - i) * 4
}

/// Writes a result, with error words if there may be an error, and returns the word that is returned directly.
#[inline(always)]
pub fn answer<const AREA: u8, const DIRECT: u8>(
    reply: &Reply,
    area: <Slot<AREA> as Word>::Type,
    write: impl FnOnce(&mut Area) -> Result<(), Error>,
) -> <Slot<DIRECT> as Word>::Type
where
    Slot<AREA>: Word,
    Slot<DIRECT>: Word,
{
    let mut local = [0u64; 1];
    let base = match AREA {
        NONE => local.as_mut_ptr().cast(),
        _ => Slot::<AREA>::raw(area) as usize as *mut u8,
    };
    // SAFETY: at most one word goes to `local`; the host gave an area that is large enough.
    let mut words = unsafe { Area::new(base) };
    let outcome = write(&mut words);
    words.seek(reply.error_at);
    match outcome {
        Ok(()) if !reply.fallible => {}
        Ok(()) => words.push(I32, 0),
        Err(error) => fail(reply, words, error),
    }
    let mut words = unsafe { Area::new(base) };
    Slot::<DIRECT>::of(words.pull(DIRECT))
}

#[cold]
#[inline(never)]
fn fail(reply: &Reply, mut words: Area, error: Error) {
    assert!(reply.fallible, "{error}");
    let _ = buffer::push(&mut words, buffer::Source::hand_over(error.into_bytes()));
}

#[cfg(test)]
mod tests {
    use super::super::{F64, I64};
    use super::*;

    const fn words(words: &[u8], fallible: bool) -> Reply {
        reply(&Type::new("", words), fallible)
    }

    #[test]
    fn one_word_is_returned_directly() {
        assert_eq!(
            (words(&[], false).area, words(&[], false).direct),
            (NONE, NONE)
        );
        assert_eq!(
            (words(&[F64], false).area, words(&[F64], false).direct),
            (NONE, F64)
        );
        assert_eq!(
            (words(&[], true).area, words(&[], true).direct),
            (I32, NONE)
        );
        assert_eq!(
            (words(&[I32, I32], false).area, words(&[I32], true).area),
            (I32, I32)
        );
    }

    #[test]
    fn words_have_their_natural_alignment() {
        assert_eq!(words(&[I32, I64], false).bytes, 16);
        assert_eq!(words(&[I64, I32], false).bytes, 12);
        assert_eq!(words(&[I32, I64, I32], true).bytes, 28);
        assert_eq!(words(&[I32; 12], false).bytes, 48);
        assert_eq!(words(&[I64; 6], false).bytes, 48);
        assert!(words(&[I32; 13], false).bytes > 48);
        assert!(words(&[I32; 11], true).bytes > 48);
    }
}
