//! Which of the two ways a type crosses: by itself, or through serde.
//!
//! `<Arg<T>>::TYPE` is the constant of the type `Arg<T>` itself where T crosses by itself, because what a type has comes
//! before what traits give it; elsewhere it is that of the trait, which all have. So the compiler decides, after it has
//! resolved aliases. It works for concrete types only, which is what the attributes write.

use super::value::{self, Decode, Encode};
use super::{Area, FromHost, Lend, ToHost, Type};
use crate::Error;
use std::marker::PhantomData;

/// T as what comes from the host.
pub struct Arg<T>(PhantomData<T>);

impl<T: FromHost> Arg<T> {
    /// Its name and words.
    pub const TYPE: Type = T::TYPE;

    /// Makes a T of its words.
    ///
    /// # Safety
    ///
    /// As for `FromHost::take`.
    #[inline(always)]
    pub unsafe fn take(words: [u64; 3]) -> Result<T, Error> {
        Ok(T::take(words))
    }
}

/// What `Arg` does for all other types.
pub trait TakeValue {
    /// The type.
    type Item;
    /// Its name and words.
    const TYPE: Type = value::TYPE;

    /// Makes it of its words.
    ///
    /// # Safety
    ///
    /// As for `FromHost::take`.
    unsafe fn take(words: [u64; 3]) -> Result<Self::Item, Error>
    where
        Self::Item: Decode,
    {
        value::take(words)
    }
}

impl<T> TakeValue for Arg<T> {
    type Item = T;
}

/// T as what an export gives.
pub struct Ret<T>(PhantomData<T>);

impl<T: ToHost> Ret<T> {
    /// Its name and words.
    pub const TYPE: Type = T::TYPE;

    /// Writes its words.
    #[inline(always)]
    pub fn give(value: T, area: &mut Area) -> Result<(), Error> {
        value.give(area)
    }
}

/// What `Ret` does for all other types.
pub trait GiveValue {
    /// The type.
    type Item;
    /// Its name and words.
    const TYPE: Type = value::TYPE;

    /// Writes its words.
    fn give(value: Self::Item, area: &mut Area) -> Result<(), Error>
    where
        Self::Item: Encode,
    {
        value::give(value, area)
    }
}

impl<T> GiveValue for Ret<T> {
    type Item = T;
}

/// T as what an import takes.
pub struct Lent<T: ?Sized>(PhantomData<T>);

impl<T: Lend + ?Sized> Lent<T> {
    /// Its name and words.
    pub const TYPE: Type = T::TYPE;

    /// Its words.
    #[inline(always)]
    pub fn lend(value: &T, _store: &mut Vec<u8>) -> Result<[u64; 3], Error> {
        Ok(value.lend())
    }
}

/// What `Lent` does for all other types.
pub trait LendValue {
    /// The type.
    type Item: ?Sized;
    /// Its name and words.
    const TYPE: Type = value::TYPE;

    /// Its words, good as long as `store` stays as it is.
    fn lend(value: &Self::Item, store: &mut Vec<u8>) -> Result<[u64; 3], Error>
    where
        Self::Item: Encode,
    {
        value::lend(value, store)
    }
}

impl<T: ?Sized> LendValue for Lent<T> {
    type Item = T;
}
