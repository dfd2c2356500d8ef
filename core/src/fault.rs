//! What goes wrong, as a sentence for the caller.

use std::cell::Cell;
use std::fmt;
use std::panic::{catch_unwind, set_hook, take_hook, AssertUnwindSafe};
use std::sync::Once;

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

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` on foreign bytes gives; a fault also where it panics.
///
/// The second line: decoders refuse what they cannot read, and a panic below one, in a library,
/// must not end whoever asked. Nothing that `work` writes may outlive it.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Outcome<T> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                before(info);
            }
        }));
    });
    let outer = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    done.map_err(|_| Fault::new("these bytes cannot be read: a decoder gave up on them"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_foreign_bytes_is_a_fault() {
        let panics: &[u8] = &[];
        assert_eq!(guarded(|| 7), Ok(7));
        assert!(guarded(|| panics[usize::from(panics.is_empty())]).is_err());
        assert!(!GUARDED.get());
    }
}
