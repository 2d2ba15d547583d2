//! Text and arrays of numbers: an address and a number of elements.

use super::{Area, FromHost, Lend, Part, ToHost, Type, I32};
use crate::Error;
use std::borrow::Borrow;

const WORDS: [u8; 2] = [I32, I32];

/// What a borrowed parameter of an export is held as during the call.
pub trait Borrowed {
    /// The owned type.
    type Owned: Borrow<Self>;
}

impl<T> Borrowed for T {
    type Owned = T;
}

impl<T> Borrowed for [T] {
    type Owned = Vec<T>;
}

impl Borrowed for str {
    type Owned = String;
}

/// A number that arrays may consist of.
pub trait Element: Copy + 'static {
    /// What an array of them is called in signatures.
    const ARRAY: &'static str;
}

macro_rules! element {
    ($($type:ty, $name:literal;)*) => {$(
        impl Element for $type {
            const ARRAY: &'static str = $name;
        }
    )*};
}

element! {
    u8, "bytes";
    i8, "i8[]";
    i16, "i16[]";
    u16, "u16[]";
    i32, "i32[]";
    u32, "u32[]";
    i64, "i64[]";
    u64, "u64[]";
    f32, "f32[]";
    f64, "f64[]";
    isize, "i32[]";
    usize, "u32[]";
}

/// Something that owns elements and can be taken over.
pub trait Buffer: Sized {
    /// Its name in signatures.
    const NAME: &'static str;
    /// Takes over memory of the allocator; if there are no elements, the address means nothing.
    ///
    /// # Safety
    ///
    /// The memory holds exactly these elements, and nobody else frees it.
    unsafe fn take_over(ptr: usize, len: usize) -> Self;
}

/// Something whose elements the host can get.
pub trait Source {
    /// Its name in signatures.
    const NAME: &'static str;
    /// Address, never 0, and number of the elements, of which there is no spare capacity. The host frees them.
    fn hand_over(self) -> (usize, usize);
}

/// Something whose elements the host can look at.
pub trait View {
    /// Its name in signatures.
    const NAME: &'static str;
    /// Address, never 0, and number of the elements.
    fn view(&self) -> (usize, usize);
}

impl<E: Element> Buffer for Vec<E> {
    const NAME: &'static str = E::ARRAY;
    #[inline(always)]
    unsafe fn take_over(ptr: usize, len: usize) -> Vec<E> {
        match len {
            0 => Vec::new(),
            _ => Vec::from_raw_parts(ptr as *mut E, len, len),
        }
    }
}

impl<E: Element> Buffer for Box<[E]> {
    const NAME: &'static str = E::ARRAY;
    #[inline(always)]
    unsafe fn take_over(ptr: usize, len: usize) -> Box<[E]> {
        Vec::take_over(ptr, len).into_boxed_slice()
    }
}

impl Buffer for String {
    const NAME: &'static str = "string";
    #[inline(always)]
    unsafe fn take_over(ptr: usize, len: usize) -> String {
        String::from_utf8_unchecked(Vec::take_over(ptr, len))
    }
}

impl<E: Element> Source for Box<[E]> {
    const NAME: &'static str = E::ARRAY;
    #[inline(always)]
    fn hand_over(self) -> (usize, usize) {
        let len = self.len();
        (Box::into_raw(self).cast::<E>() as usize, len)
    }
}

macro_rules! source {
    ($type:ty, [$($parameter:tt)*], $name:expr, $self:ident => $boxed:expr) => {
        impl<$($parameter)*> Source for $type {
            const NAME: &'static str = $name;
            #[inline(always)]
            fn hand_over(self) -> (usize, usize) {
                let $self = self;
                $boxed.hand_over()
            }
        }
    };
}

source!(Vec<E>, [E: Element], E::ARRAY, v => v.into_boxed_slice());
source!(&[E], [E: Element], E::ARRAY, v => Box::<[E]>::from(v));
source!(String, [], "string", v => v.into_bytes());
source!(&str, [], "string", v => Box::<[u8]>::from(v.as_bytes()));

impl<E: Element> View for [E] {
    const NAME: &'static str = E::ARRAY;
    #[inline(always)]
    fn view(&self) -> (usize, usize) {
        (self.as_ptr() as usize, self.len())
    }
}

