use super::fault::Fault;
use super::MAX_DEPTH;
use serde::ser::{self, Serialize};
use std::cell::Cell;

thread_local! {
    /// Space that is written to again and again: the bytes of a value are copied out of it, and have no spare capacity.
    static SPACE: Cell<Vec<u8>> = Cell::default();
}

/// Space beyond that is not kept.
const MAX_KEPT: usize = 1 << 16;

/// The bytes of a value.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Fault> {
    // A value that encodes another one on its way finds no space, and makes its own.
    let mut encoder = Encoder {
        out: SPACE.with(Cell::take),
        depth: 0,
    };
    encoder.out.clear();
    encoder.out.reserve(256);
    let outcome = value.serialize(&mut encoder);
    let bytes = encoder.out.as_slice().to_vec();
    if encoder.out.capacity() <= MAX_KEPT {
        SPACE.with(|space| space.set(encoder.out));
    }
    outcome.map(|()| bytes)
}

struct Encoder {
    out: Vec<u8>,
    depth: usize,
}

impl Encoder {
    fn put(&mut self, marker: u8, bytes: &[u8]) {
        self.out.push(marker);
        self.out.extend_from_slice(bytes);
    }

    fn put_unsigned(&mut self, v: u64) {
        match v {
            0..=0x7f => self.out.push(v as u8),
            0x80..=0xff => self.put(0xcc, &[v as u8]),
            0x100..=0xffff => self.put(0xcd, &(v as u16).to_be_bytes()),
            0x1_0000..=0xffff_ffff => self.put(0xce, &(v as u32).to_be_bytes()),
            _ => self.put(0xcf, &v.to_be_bytes()),
        }
    }

    fn put_signed(&mut self, v: i64) {
        match v {
            0.. => self.put_unsigned(v as u64),
            -32..=-1 => self.out.push(v as u8),
            -0x80..=-33 => self.put(0xd0, &[v as u8]),
            -0x8000..=-0x81 => self.put(0xd1, &(v as i16).to_be_bytes()),
            -0x8000_0000..=-0x8001 => self.put(0xd2, &(v as i32).to_be_bytes()),
            _ => self.put(0xd3, &v.to_be_bytes()),
        }
    }

    /// How many bytes or elements follow: in the marker `small` below `limit`, or after the first marker that fits,
    /// of which there are three, two or, for bytes, no small one.
    fn put_len(
        &mut self,
        len: usize,
        small: u8,
        limit: usize,
        markers: [Option<u8>; 3],
    ) -> Result<(), Fault> {
        match (markers, len) {
            _ if len < limit => self.out.push(small | len as u8),
            ([Some(marker), _, _], 0..=0xff) => self.put(marker, &[len as u8]),
            ([_, Some(marker), _], 0..=0xffff) => self.put(marker, &(len as u16).to_be_bytes()),
            ([_, _, Some(marker)], _) => match u32::try_from(len) {
                Ok(len) => self.put(marker, &len.to_be_bytes()),
                Err(_) => return Err(Fault::new("longer than 2^32 - 1")),
            },
            _ => unreachable!(),
        }
        Ok(())
    }

    fn put_str(&mut self, v: &str) -> Result<(), Fault> {
        self.put_len(v.len(), 0xa0, 32, [Some(0xd9), Some(0xda), Some(0xdb)])?;
        self.out.extend_from_slice(v.as_bytes());
        Ok(())
    }

    /// Begins an array or map; of one whose length is not known, the count is written at its end.
    fn open(&mut self, len: Option<usize>, kind: Kind) -> Result<Open<'_>, Fault> {
        if self.depth == MAX_DEPTH {
            return Err(Fault::new(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            )));
        }
        self.depth += 1;
        let (small, medium, large) = match kind {
            Kind::Array => (0x90, 0xdc, 0xdd),
            Kind::Map => (0x80, 0xde, 0xdf),
        };
        let at = self.out.len();
        match len {
            Some(len) => self.put_len(len, small, 16, [None, Some(medium), Some(large)])?,
            None => self.put(large, &[0; 4]),
        }
        let count_at = if len.is_none() { Some(at + 1) } else { None };
        Ok(Open {
            encoder: self,
            count_at,
            count: 0,
        })
    }

    /// Begins the map of one entry that a variant with content is.
    fn put_variant(&mut self, variant: &str) -> Result<(), Fault> {
        self.out.push(0x81);
        self.put_str(variant)
    }
}

enum Kind {
    Array,
    Map,
}

/// An array or map that is being written.
struct Open<'a> {
    encoder: &'a mut Encoder,
    count_at: Option<usize>,
    count: u32,
}

