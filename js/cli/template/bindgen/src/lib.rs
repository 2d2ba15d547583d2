//! What the server calls. Each function marked #[wasm_bindgen] is one of JavaScript.

use wasm_bindgen::prelude::*;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greets() {
        assert_eq!(say("Ada"), "hello Ada");
        assert_eq!(say(""), "hello ");
    }

    #[test]
    fn reverses() {
        assert_eq!(reverse(&[1, 2, 3]), [3, 2, 1]);
        assert!(reverse(&[]).is_empty());
    }
}
