//! Tuples, nothing at all, and `Result`, as the result of an export.

use super::{Area, FromHost, Part, ToHost, Type};
use crate::Error;

impl FromHost for () {
    const TYPE: Type = Type::new("()", &[]);
    #[inline(always)]
    unsafe fn take(_words: [u64; 3]) {}
}

impl ToHost for () {
    const TYPE: Type = Type::new("()", &[]);
    #[inline(always)]
    fn give(self, _area: &mut Area) -> Result<(), Error> {
        Ok(())
    }
}

impl<T: ToHost, E: Into<Error>> ToHost for Result<T, E> {
    const TYPE: Type = T::TYPE.or_error();
    #[inline(always)]
    fn give(self, area: &mut Area) -> Result<(), Error> {
        match self {
            Ok(value) => value.give(area),
            Err(error) => Err(error.into()),
        }
    }
}

macro_rules! tuple {
    ($($name:ident)+) => {
        impl<$($name: Part),+> ToHost for ($($name,)+) {
            const TYPE: Type = Type::tuple(&[$($name::TYPE),+]);
            #[inline(always)]
            #[allow(non_snake_case)]
            fn give(self, area: &mut Area) -> Result<(), Error> {
                let ($($name,)+) = self;
                $($name.give(area)?;)+
                Ok(())
            }
        }
    };
}

tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F);
tuple!(A B C D E F G);
tuple!(A B C D E F G H);
