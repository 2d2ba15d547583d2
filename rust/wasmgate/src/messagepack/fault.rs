use std::fmt;

/// What is wrong with a value, and where in it.
pub struct Fault(Box<Content>);

struct Content {
    path: String,
    message: String,
}

impl Fault {
    #[cold]
    pub fn new(message: impl fmt::Display) -> Fault {
        Fault(Box::new(Content {
            path: String::new(),
            message: message.to_string(),
        }))
    }

    /// The same, of an element of an array.
    #[cold]
    pub fn in_element(mut self, index: usize) -> Fault {
        self.0.path = format!("[{index}]{}", self.0.path);
        self
    }

    /// The same, of an entry of a map.
    #[cold]
    pub fn in_entry(mut self, key: &str) -> Fault {
        self.0.path = format!(".{key}{}", self.0.path);
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.path.trim_start_matches('.') {
            "" => f.write_str(&self.0.message),
            path => write!(f, "{path}: {}", self.0.message),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Fault {}

impl serde::ser::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Fault {
        Fault::new(message)
    }
}

impl serde::de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Fault {
        Fault::new(message)
    }
}
