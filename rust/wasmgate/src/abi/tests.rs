//! Types cross to a host that does here, with addresses of this machine, what the real one does.

use super::*;
use crate::memory;
use std::fmt::Debug;

fn text(t: &Type) -> String {
    String::from_utf8(t.text.bytes[..t.text.len].to_vec()).unwrap()
}

fn kinds(t: &Type) -> &[u8] {
    &t.words[..t.count]
}

/// The words that a result leaves in an area.
fn given<T: ToHost>(value: T) -> [u64; 12] {
    let mut memory = [0u64; 12];
    let mut words = [0u64; 12];
    unsafe {
        assert!(value
            .give(&mut Area::new(memory.as_mut_ptr().cast()))
            .is_ok());
        let mut area = Area::new(memory.as_mut_ptr().cast());
        for (word, kind) in words.iter_mut().zip(T::TYPE.words) {
            *word = area.pull(kind);
        }
    }
    words
}

/// What goes out as a result comes back as a parameter; and all three directions agree on name and words.
fn crosses<T: FromHost + ToHost + Lend + Clone + PartialEq + Debug>(
    name: &str,
    words: &[u8],
    values: &[T],
) {
    for t in [
        <T as FromHost>::TYPE,
        <T as ToHost>::TYPE,
        <T as Lend>::TYPE,
    ] {
        assert_eq!((text(&t).as_str(), kinds(&t)), (name, words));
    }
    for value in values {
        let [a, b, c, ..] = given(value.clone());
        assert_eq!(unsafe { &T::take([a, b, c]) }, value);
    }
}

#[test]
fn numbers() {
    crosses("i8", &[I32], &[i8::MIN, -1, i8::MAX]);
    crosses("u8", &[I32], &[0, u8::MAX]);
    crosses("i16", &[I32], &[i16::MIN, i16::MAX]);
    crosses("u16", &[I32], &[u16::MAX]);
    crosses("i32", &[I32], &[i32::MIN, -1, i32::MAX]);
    crosses("u32", &[I32], &[0, u32::MAX]);
    crosses("i64", &[I64], &[i64::MIN, -1, i64::MAX]);
    crosses("u64", &[I64], &[u64::MAX]);
    crosses("i128", &[I64, I64], &[i128::MIN, -1, 1, i128::MAX]);
    crosses("u128", &[I64, I64], &[0, u128::MAX, 1 << 64]);
    crosses("f32", &[F32], &[1.5f32, f32::INFINITY]);
    crosses("f64", &[F64], &[0.1, f64::MIN]);
    crosses("bool", &[I32], &[true, false]);
    crosses("char", &[I32], &['a', '\0', char::MAX]);
}

#[test]
fn options_of_numbers() {
    crosses("i8?", &[I32], &[None, Some(-1i8)]);
    crosses("u16?", &[I32], &[None, Some(u16::MAX)]);
    crosses("bool?", &[I32], &[None, Some(true), Some(false)]);
    crosses("char?", &[I32], &[None, Some(char::MAX)]);
    crosses("i32?", &[F64], &[None, Some(i32::MIN), Some(i32::MAX)]);
    crosses("u32?", &[F64], &[None, Some(u32::MAX)]);
    crosses("f32?", &[F64], &[None, Some(0.1f32)]);
    crosses("f64?", &[I32, F64], &[None, Some(0.1)]);
    crosses("i64?", &[I32, I64], &[None, Some(i64::MIN)]);
    crosses("u64?", &[I32, I64], &[None, Some(u64::MAX)]);
    crosses("i128?", &[I32, I64, I64], &[None, Some(i128::MIN)]);
}

#[test]
fn none_is_what_wasm_bindgen_has() {
    assert_eq!(given(None::<u8>)[0], 0x00FF_FFFF);
    assert_eq!(given(None::<char>)[0], 0x00FF_FFFF);
    assert_eq!(
        f64::from_bits(given(None::<i32>)[0]),
        9_007_199_254_740_991.0
    );
    assert_eq!(
        f64::from_bits(given(None::<f32>)[0]),
        9_007_199_254_740_991.0
    );
    assert_eq!(given(None::<f64>)[0], 0);
    assert_eq!(given(None::<String>)[0], 0);
}

#[test]
fn text_and_arrays() {
    let words = &[I32, I32];
    crosses("string", words, &[String::new(), "grüße".to_string()]);
    crosses(
        "string?",
        words,
        &[None, Some(String::new()), Some("x".to_string())],
    );
    crosses("bytes", words, &[vec![], vec![1u8, 255]]);
    crosses("bytes?", words, &[None, Some(vec![]), Some(vec![7u8])]);
    crosses("i16[]", words, &[vec![-1i16]]);
    crosses("f64[]", words, &[vec![0.1, 0.2]]);
    crosses("u64[]", words, &[vec![u64::MAX].into_boxed_slice()]);
    assert_eq!(text(&<&str as ToHost>::TYPE), "string");
    assert_eq!(text(&<Option<&[u32]> as ToHost>::TYPE), "u32[]?");
    assert_eq!(text(&<str as Lend>::TYPE), "string");
    assert_eq!(text(&<Option<&str> as Lend>::TYPE), "string?");
}

