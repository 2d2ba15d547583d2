use super::fault::Fault;
use super::MAX_DEPTH;
use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer, UnitDeserializer};
use serde::de::{self, Deserialize, DeserializeSeed, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

/// The value of these bytes, all of them.
pub fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Fault> {
    let mut decoder = Decoder {
        rest: bytes,
        depth: 0,
    };
    let value = T::deserialize(&mut decoder)?;
    match decoder.rest {
        [] => Ok(value),
        _ => Err(Fault::new("more bytes follow the value")),
    }
}

struct Decoder<'de> {
    /// The bytes that have not been read yet.
    rest: &'de [u8],
    depth: usize,
}

#[cold]
fn too_early() -> Fault {
    Fault::new("the bytes end too early")
}

/// A value as it stands there, its parts not read yet.
enum Item<'de> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Single(f32),
    Double(f64),
    Text(&'de str),
    Bytes(&'de [u8]),
    Array(usize),
    Map(usize),
}

impl<'de> Decoder<'de> {
    fn take(&mut self, count: usize) -> Result<&'de [u8], Fault> {
        if count > self.rest.len() {
            return Err(too_early());
        }
        let (taken, rest) = self.rest.split_at(count);
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut out = [0; N];
        out.copy_from_slice(self.take(N)?);
        Ok(out)
    }

    /// An unsigned number of 2^power bytes.
    fn unsigned(&mut self, power: u8) -> Result<u64, Fault> {
        Ok(match power {
            0 => self.array::<1>()?[0].into(),
            1 => u16::from_be_bytes(self.array()?).into(),
            2 => u32::from_be_bytes(self.array()?).into(),
            _ => u64::from_be_bytes(self.array()?),
        })
    }

    fn text(&mut self, len: usize) -> Result<Item<'de>, Fault> {
        let bytes = self.take(len)?;
        if bytes.is_ascii() {
            // SAFETY: ASCII is UTF-8.
            return Ok(Item::Text(unsafe { std::str::from_utf8_unchecked(bytes) }));
        }
        std::str::from_utf8(bytes)
            .map(Item::Text)
            .map_err(Fault::new)
    }

    fn item(&mut self) -> Result<Item<'de>, Fault> {
        let [marker] = self.array::<1>()?;
        Ok(match marker {
            0x00..=0x7f => Item::Unsigned(marker.into()),
            0xe0..=0xff => Item::Signed((marker as i8).into()),
            0xa0..=0xbf => self.text((marker & 0x1f).into())?,
            0x80..=0x8f => Item::Map((marker & 0x0f).into()),
            0x90..=0x9f => Item::Array((marker & 0x0f).into()),
            0xc0 => Item::Nil,
            0xc2 | 0xc3 => Item::Bool(marker == 0xc3),
            0xc4..=0xc6 => {
                let len = self.unsigned(marker - 0xc4)?;
                Item::Bytes(self.take(len as usize)?)
            }
            0xca => Item::Single(f32::from_be_bytes(self.array()?)),
            0xcb => Item::Double(f64::from_be_bytes(self.array()?)),
            0xcc..=0xcf => Item::Unsigned(self.unsigned(marker - 0xcc)?),
            0xd0 => Item::Signed(i8::from_be_bytes(self.array()?).into()),
            0xd1 => Item::Signed(i16::from_be_bytes(self.array()?).into()),
            0xd2 => Item::Signed(i32::from_be_bytes(self.array()?).into()),
            0xd3 => Item::Signed(i64::from_be_bytes(self.array()?)),
            0xd9..=0xdb => {
                let len = self.unsigned(marker - 0xd9)?;
                self.text(len as usize)?
            }
            0xdc | 0xdd => Item::Array(self.unsigned(marker - 0xdc + 1)? as usize),
            0xde | 0xdf => Item::Map(self.unsigned(marker - 0xde + 1)? as usize),
            _ => return Err(Fault::new("not MessagePack without extensions")),
        })
    }

    fn visit<V: Visitor<'de>>(&mut self, item: Item<'de>, visitor: V) -> Result<V::Value, Fault> {
        match item {
            Item::Nil => visitor.visit_unit(),
            Item::Bool(v) => visitor.visit_bool(v),
            Item::Unsigned(v) => visitor.visit_u64(v),
            Item::Signed(v) => visitor.visit_i64(v),
            Item::Single(v) => visitor.visit_f32(v),
            Item::Double(v) => visitor.visit_f64(v),
            Item::Text(v) => visitor.visit_borrowed_str(v),
            Item::Bytes(v) => visitor.visit_borrowed_bytes(v),
            Item::Array(count) => self.inside(count, |parts| visitor.visit_seq(parts)),
            Item::Map(count) => self.inside(count, |parts| visitor.visit_map(parts)),
        }
    }

    /// Reads the parts of an array or map: all of them, or it is an error.
    fn inside<T>(
        &mut self,
        count: usize,
        read: impl FnOnce(&mut Parts<'_, 'de>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            )));
        }
        // A part takes a byte at least: a count says nothing about what is there.
        if count > self.rest.len() {
            return Err(too_early());
        }
        self.depth += 1;
        let mut parts = Parts {
            decoder: self,
            count,
            left: count,
            key: &[],
        };
        let value = read(&mut parts)?;
        let left = parts.left;
        self.depth -= 1;
        match left {
            0 => Ok(value),
            _ => Err(de::Error::invalid_length(count, &"fewer")),
        }
    }
}

