//! MessagePack: the vectors shared with the host, rmp-serde as the reference, and what serde types become.

use serde::de::{self, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Debug};
use wasmgate::messagepack::{decode, encode};

/// Any value, equal to another one bit by bit.
#[derive(Debug, Clone, PartialEq)]
enum Value {
    Nil,
    Bool(bool),
    Int(i128),
    Single(u32),
    Double(u64),
    Text(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Nil => to.serialize_unit(),
            Value::Bool(v) => to.serialize_bool(*v),
            Value::Int(v) => match i64::try_from(*v) {
                Ok(v) => to.serialize_i64(v),
                Err(_) => to.serialize_u64(*v as u64),
            },
            Value::Single(v) => to.serialize_f32(f32::from_bits(*v)),
            Value::Double(v) => to.serialize_f64(f64::from_bits(*v)),
            Value::Text(v) => to.serialize_str(v),
            Value::Bytes(v) => to.serialize_bytes(v),
            Value::Array(v) => v.serialize(to),
            Value::Map(v) => {
                let mut map = to.serialize_map(Some(v.len()))?;
                for (key, value) in v {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        struct Any;
        macro_rules! visit {
            ($($method:ident $type:ty, $v:ident => $value:expr;)*) => {$(
                fn $method<E: de::Error>(self, $v: $type) -> Result<Value, E> {
                    Ok($value)
                }
            )*};
        }
        impl<'de> Visitor<'de> for Any {
            type Value = Value;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            visit! {
                visit_bool bool, v => Value::Bool(v);
                visit_i64 i64, v => Value::Int(v.into());
                visit_u64 u64, v => Value::Int(v.into());
                visit_f32 f32, v => Value::Single(v.to_bits());
                visit_f64 f64, v => Value::Double(v.to_bits());
                visit_str &str, v => Value::Text(v.into());
                visit_bytes &[u8], v => Value::Bytes(v.into());
            }
            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Nil)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
                let mut out = Vec::new();
                while let Some(part) = parts.next_element()? {
                    out.push(part);
                }
                Ok(Value::Array(out))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Value, A::Error> {
                let mut out = Vec::new();
                while let Some(entry) = parts.next_entry()? {
                    out.push(entry);
                }
                Ok(Value::Map(out))
            }
        }
        from.deserialize_any(Any)
    }
}

fn vectors() -> Json {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../test/fixtures/vectors/codec.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap())
        .collect()
}

/// The value that a vector describes.
fn value_of(of: &Json) -> Value {
    let entries = |list: &Json, key: fn(&Json) -> Value| -> Value {
        let list = list.as_array().unwrap().iter();
        Value::Map(
            list.map(|entry| (key(&entry[0]), value_of(&entry[1])))
                .collect(),
        )
    };
    match of {
        Json::Null => Value::Nil,
        Json::Bool(v) => Value::Bool(*v),
        Json::String(v) => Value::Text(v.clone()),
        Json::Array(list) => Value::Array(list.iter().map(value_of).collect()),
        Json::Object(tagged) => {
            let (tag, content) = tagged.iter().next().unwrap();
            let text = || content.as_str().unwrap();
            match tag.as_str() {
                "int" => Value::Int(text().parse().unwrap()),
                "float" => Value::Double(text().parse::<f64>().unwrap().to_bits()),
                "single" => Value::Single(text().parse::<f32>().unwrap().to_bits()),
                "bytes" => Value::Bytes(bytes_of(text())),
                "object" | "map" => entries(content, value_of),
                _ => unreachable!(),
            }
        }
        Json::Number(_) => unreachable!(),
    }
}

#[test]
fn valid_vectors() {
    for vector in vectors()["valid"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let value = value_of(&vector["value"]);
        let rust = bytes_of(vector["rust"].as_str().unwrap());
        let js = bytes_of(vector["js"].as_str().unwrap());
        assert_eq!(encode(&value).unwrap(), rust, "{name}");
        assert_eq!(decode::<Value>(&rust).unwrap(), value, "{name}");

        // JavaScript has one kind of float only.
        let from_js = match value.clone() {
            Value::Single(v) => Value::Double(f64::from(f32::from_bits(v)).to_bits()),
            other => other,
        };
        // A safe integer is an integer, whatever the type was; infinity is none.
        assert_eq!(decode::<Value>(&js).unwrap(), from_js, "{name}");
    }
}

