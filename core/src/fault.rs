//! What goes wrong, as a sentence for the caller.

use std::fmt;

/// An argument, a stored byte or a file that the core does not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault(pub String);

/// A result whose error is a sentence.
pub type Outcome<T> = Result<T, Fault>;

impl Fault {
    /// A fault with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Fault(sentence.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// `Err` with a sentence.
pub fn refuse<T>(sentence: impl Into<String>) -> Outcome<T> {
    Err(Fault::new(sentence))
}
