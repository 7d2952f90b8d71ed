//! The referral form, every field, once (DOMAIN section 2).
//!
//! [`spec`] is the list of all fields: their words, their kind, the page they stand on. The web
//! form, the sealed JSON document, the check-answers page, the print and the JSON Schema all follow
//! from that one list. [`Raw`] is what somebody typed or sent, untouched; [`read()`] turns it into a
//! [`Form`]: canonical answers, split into the family part and the restricted part, or into a list
//! of every fault at once.

mod answers;
mod read;
pub mod spec;

pub use answers::{Answers, Raw};
pub use read::{Context, Fault, Form, grouped, lower_first, read, read_part};
pub use spec::{FIELDS, Field, Kind, Part, field};
