//! Descriptions of types that are known while compiling.

use super::words::NONE;

/// Bytes that the words of a result may take in a return area.
pub const AREA_BYTES: usize = 48;

/// Most words of a type: as many as an area holds.
pub const MAX_WORDS: usize = AREA_BYTES / 4;

const MAX_TEXT: usize = 128;

/// A short text that can be put together while compiling.
#[derive(Clone, Copy)]
pub struct Text {
    /// The text and what is left of the space for it.
    pub bytes: [u8; MAX_TEXT],
    /// Bytes of the text.
    pub len: usize,
}

impl Text {
    /// The text as it is given.
    pub const fn new(text: &str) -> Text {
        let empty = Text {
            bytes: [0; MAX_TEXT],
            len: 0,
        };
        empty.push(text)
    }

    /// This text and another one.
    pub const fn push(self, text: &str) -> Text {
        self.append(text.as_bytes(), text.len())
    }

    const fn append(mut self, bytes: &[u8], len: usize) -> Text {
        let mut i = 0;
        while i < len {
            self.bytes[self.len] = bytes[i];
            self.len += 1;
            i += 1;
        }
        self
    }
}

/// What a type is called in signatures, and the words it becomes.
#[derive(Clone, Copy)]
pub struct Type {
    /// The name in signatures.
    pub text: Text,
    /// Kinds of the words; beyond `count` there are none.
    pub words: [u8; MAX_WORDS],
    /// How many words there are. A tuple with more than fit counts them all the same.
    pub count: usize,
    /// Whether it crosses through serde.
    pub is_value: bool,
    /// Whether it is a `Result`.
    pub fallible: bool,
}

impl Type {
    /// A type of that name, with words of these kinds.
    pub const fn new(name: &str, words: &[u8]) -> Type {
        let empty = Type {
            text: Text::new(name),
            words: [NONE; MAX_WORDS],
            count: 0,
            is_value: false,
            fallible: false,
        };
        empty.with_words(words, words.len())
    }

    /// The option of a type, with words of these kinds.
    pub const fn option(name: &str, words: &[u8]) -> Type {
        let mut it = Type::new("", words);
        it.text = Text::new(name).push("?");
        it
    }

    /// The same type, as what a `Result` holds.
    pub const fn or_error(mut self) -> Type {
        self.fallible = true;
        self
    }

    /// A tuple that consists of these.
    pub const fn tuple(parts: &[Type]) -> Type {
        let mut it = Type::new("(", &[]);
        let mut i = 0;
        while i < parts.len() {
            if i > 0 {
                it.text = it.text.push(", ");
            }
            it.text = it.text.append(&parts[i].text.bytes, parts[i].text.len);
            it = it.with_words(&parts[i].words, parts[i].count);
            i += 1;
        }
        it.text = it.text.push(")");
        it
    }

    const fn with_words(mut self, words: &[u8], count: usize) -> Type {
        let mut i = 0;
        while i < count {
            if self.count < MAX_WORDS {
                self.words[self.count] = words[i];
            }
            self.count += 1;
            i += 1;
        }
        self
    }
}

/// Whether one of these crosses through serde.
pub const fn any_value(types: &[&Type]) -> bool {
    let mut i = 0;
    while i < types.len() {
        if types[i].is_value {
            return true;
        }
        i += 1;
    }
    false
}
