//! What every value type of the field has in common: it is kept as text, comes back only
//! through its own `parse`, and does not show itself in a log by accident.

/// Text in and text out for a type with `parse(&str)` and `kept(&self) -> &str`.
///
/// A stored or received value that no longer parses is an error of its own kind, so nothing
/// gets past the rules by coming through a file instead of a form.
macro_rules! kept_as_text {
    ($type:ident, $error:ident) => {
        impl TryFrom<String> for $type {
            type Error = $error;

            fn try_from(text: String) -> Result<Self, $error> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $type {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.kept().to_owned()
            }
        }
    };
}

/// A `Debug` that names the type and nothing else: a family's words never reach a log through `{:?}`.
macro_rules! masked_debug {
    ($type:ident) => {
        impl std::fmt::Debug for $type {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    };
}

pub(crate) use {kept_as_text, masked_debug};

/// Spaces and marks that cannot be seen: people paste them from letters and web pages.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{00AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}')
}

/// The hyphens, dashes and minus signs that stand between groups of letters or digits.
pub(crate) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
