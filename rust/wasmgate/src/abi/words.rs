//! Words: the wasm values that a type becomes.

/// No word.
pub const NONE: u8 = 0;
/// A 32-bit integer or an address.
pub const I32: u8 = 1;
/// A 64-bit integer.
pub const I64: u8 = 2;
/// A 32-bit floating-point number.
pub const F32: u8 = 3;
/// A 64-bit floating-point number.
pub const F64: u8 = 4;

/// Bytes and alignment of a word in memory, where addresses have that many bytes.
pub(crate) const fn word_bytes(kind: u8, address: usize) -> usize {
    match kind {
        NONE => 0,
        I32 => address,
        F32 => 4,
        _ => 8,
    }
}

/// A place of a parameter or result for a word of that kind. One without a word is of type (), which takes no place.
pub struct Slot<const KIND: u8>;

/// Which Rust type a slot has.
pub trait Word {
    /// The type.
    type Type: Copy;
    /// The bits of a word.
    fn raw(value: Self::Type) -> u64;
    /// The word of these bits.
    fn of(raw: u64) -> Self::Type;
}

macro_rules! word {
    ($kind:ident, $type:ty, $value:ident => $raw:expr, $bits:ident => $of:expr) => {
        impl Word for Slot<$kind> {
            type Type = $type;
            #[inline(always)]
            fn raw($value: $type) -> u64 {
                $raw
            }
            #[inline(always)]
            fn of($bits: u64) -> $type {
                $of
            }
        }
    };
}

word!(NONE, (), _value => 0, _bits => ());
// Of the size of an address, so that all of this can be tested outside of WebAssembly.
word!(I32, usize, value => value as u64, bits => bits as usize);
word!(I64, u64, value => value, bits => bits);
word!(F32, f32, value => value.to_bits().into(), bits => f32::from_bits(bits as u32));
word!(F64, f64, value => value.to_bits(), bits => f64::from_bits(bits));

/// Words in memory, one after the other, each at its natural alignment.
pub struct Area {
    base: *mut u8,
    at: usize,
}

impl Area {
    /// The words at an address.
    ///
    /// # Safety
    ///
    /// There is space for the words that are going to be written or read, and the alignment of the largest.
    #[inline(always)]
    pub unsafe fn new(base: *mut u8) -> Area {
        Area { base, at: 0 }
    }

    /// Goes to a number of bytes after the first.
    #[inline(always)]
    pub fn seek(&mut self, at: usize) {
        self.at = at;
    }

    #[inline(always)]
    unsafe fn place(&mut self, kind: u8) -> *mut u8 {
        let bytes = word_bytes(kind, std::mem::size_of::<usize>());
        let start = if bytes == 0 {
            self.at
        } else {
            (self.at + bytes - 1) / bytes * bytes
        };
        self.at = start + bytes;
        self.base.add(start)
    }

    /// Writes a word.
    #[inline(always)]
    pub(crate) fn push(&mut self, kind: u8, raw: u64) {
        // SAFETY: promised by the caller of `new`.
        unsafe {
            let place = self.place(kind);
            match kind {
                NONE => {}
                I32 => place.cast::<usize>().write(raw as usize),
                F32 => place.cast::<u32>().write(raw as u32),
                _ => place.cast::<u64>().write(raw),
            }
        }
    }

    /// Reads a word.
    #[inline(always)]
    pub fn pull(&mut self, kind: u8) -> u64 {
        // SAFETY: promised by the caller of `new`.
        unsafe {
            let place = self.place(kind);
            match kind {
                NONE => 0,
                I32 => place.cast::<usize>().read() as u64,
                F32 => place.cast::<u32>().read().into(),
                _ => place.cast::<u64>().read(),
            }
        }
    }
}