#[test]
fn rmp_serde_agrees() {
    for vector in vectors()["valid"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let value = value_of(&vector["value"]);
        let rust = bytes_of(vector["rust"].as_str().unwrap());
        let js = bytes_of(vector["js"].as_str().unwrap());
        assert_eq!(rmp_serde::to_vec_named(&value).unwrap(), rust, "{name}");
        assert_eq!(
            rmp_serde::from_slice::<Value>(&rust).unwrap(),
            value,
            "{name}"
        );
        assert_eq!(
            rmp_serde::from_slice::<Value>(&js).unwrap(),
            decode::<Value>(&js).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn invalid_vectors() {
    for vector in vectors()["invalid"].as_array().unwrap() {
        let bytes = match &vector["bytes"] {
            Json::String(hex) => bytes_of(hex),
            repeated => {
                let part = bytes_of(repeated["repeat"].as_str().unwrap());
                let times = repeated["times"].as_u64().unwrap() as usize;
                [
                    part.repeat(times),
                    bytes_of(repeated["then"].as_str().unwrap()),
                ]
                .concat()
            }
        };
        assert!(decode::<Value>(&bytes).is_err(), "{}", vector["name"]);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Nothing,
    Circle(f64),
    Line(i32, i32),
    Label { text: String, size: Option<u8> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(u8, String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    id: u64,
    shapes: Vec<Shape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    by_name: HashMap<String, Pair>,
    by_number: BTreeMap<i16, bool>,
    letter: char,
    bytes: serde_bytes::ByteBuf,
}

fn record() -> Record {
    let shapes = vec![
        Shape::Nothing,
        Shape::Circle(1.5),
        Shape::Line(-1, 70000),
        Shape::Label {
            text: "ä".into(),
            size: Some(3),
        },
    ];
    Record {
        id: u64::MAX,
        shapes,
        note: None,
        by_name: HashMap::from([("one".into(), Pair(1, "x".into()))]),
        by_number: BTreeMap::from([(-300, true)]),
        letter: 'ß',
        bytes: serde_bytes::ByteBuf::from(vec![1, 200]),
    }
}

fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) {
    assert_eq!(decode::<T>(&encode(&value).unwrap()).unwrap(), value);
}

#[test]
fn serde_types_come_back_as_they_went() {
    same(record());
    same((Unit, ()));
    same(Some(Some(5)));
    same((1u8, -1i64, "x".to_string(), [1.5f32, 2.5]));
    same(i128::from(i64::MIN));
    same(u128::from(u64::MAX));
    same(BTreeMap::from([(Some(true), ()), (None, ())]));
    same(Vec::<Shape>::new());
    same((0..70_000).collect::<Vec<u32>>());
}

/// But for unit structs, which rmp-serde has as empty arrays, and this as nothing.
#[test]
fn structs_and_enums_are_as_rmp_serde_has_them() {
    assert_eq!(
        encode(&record()).unwrap(),
        rmp_serde::to_vec_named(&record()).unwrap()
    );
}

#[test]
fn takes_what_javascript_means() {
    // Whole numbers that travel as floats, and keys that are text.
    assert_eq!(decode::<i32>(&encode(&-0.0).unwrap()).unwrap(), 0);
    assert_eq!(
        decode::<u64>(&encode(&1e19).unwrap()).unwrap(),
        10_000_000_000_000_000_000
    );
    assert_eq!(decode::<f64>(&encode(&5).unwrap()).unwrap(), 5.0);
    assert!(decode::<i32>(&encode(&1.5).unwrap()).is_err());
    assert!(decode::<u8>(&encode(&f64::INFINITY).unwrap()).is_err());
    let keys = BTreeMap::from([("-7", true)]);
    assert_eq!(
        decode::<BTreeMap<i16, bool>>(&encode(&keys).unwrap()).unwrap(),
        BTreeMap::from([(-7, true)])
    );
    // Bytes for a Vec<u8>.
    let bytes = encode(&serde_bytes::Bytes::new(&[1, 2])).unwrap();
    assert_eq!(decode::<Vec<u8>>(&bytes).unwrap(), [1, 2]);
    // What is left out of an object is None.
    let label = encode(&BTreeMap::from([(
        "Label",
        BTreeMap::from([("text", "x")]),
    )]))
    .unwrap();
    assert_eq!(
        decode::<Shape>(&label).unwrap(),
        Shape::Label {
            text: "x".into(),
            size: None
        }
    );
}

#[test]
fn faults_say_where() {
    let fault = |value: &Value| {
        decode::<Vec<HashMap<String, Pair>>>(&encode(value).unwrap())
            .unwrap_err()
            .to_string()
    };
    let pair = Value::Array(vec![Value::Int(1), Value::Int(2)]);
    let list = Value::Array(vec![
        Value::Map(vec![]),
        Value::Map(vec![(Value::Text("key".into()), pair)]),
    ]);
    assert_eq!(
        fault(&list),
        "[1].key[1]: invalid type: integer `2`, expected a string"
    );
    assert_eq!(
        fault(&Value::Nil),
        "invalid type: unit value, expected a sequence"
    );
    assert_eq!(
        decode::<Shape>(&encode("Square").unwrap())
            .unwrap_err()
            .to_string(),
        "unknown variant `Square`, expected one of `Nothing`, `Circle`, `Line`, `Label`"
    );
    assert!(decode::<Shape>(&encode("Circle").unwrap()).is_err());
    let big = Some(u128::MAX);
    assert!(encode(&BTreeMap::from([("n", big)]))
        .unwrap_err()
        .to_string()
        .contains("64 bits"));
}

#[test]
fn hostile_lengths_allocate_nothing() {
    for bytes in [
        &b"\xdd\xff\xff\xff\xff\x01"[..],
        b"\xdf\xff\xff\xff\xff\x01",
        b"\xdb\xff\xff\xff\xff",
    ] {
        assert!(decode::<Vec<u64>>(bytes).is_err());
        assert!(decode::<Value>(bytes).is_err());
        assert!(decode::<String>(bytes).is_err());
    }
}
