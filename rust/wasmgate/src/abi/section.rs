//! The text of the custom section, put together while compiling.

use super::Text;

/// Bytes, of which the first so many count.
pub type Piece<'a> = (&'a [u8], usize);

impl Text {
    /// This text as a piece.
    pub const fn piece(&self) -> Piece<'_> {
        (&self.bytes, self.len)
    }
}

/// A text as a piece.
pub const fn piece(text: &str) -> Piece<'_> {
    (text.as_bytes(), text.len())
}

/// How many bytes these are.
pub const fn len(pieces: &[Piece<'_>]) -> usize {
    let mut total = 0;
    let mut i = 0;
    while i < pieces.len() {
        total += pieces[i].1;
        i += 1;
    }
    total
}

/// All of them, one after the other.
pub const fn concat<const N: usize>(pieces: &[Piece<'_>]) -> [u8; N] {
    let mut out = [0; N];
    let mut at = 0;
    let mut i = 0;
    while i < pieces.len() {
        let (bytes, len) = pieces[i];
        let mut j = 0;
        while j < len {
            out[at] = bytes[j];
            at += 1;
            j += 1;
        }
        i += 1;
    }
    out
}
