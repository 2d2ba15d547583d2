//! The demo guest: text, bytes, 64-bit integers, errors and one function that does real work.

use serde::Serialize;
use std::collections::HashMap;
use unicode_segmentation::UnicodeSegmentation;
use wasm_bindgen::prelude::*;

/// How many of the most frequent words `words` lists.
const TOP: usize = 10;

/// Greets by name.
#[wasm_bindgen]
pub fn say(name: &str) -> String {
    format!("hello {name}")
}

/// Returns the bytes in reverse order.
#[wasm_bindgen]
pub fn reverse(data: &[u8]) -> Vec<u8> {
    data.iter().rev().copied().collect()
}

/// Adds two integers, wrapping around at 32 bits.
#[wasm_bindgen]
pub fn add(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}

/// Least common multiple; 0 if either number is 0, an error if the result needs more than 64 bits.
#[wasm_bindgen]
pub fn lcm(a: u64, b: u64) -> Result<u64, JsError> {
    if a == 0 || b == 0 {
        return Ok(0);
    }
    (a / gcd(a, b))
        .checked_mul(b)
        .ok_or_else(|| JsError::new(&format!("lcm({a}, {b}) does not fit in 64 bits")))
}

/// Counts a text and its words; returns a JSON object.
///
/// Words are those of Unicode's text segmentation, compared in lower case.
#[wasm_bindgen]
pub fn words(text: &str) -> String {
    let mut counts: HashMap<String, u32> = HashMap::new();
    let mut total = 0;
    for word in text.unicode_words() {
        total += 1;
        *counts.entry(word.to_lowercase()).or_default() += 1;
    }

    let mut ranking: Vec<Entry> = counts
        .into_iter()
        .map(|(word, count)| Entry { word, count })
        .collect();
    ranking.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.word.cmp(&b.word)));

    let unique = ranking.len();
    let longest = longest(&ranking);
    ranking.truncate(TOP);

    let report = Report {
        bytes: text.len(),
        chars: text.chars().count(),
        lines: text.lines().count(),
        words: total,
        unique,
        longest,
        top: ranking,
    };
    serde_json::to_string(&report).unwrap()
}

/// What `words` reports.
#[derive(Serialize)]
struct Report {
    bytes: usize,
    chars: usize,
    lines: usize,
    words: usize,
    unique: usize,
    longest: String,
    top: Vec<Entry>,
}

/// A word in lower case and how often it occurs.
#[derive(Serialize)]
struct Entry {
    word: String,
    count: u32,
}

/// The word with the most characters, the alphabetically first one of several; empty without words.
fn longest(entries: &[Entry]) -> String {
    entries
        .iter()
        .map(|entry| entry.word.as_str())
        .max_by(|a, b| a.chars().count().cmp(&b.chars().count()).then_with(|| b.cmp(a)))
        .unwrap_or_default()
        .to_string()
}

/// Greatest common divisor of two numbers that are not both 0.
fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