/// A whole number, whatever it is written as: to JavaScript 1 and 1.0 are the same.
fn whole<'de>(item: Item<'de>) -> Item<'de> {
    match item {
        Item::Double(v) if v.fract() == 0.0 && v.abs() < 9.2e18 => Item::Signed(v as i64),
        Item::Double(v) if v.fract() == 0.0 && v > 0.0 && v < 1.8e19 => Item::Unsigned(v as u64),
        other => other,
    }
}

macro_rules! integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let item = whole(self.item()?);
            self.visit(item, visitor)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Decoder<'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let item = self.item()?;
        self.visit(item, visitor)
    }

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.rest {
            [0xc0, rest @ ..] => {
                self.rest = rest;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.item()? {
            Item::Bytes(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.iter().copied())),
            item => self.visit(item, visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.item()? {
            Item::Text(name) => visitor.visit_enum(Variant {
                name,
                content: None,
            }),
            Item::Map(1) => self.inside(1, |parts| {
                parts.left = 0;
                match parts.decoder.item()? {
                    Item::Text(name) => visitor
                        .visit_enum(Variant {
                            name,
                            content: Some(&mut *parts.decoder),
                        })
                        .map_err(|fault| fault.in_entry(name)),
                    _ => Err(Fault::new(
                        "the key of an object for an enum is the name of a variant",
                    )),
                }
            }),
            item => {
                struct Wrong;
                impl<'de> Visitor<'de> for Wrong {
                    type Value = std::convert::Infallible;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("the name of a variant, or an object with that as its only key")
                    }
                }
                self.visit(item, Wrong).map(|never| match never {})
            }
        }
    }

    /// Names of fields and variants are compared as bytes: those that are not UTF-8 equal none.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.rest {
            [marker @ 0xa0..=0xbf, rest @ ..] => {
                self.rest = rest;
                visitor.visit_borrowed_bytes(self.take((marker & 0x1f).into())?)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct map struct ignored_any
    }
}

/// The parts of an array or map that are being read.
struct Parts<'a, 'de> {
    decoder: &'a mut Decoder<'de>,
    count: usize,
    left: usize,
    /// The last key and what follows it.
    key: &'de [u8],
}

impl<'de> de::SeqAccess<'de> for &mut Parts<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        let index = self.count - self.left;
        self.left -= 1;
        seed.deserialize(&mut *self.decoder)
            .map(Some)
            .map_err(|fault| fault.in_element(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> de::MapAccess<'de> for &mut Parts<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.key = self.decoder.rest;
        seed.deserialize(Key(self.decoder)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(&mut *self.decoder)
            .map_err(|fault| self.locate(fault))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl Parts<'_, '_> {
    #[cold]
    fn locate(&mut self, fault: Fault) -> Fault {
        self.decoder.rest = self.key;
        match self.decoder.item() {
            Ok(Item::Text(key)) => fault.in_entry(key),
            Ok(Item::Unsigned(key)) => fault.in_entry(&key.to_string()),
            Ok(Item::Signed(key)) => fault.in_entry(&key.to_string()),
            _ => fault.in_entry("(key)"),
        }
    }
}

/// The key of a map. The keys of JavaScript's objects are strings, also where they mean numbers.
struct Key<'a, 'de>(&'a mut Decoder<'de>);

macro_rules! keys {
    ($($method:ident $type:ty as $visit:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            match whole(self.0.item()?) {
                Item::Text(text) => match text.parse::<$type>() {
                    Ok(number) => visitor.$visit(number.into()),
                    Err(_) => visitor.visit_borrowed_str(text),
                },
                item => self.0.visit(item, visitor),
            }
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Key<'_, 'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.0.deserialize_any(visitor)
    }

    keys! {
        deserialize_i8 i8 as visit_i64;
        deserialize_i16 i16 as visit_i64;
        deserialize_i32 i32 as visit_i64;
        deserialize_i64 i64 as visit_i64;
        deserialize_u8 u8 as visit_u64;
        deserialize_u16 u16 as visit_u64;
        deserialize_u32 u32 as visit_u64;
        deserialize_u64 u64 as visit_u64;
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.0.deserialize_option(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.0.deserialize_identifier(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        i128 u128 bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        ignored_any
    }
}

/// A variant: its name alone, or with content.
struct Variant<'a, 'de> {
    name: &'de str,
    content: Option<&'a mut Decoder<'de>>,
}

impl<'a, 'de> de::EnumAccess<'de> for Variant<'a, 'de> {
    type Error = Fault;
    type Variant = Content<'a, 'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Content<'a, 'de>), Fault> {
        let name: BorrowedStrDeserializer<'de, Fault> = BorrowedStrDeserializer::new(self.name);
        Ok((seed.deserialize(name)?, Content(self.content)))
    }
}

/// What a variant holds. With only its name, that is nothing.
struct Content<'a, 'de>(Option<&'a mut Decoder<'de>>);

impl<'de> Content<'_, 'de> {
    fn nothing() -> UnitDeserializer<Fault> {
        ().into_deserializer()
    }
}

impl<'de> de::VariantAccess<'de> for Content<'_, 'de> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        match self.0 {
            Some(decoder) => Deserialize::deserialize(decoder),
            None => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        match self.0 {
            Some(decoder) => seed.deserialize(decoder),
            None => seed.deserialize(Self::nothing()),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            Some(decoder) => de::Deserializer::deserialize_tuple(decoder, len, visitor),
            None => visitor.visit_unit(),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match self.0 {
            Some(decoder) => de::Deserializer::deserialize_any(decoder, visitor),
            None => visitor.visit_unit(),
        }
    }
}