macro_rules! view {
    ($type:ty, [$($parameter:tt)*], $name:expr, $self:ident => $slice:expr) => {
        impl<$($parameter)*> View for $type {
            const NAME: &'static str = $name;
            #[inline(always)]
            fn view(&self) -> (usize, usize) {
                let $self = self;
                $slice.view()
            }
        }
    };
}

view!(Vec<E>, [E: Element], E::ARRAY, v => v.as_slice());
view!(Box<[E]>, [E: Element], E::ARRAY, v => (**v));
view!(str, [], "string", v => v.as_bytes());
view!(String, [], "string", v => v.as_bytes());
view!(&V, [V: View + ?Sized], V::NAME, v => (**v));

/// Implements a trait for the types that implement another one, and `Option` of them.
macro_rules! for_each {
    ($trait:ident by $helper:ident: $($type:ty, [$($parameter:tt)*];)*) => {$(
        $trait!($type, [$($parameter)*]);
    )*
        $trait!(option $helper);
    };
}

macro_rules! from_host {
    (option $helper:ident) => {
        impl<B: $helper> FromHost for Option<B> {
            const TYPE: Type = Type::option(B::NAME, &WORDS);
            #[inline(always)]
            unsafe fn take(words: [u64; 3]) -> Option<B> {
                match words[0] {
                    0 => None,
                    ptr => Some(B::take_over(ptr as usize, words[1] as usize)),
                }
            }
        }
    };
    ($type:ty, [$($parameter:tt)*]) => {
        impl<$($parameter)*> FromHost for $type {
            const TYPE: Type = Type::new(<Self as Buffer>::NAME, &WORDS);
            #[inline(always)]
            unsafe fn take(words: [u64; 3]) -> $type {
                Buffer::take_over(words[0] as usize, words[1] as usize)
            }
        }
    };
}

macro_rules! to_host {
    (option $helper:ident) => {
        impl<S: $helper> ToHost for Option<S> {
            const TYPE: Type = Type::option(S::NAME, &WORDS);
            #[inline(always)]
            fn give(self, area: &mut Area) -> Result<(), Error> {
                push(area, self.map_or((0, 0), Source::hand_over))
            }
        }

        impl<S: $helper> Part for Option<S> {}
    };
    ($type:ty, [$($parameter:tt)*]) => {
        impl<$($parameter)*> ToHost for $type {
            const TYPE: Type = Type::new(<Self as Source>::NAME, &WORDS);
            #[inline(always)]
            fn give(self, area: &mut Area) -> Result<(), Error> {
                push(area, self.hand_over())
            }
        }

        impl<$($parameter)*> Part for $type {}
    };
}

/// Writes an address and a number of elements.
#[inline(always)]
pub fn push(area: &mut Area, (ptr, len): (usize, usize)) -> Result<(), Error> {
    area.push(I32, ptr as u64);
    area.push(I32, len as u64);
    Ok(())
}

macro_rules! lend {
    (option $helper:ident) => {
        impl<V: $helper> Lend for Option<V> {
            const TYPE: Type = Type::option(V::NAME, &WORDS);
            #[inline(always)]
            fn lend(&self) -> [u64; 3] {
                words(self.as_ref().map_or((0, 0), View::view))
            }
        }
    };
    ($type:ty, [$($parameter:tt)*]) => {
        impl<$($parameter)*> Lend for $type {
            const TYPE: Type = Type::new(<Self as View>::NAME, &WORDS);
            #[inline(always)]
            fn lend(&self) -> [u64; 3] {
                words(self.view())
            }
        }
    };
}

/// An address and a number of elements as words.
#[inline(always)]
pub fn words((ptr, len): (usize, usize)) -> [u64; 3] {
    [ptr as u64, len as u64, 0]
}

for_each! { from_host by Buffer: String, []; Vec<E>, [E: Element]; Box<[E]>, [E: Element]; }
for_each! { to_host by Source: String, []; &str, []; Vec<E>, [E: Element]; &[E], [E: Element]; Box<[E]>, [E: Element]; }
for_each! { lend by View: String, []; str, []; Vec<E>, [E: Element]; [E], [E: Element]; Box<[E]>, [E: Element]; }
