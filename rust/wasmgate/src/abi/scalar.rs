//! Numbers, booleans and characters, and options of them.

use super::{Area, FromHost, Lend, Part, ToHost, Type, F32, F64, I32, I64};
use crate::Error;

/// None of an option that fits 24 bits.
const SMALL_NONE: u64 = 0x00FF_FFFF;
/// None of an option that travels as f64: 2^53 - 1.
const DOUBLE_NONE: f64 = 9_007_199_254_740_991.0;

/// Implements the traits for a type and its option, given their words in both directions.
macro_rules! scalar {
    ($type:ty, $name:literal, $words:expr, $self:ident => $lower:expr, $raw:ident => $lift:expr) => {
        impl FromHost for $type {
            const TYPE: Type = Type::new($name, &$words);
            #[inline(always)]
            unsafe fn take($raw: [u64; 3]) -> $type {
                $lift
            }
        }

        impl ToHost for $type {
            const TYPE: Type = Type::new($name, &$words);
            #[inline(always)]
            fn give(self, area: &mut Area) -> Result<(), Error> {
                push(area, &<Self as ToHost>::TYPE, self.lend())
            }
        }

        impl Lend for $type {
            const TYPE: Type = Type::new($name, &$words);
            #[inline(always)]
            fn lend(&self) -> [u64; 3] {
                let $self = *self;
                $lower
            }
        }

        impl Part for $type {}
    };
}

#[inline(always)]
fn push(area: &mut Area, t: &Type, words: [u64; 3]) -> Result<(), Error> {
    area.push(t.words[0], words[0]);
    area.push(t.words[1], words[1]);
    area.push(t.words[2], words[2]);
    Ok(())
}

/// Implements the traits for the option of a type.
macro_rules! option {
    ($type:ty, $name:literal, $words:expr, $self:ident => $lower:expr, $raw:ident => $lift:expr) => {
        impl FromHost for Option<$type> {
            const TYPE: Type = Type::option($name, &$words);
            #[inline(always)]
            unsafe fn take($raw: [u64; 3]) -> Option<$type> {
                $lift
            }
        }

        impl ToHost for Option<$type> {
            const TYPE: Type = Type::option($name, &$words);
            #[inline(always)]
            fn give(self, area: &mut Area) -> Result<(), Error> {
                push(area, &<Self as ToHost>::TYPE, self.lend())
            }
        }

        impl Lend for Option<$type> {
            const TYPE: Type = Type::option($name, &$words);
            #[inline(always)]
            fn lend(&self) -> [u64; 3] {
                let $self = *self;
                $lower
            }
        }

        impl Part for Option<$type> {}
    };
}

/// Types of at most 24 bits, with the unsigned number that stands for a value of theirs.
macro_rules! small {
    ($($type:ty, $name:literal, $self:ident => $lower:expr, $raw:ident => $lift:expr;)*) => {$(
        scalar!($type, $name, [I32], $self => [$lower, 0, 0], words => { let $raw = words[0] as u32; $lift });
        option!($type, $name, [I32], option => [option.map_or(SMALL_NONE, |$self| $lower), 0, 0], words => {
            let $raw = words[0] as u32;
            if words[0] == SMALL_NONE { None } else { Some($lift) }
        });
    )*};
}

small! {
    i8, "i8", v => v as u32 as u64, raw => raw as i8;
    u8, "u8", v => v as u64, raw => raw as u8;
    i16, "i16", v => v as u32 as u64, raw => raw as i16;
    u16, "u16", v => v as u64, raw => raw as u16;
    bool, "bool", v => v as u64, raw => raw != 0;
    char, "char", v => v as u64, raw => char::from_u32(raw).unwrap_or(char::REPLACEMENT_CHARACTER);
}

/// Integers of 32 bits, whose options travel as f64.
macro_rules! medium {
    ($($type:ty, $name:literal;)*) => {$(
        scalar!($type, $name, [I32], v => [v as u32 as u64, 0, 0], words => words[0] as u32 as $type);
        option!($type, $name, [F64], option => [option.map_or(DOUBLE_NONE, |v| v as f64).to_bits(), 0, 0], words => {
            let number = f64::from_bits(words[0]);
            if number == DOUBLE_NONE { None } else { Some(number as $type) }
        });
    )*};
}

medium! {
    i32, "i32";
    u32, "u32";
    isize, "i32";
    usize, "u32";
}

scalar!(f32, "f32", [F32], v => [v.to_bits() as u64, 0, 0], words => f32::from_bits(words[0] as u32));
option!(f32, "f32", [F64], option => [option.map_or(DOUBLE_NONE, |v| v as f64).to_bits(), 0, 0], words => {
    let number = f64::from_bits(words[0]);
    if number == DOUBLE_NONE { None } else { Some(number as f32) }
});

/// Types of several or of 64-bit words, whose options say in a word before whether they are there.
macro_rules! large {
    ($($type:ty, $name:literal, [$($kind:ident),*], $self:ident => [$low:expr, $high:expr], $a:ident $b:ident => $lift:expr;)*) => {$(
        scalar!($type, $name, [$($kind),*], $self => [$low, $high, 0], words => { let [$a, $b, _] = words; $lift });
        option!($type, $name, [I32, $($kind),*], option => option.map_or([0; 3], |$self| [1, $low, $high]), words => {
            let [flag, $a, $b] = words;
            if flag == 0 { None } else { Some($lift) }
        });
    )*};
}

large! {
    f64, "f64", [F64], v => [v.to_bits(), 0], a _b => f64::from_bits(a);
    i64, "i64", [I64], v => [v as u64, 0], a _b => a as i64;
    u64, "u64", [I64], v => [v, 0], a _b => a;
    i128, "i128", [I64, I64], v => [v as u64, (v >> 64) as u64], a b => (b as i128) << 64 | a as i128;
    u128, "u128", [I64, I64], v => [v as u64, (v >> 64) as u64], a b => (b as u128) << 64 | a as u128;
}
