//! The agreement statements this deployment knows: versioned files, word for word as the trust
//! wrote them. The default is our own wording of the points of DOMAIN section 3.

use crate::domain::agreement::Statement;

/// The default statement's version.
pub const DEFAULT_VERSION: &str = "default-2026-11";
const DEFAULT_TEXT: &str = include_str!("../../templates/statements/default-2026-11.en.txt");

/// The statement shown today.
pub fn current() -> Statement {
    Statement {
        version: DEFAULT_VERSION.to_owned(),
        language: "en".to_owned(),
        text: DEFAULT_TEXT.trim().to_owned(),
    }
}

/// The statement of a version and language, if it is one of ours.
pub fn find(version: &str, language: &str) -> Option<Statement> {
    let known = current();
    (known.version == version && known.language == language).then_some(known)
}

/// Whether a signed statement is one of ours, word for word.
pub fn known(statement: &Statement) -> bool {
    find(&statement.version, &statement.language).is_some_and(|known| known.text == statement.text)
}
