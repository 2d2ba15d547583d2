use std::error::Error as StdError;
use std::fmt;

/// Why a call failed: what an exported function returns, and what an imported one gives.
///
/// Made from a text or from any error of the standard library's kind, whose sources are joined to its message. With the
/// feature `serde` it may carry a value instead, which JavaScript finds as `error.value`.
///
/// ```
/// fn read(text: &str) -> Result<i32, wasmgate::Error> {
///     let number: i32 = text.parse()?;
///     if number < 0 {
///         return Err("negative".into());
///     }
///     Ok(number)
/// }
/// assert_eq!(read("-1").unwrap_err().message(), "negative");
/// assert_eq!(read("x").unwrap_err().message(), "invalid digit found in string");
/// ```
///
/// It is no `std::error::Error` itself: otherwise it could not be made from all of these.
pub struct Error(Content);

enum Content {
    Text(String),
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    Value(Vec<u8>),
    Argument(u8, String),
}

// The first byte of an error that crosses.
const TEXT: u8 = 0;
const VALUE: u8 = 1;
const ARGUMENT: u8 = 2;

impl Error {
    /// An error with a message.
    pub fn new(message: impl fmt::Display) -> Error {
        Error(Content::Text(message.to_string()))
    }

    /// The message; of an error that carries a value, what kind of error it is.
    pub fn message(&self) -> &str {
        match &self.0 {
            Content::Text(text) | Content::Argument(_, text) => text,
            Content::Value(_) => "an error with a value",
        }
    }

    /// An error that carries a value. If that cannot be serialized, the error says so instead.
    #[cfg(feature = "serde")]
    pub fn with_value(value: impl serde::Serialize) -> Error {
        match crate::abi::value::encode(&value) {
            Ok(bytes) => Error(Content::Value(bytes)),
            Err(error) => error,
        }
    }

    /// The value that the error carries, if it does and the value is of that type.
    ///
    /// ```
    /// let error = wasmgate::Error::with_value(vec!["a", "b"]);
    /// assert_eq!(error.value::<Vec<String>>().unwrap(), ["a", "b"]);
    /// ```
    #[cfg(feature = "serde")]
    pub fn value<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        match &self.0 {
            Content::Value(bytes) => crate::abi::value::decode(bytes).ok(),
            _ => None,
        }
    }

    /// The same error, as one about an argument of an export.
    #[doc(hidden)]
    #[cold]
    pub fn of_argument(self, index: u8) -> Error {
        Error(Content::Argument(index, self.message().to_string()))
    }

    /// The bytes that cross.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let (head, tail) = match self.0 {
            Content::Text(text) => (vec![TEXT], text.into_bytes()),
            Content::Value(bytes) => (vec![VALUE], bytes),
            Content::Argument(index, text) => (vec![ARGUMENT, index], text.into_bytes()),
        };
        [head, tail].concat()
    }

    /// The error that crossed as these bytes.
    #[cold]
    pub(crate) fn from_bytes(bytes: &[u8]) -> Error {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Error(match bytes {
            [VALUE, value @ ..] => Content::Value(value.to_vec()),
            [ARGUMENT, index, message @ ..] => Content::Argument(*index, text(message)),
            [_, message @ ..] => Content::Text(text(message)),
            [] => Content::Text(String::new()),
        })
    }
}

impl<E: Into<Box<dyn StdError>>> From<E> for Error {
    fn from(error: E) -> Error {
        let error = error.into();
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            // Some messages hold that of their source already.
            if !text.ends_with(&cause_text) {
                text.push_str(": ");
                text.push_str(&cause_text);
            }
            source = cause.source();
        }
        Error(Content::Text(text))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?})", self.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(std::num::ParseIntError, &'static str);

    impl fmt::Display for Outer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.1)
        }
    }

    impl StdError for Outer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&self.0)
        }
    }

    fn cause() -> std::num::ParseIntError {
        "".parse::<i32>().unwrap_err()
    }

    #[test]
    fn is_made_from_texts_and_errors() {
        assert_eq!(Error::from("a").message(), "a");
        assert_eq!(Error::from(String::from("b")).message(), "b");
        assert_eq!(Error::new(3).to_string(), "3");
        let boxed: Box<dyn StdError> = Box::new(cause());
        assert_eq!(Error::from(boxed).message(), cause().to_string());
    }

    #[test]
    fn joins_sources_once() {
        let empty = "cannot parse integer from empty string";
        assert_eq!(
            Error::from(Outer(cause(), "bad line")).message(),
            format!("bad line: {empty}")
        );
        let told = Outer(cause(), "bad line: cannot parse integer from empty string");
        assert_eq!(Error::from(told).message(), format!("bad line: {empty}"));
    }

    #[test]
    fn crosses_as_bytes() {
        assert_eq!(Error::new("ä").into_bytes(), "\0ä".as_bytes());
        assert_eq!(Error::new("x").of_argument(7).into_bytes(), b"\x02\x07x");
        for bytes in [&b"\0text"[..], b"\x01\xc0", b"\x02\x05argument"] {
            assert_eq!(Error::from_bytes(bytes).into_bytes(), bytes);
        }
        assert_eq!(Error::from_bytes(b"").message(), "");
    }
}