impl Open<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let index = self.count as usize;
        self.count += 1;
        value
            .serialize(&mut *self.encoder)
            .map_err(|fault| fault.in_element(index))
    }

    fn field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Fault> {
        self.encoder.put_str(key)?;
        value
            .serialize(&mut *self.encoder)
            .map_err(|fault| fault.in_entry(key))
    }

    fn close(self) -> Result<(), Fault> {
        self.encoder.depth -= 1;
        if let Some(at) = self.count_at {
            self.encoder.out[at..at + 4].copy_from_slice(&self.count.to_be_bytes());
        }
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident, $type:ty, $put:ident as $as:ty;)*) => {$(
        fn $method(self, v: $type) -> Result<(), Fault> {
            self.$put(v as $as);
            Ok(())
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Encoder {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Open<'a>;
    type SerializeTuple = Open<'a>;
    type SerializeTupleStruct = Open<'a>;
    type SerializeTupleVariant = Open<'a>;
    type SerializeMap = Open<'a>;
    type SerializeStruct = Open<'a>;
    type SerializeStructVariant = Open<'a>;

    numbers! {
        serialize_i8, i8, put_signed as i64;
        serialize_i16, i16, put_signed as i64;
        serialize_i32, i32, put_signed as i64;
        serialize_i64, i64, put_signed as i64;
        serialize_u8, u8, put_unsigned as u64;
        serialize_u16, u16, put_unsigned as u64;
        serialize_u32, u32, put_unsigned as u64;
        serialize_u64, u64, put_unsigned as u64;
    }

    fn serialize_i128(self, v: i128) -> Result<(), Fault> {
        match (i64::try_from(v), u64::try_from(v)) {
            (Ok(v), _) => self.put_signed(v),
            (_, Ok(v)) => self.put_unsigned(v),
            _ => return Err(Fault::new(format_args!("{v} does not fit in 64 bits"))),
        }
        Ok(())
    }

    fn serialize_u128(self, v: u128) -> Result<(), Fault> {
        let fitting = u64::try_from(v)
            .map_err(|_| Fault::new(format_args!("{v} does not fit in 64 bits")))?;
        self.put_unsigned(fitting);
        Ok(())
    }

    fn serialize_f32(self, v: f32) -> Result<(), Fault> {
        self.put(0xca, &v.to_be_bytes());
        Ok(())
    }

    fn serialize_f64(self, v: f64) -> Result<(), Fault> {
        self.put(0xcb, &v.to_be_bytes());
        Ok(())
    }

    fn serialize_bool(self, v: bool) -> Result<(), Fault> {
        self.out.push(0xc2 | v as u8);
        Ok(())
    }

    fn serialize_char(self, v: char) -> Result<(), Fault> {
        self.put_str(v.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, v: &str) -> Result<(), Fault> {
        self.put_str(v)
    }

    fn serialize_bytes(self, v: &[u8]) -> Result<(), Fault> {
        self.put_len(v.len(), 0, 0, [Some(0xc4), Some(0xc5), Some(0xc6)])?;
        self.out.extend_from_slice(v);
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Fault> {
        self.out.push(0xc0);
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Fault> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Fault> {
        self.put_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.put_variant(variant)?;
        value
            .serialize(self)
            .map_err(|fault| fault.in_entry(variant))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Open<'a>, Fault> {
        self.open(len, Kind::Array)
    }

    fn serialize_tuple(self, len: usize) -> Result<Open<'a>, Fault> {
        self.open(Some(len), Kind::Array)
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Open<'a>, Fault> {
        self.open(Some(len), Kind::Array)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Open<'a>, Fault> {
        self.put_variant(variant)?;
        self.open(Some(len), Kind::Array)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Open<'a>, Fault> {
        self.open(len, Kind::Map)
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Open<'a>, Fault> {
        self.open(Some(len), Kind::Map)
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Open<'a>, Fault> {
        self.put_variant(variant)?;
        self.open(Some(len), Kind::Map)
    }
}

macro_rules! open {
    ($($trait:ident: $method:ident ($($key:ident: $type:ty)?) by $by:ident;)*) => {$(
        impl ser::$trait for Open<'_> {
            type Ok = ();
            type Error = Fault;

            fn $method<T: Serialize + ?Sized>(&mut self, $($key: $type,)? value: &T) -> Result<(), Fault> {
                self.$by($($key,)? value)
            }

            fn end(self) -> Result<(), Fault> {
                self.close()
            }
        }
    )*};
}

open! {
    SerializeSeq: serialize_element() by element;
    SerializeTuple: serialize_element() by element;
    SerializeTupleStruct: serialize_field() by element;
    SerializeTupleVariant: serialize_field() by element;
    SerializeStruct: serialize_field(key: &'static str) by field;
    SerializeStructVariant: serialize_field(key: &'static str) by field;
}

impl ser::SerializeMap for Open<'_> {
    type Ok = ();
    type Error = Fault;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Fault> {
        self.count += 1;
        key.serialize(&mut *self.encoder)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(&mut *self.encoder)
    }

    fn end(self) -> Result<(), Fault> {
        self.close()
    }
}
