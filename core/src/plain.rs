//! Plain data: what crosses into Python and back without either side knowing the other's types.

use prost::bytes::Bytes;

use crate::fault::{Fault, Outcome};

/// A value that every language has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// Nothing.
    None,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Bytes, shared rather than copied: a block's transactions are most of what crosses.
    Bytes(Bytes),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Plain>),
    /// Values by name.
    Fields(Fields),
}

/// Named values, in the order in which they were put.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<(String, Plain)>);

impl Fields {
    /// These values under these names.
    pub fn of<const N: usize>(named: [(&str, Plain); N]) -> Self {
        Fields(named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    fn find(&self, name: &str) -> Option<&Plain> {
        self.0.iter().find(|(one, _)| one == name).map(|(_, value)| value)
    }

    /// A number; 0 where it is absent.
    pub fn int(&self, name: &str) -> Outcome<i64> {
        match self.find(name) {
            None | Some(Plain::None) => Ok(0),
            Some(Plain::Int(number)) => Ok(*number),
            Some(Plain::Bool(flag)) => Ok(i64::from(*flag)),
            Some(_) => Err(Fault(format!("{name} is not a whole number"))),
        }
    }

    /// A number of a narrower kind.
    pub fn narrow<T: TryFrom<i64>>(&self, name: &str) -> Outcome<T> {
        T::try_from(self.int(name)?).map_err(|_| Fault(format!("{name} is out of range")))
    }

    /// Bytes; empty where they are absent.
    pub fn bytes(&self, name: &str) -> Outcome<Bytes> {
        match self.find(name) {
            None | Some(Plain::None) => Ok(Bytes::new()),
            Some(Plain::Bytes(bytes)) => Ok(bytes.clone()),
            Some(_) => Err(Fault(format!("{name} is not bytes"))),
        }
    }

    /// Text; empty where it is absent.
    pub fn text(&self, name: &str) -> Outcome<String> {
        match self.find(name) {
            None | Some(Plain::None) => Ok(String::new()),
            Some(Plain::Text(text)) => Ok(text.clone()),
            Some(_) => Err(Fault(format!("{name} is not text"))),
        }
    }

    /// A list; empty where it is absent.
    pub fn list(&self, name: &str) -> Outcome<&[Plain]> {
        match self.find(name) {
            None | Some(Plain::None) => Ok(&[]),
            Some(Plain::List(items)) => Ok(items),
            Some(_) => Err(Fault(format!("{name} is not a list"))),
        }
    }

    /// A list of named values.
    pub fn rows(&self, name: &str) -> Outcome<Vec<&Fields>> {
        let bare = || Fault(format!("{name} holds what has no fields"));
        let rows = self.list(name)?.iter();
        rows.map(|one| match one {
            Plain::Fields(fields) => Ok(fields),
            _ => Err(bare()),
        })
        .collect()
    }

    /// A list of bytes.
    pub fn many_bytes(&self, name: &str) -> Outcome<Vec<Bytes>> {
        let one = |item: &Plain| match item {
            Plain::Bytes(bytes) => Ok(bytes.clone()),
            _ => Err(Fault(format!("{name} holds what is not bytes"))),
        };
        self.list(name)?.iter().map(one).collect()
    }
}

impl From<i64> for Plain {
    fn from(number: i64) -> Self {
        Plain::Int(number)
    }
}

impl From<&[u8]> for Plain {
    fn from(bytes: &[u8]) -> Self {
        Plain::Bytes(Bytes::copy_from_slice(bytes))
    }
}

impl From<Bytes> for Plain {
    fn from(bytes: Bytes) -> Self {
        Plain::Bytes(bytes)
    }
}

impl From<String> for Plain {
    fn from(text: String) -> Self {
        Plain::Text(text)
    }
}

impl<T: Into<Plain>> FromIterator<T> for Plain {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Plain::List(items.into_iter().map(Into::into).collect())
    }
}