#[test]
fn results_have_no_spare_capacity_and_are_freed_by_the_host() {
    let mut spare = Vec::with_capacity(100);
    spare.extend([1u32, 2, 3]);
    let [ptr, len, ..] = given(spare);
    assert_eq!(len, 3);
    unsafe { memory::free(ptr as usize, 12, 4) };
    let [ptr, len, ..] = given(String::with_capacity(9));
    assert!(ptr != 0 && len == 0);
}

#[test]
fn arguments_are_taken_over() {
    let ptr = memory::malloc(6, 2);
    let words = [ptr as u64, 3, 0];
    unsafe { (ptr as *mut u16).copy_from([7, 8, 9].as_ptr(), 3) };
    assert_eq!(unsafe { Vec::<u16>::take(words) }, [7, 8, 9]);
    assert_eq!(
        unsafe { String::take([memory::malloc(0, 1) as u64, 0, 0]) },
        ""
    );
}

#[test]
fn tuples() {
    type All = (u8, String, Option<i64>);
    assert_eq!(text(&All::TYPE), "(u8, string, i64?)");
    assert_eq!(kinds(&All::TYPE), [I32, I32, I32, I32, I64]);
    let words = given((1u8, 2.5, true));
    assert_eq!((words[0], f64::from_bits(words[1]), words[2]), (1, 2.5, 1));
    type Large = (i128, i128, i128, i128);
    assert!(reply(&Large::TYPE, false).bytes > AREA_BYTES);
    assert!(reply(&<(i128, i128, i128)>::TYPE, false).bytes <= AREA_BYTES);
}

#[test]
fn the_way_of_a_type_is_found_out() {
    struct Other;
    type Alias = Option<u8>;
    assert_eq!(text(&<Arg<Alias>>::TYPE), "u8?");
    assert_eq!(text(&<Arg<Vec<String>>>::TYPE), "value");
    assert_eq!(text(&<Arg<(u8, u8)>>::TYPE), "value");
    assert_eq!(text(&<Arg<Other>>::TYPE), "value");
    assert_eq!(text(&<Ret<(u8, u8)>>::TYPE), "(u8, u8)");
    assert_eq!(text(&<Ret<(u8, Other)>>::TYPE), "value");
    assert_eq!(text(&<Ret<((u8, u8), u8)>>::TYPE), "value");
    assert_eq!(text(&<Ret<Option<Option<u8>>>>::TYPE), "value");
    assert!(<Ret<Result<u8, String>>>::TYPE.fallible);
    assert_eq!(text(&<Lent<[u8]>>::TYPE), "bytes");
    assert_eq!(text(&<Lent<[String]>>::TYPE), "value");
    assert_eq!(text(&<Lent<[u8; 4]>>::TYPE), "value");
}

#[test]
fn errors_follow_the_payload() {
    const REPLY: Reply = reply(&Type::new("", &[I32, F64]), true);
    let mut memory = [u64::MAX; 6];
    let at = memory.as_mut_ptr() as usize;
    answer::<I32, NONE>(&REPLY, at, |_| Err(Error::from("no")));
    let mut area = unsafe { Area::new(at as *mut u8) };
    area.seek(REPLY.error_at);
    let (ptr, len) = (area.pull(I32) as usize, area.pull(I32) as usize);
    assert_eq!(
        unsafe { std::slice::from_raw_parts(ptr as *const u8, len) },
        b"\0no"
    );
    unsafe { memory::free(ptr, len, 1) };

    answer::<I32, NONE>(&REPLY, at, |words| (5i32, 0.5).give(words));
    area.seek(REPLY.error_at);
    assert_eq!(area.pull(I32), 0);
    area.seek(0);
    assert_eq!((area.pull(I32), f64::from_bits(area.pull(F64))), (5, 0.5));
}

#[test]
fn one_word_needs_no_area() {
    const REPLY: Reply = reply(&<f64 as ToHost>::TYPE, false);
    assert_eq!(
        answer::<NONE, F64>(&REPLY, (), |words| 2.5.give(words)),
        2.5
    );
}

#[test]
fn lines_are_put_together() {
    const PARTS: &[Piece<'static>] = &[
        piece("export f ("),
        <i32 as ToHost>::TYPE.text.piece(),
        piece(")\n"),
    ];
    const LINE: [u8; len(PARTS)] = concat(PARTS);
    assert_eq!(&LINE, b"export f (i32)\n");
}
