//! What the program does with a text.

/// The characters of a text in reverse order.
pub fn reverse(text: &str) -> String {
    text.chars().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reverses() {
        assert_eq!(reverse("drawer"), "reward");
        assert_eq!(reverse("añb"), "bña");
        assert_eq!(reverse(""), "");
    }
}
