//! What lies where in a folder of data, as `dutyline demo --data DIR` makes it and as every command
//! with `--data DIR` reads it.
//!
//! ```text
//! DIR/dutyline.db            the database
//! DIR/keys/                  the key set
//! DIR/origin                 the log's name, one line; without it the demo's
//! DIR/last-checkpoint.txt    the last checkpoint, outside the database
//! ```

use std::path::{Path, PathBuf};

/// The database file.
pub const DATABASE: &str = "dutyline.db";
/// The key folder.
pub const KEYS: &str = "keys";
/// The file with the log's name.
pub const ORIGIN: &str = "origin";
/// The file with the last checkpoint.
pub const CHECKPOINT: &str = "last-checkpoint.txt";
/// The log's name where the folder does not say another.
pub const DEMO_ORIGIN: &str = "dutyline.demo/log";

/// The database URL of a folder.
pub fn database_url(dir: &Path) -> String {
    sqlite_url(&dir.join(DATABASE))
}

/// The URL of a SQLite file; the characters that mean something in a URL are escaped.
pub fn sqlite_url(file: &Path) -> String {
    let path = file.display().to_string();
    format!("sqlite:{}", path.replace('%', "%25").replace('?', "%3F").replace('#', "%23"))
}

/// The file that a SQLite URL names; `None` for PostgreSQL and for a database in memory.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    let plain = path.replace("%3F", "?").replace("%23", "#").replace("%25", "%");
    (!plain.is_empty() && plain != ":memory:").then(|| PathBuf::from(plain))
}

/// The key folder of a folder.
pub fn keys(dir: &Path) -> PathBuf {
    dir.join(KEYS)
}

/// The checkpoint file of a folder.
pub fn checkpoint(dir: &Path) -> PathBuf {
    dir.join(CHECKPOINT)
}

/// The log's name in a folder, [`DEMO_ORIGIN`] where it does not say.
pub fn origin(dir: &Path) -> String {
    let text = std::fs::read_to_string(dir.join(ORIGIN)).unwrap_or_default();
    match text.trim() {
        "" => DEMO_ORIGIN.to_owned(),
        origin => origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_and_its_file_belong_together() {
        for name in ["/data/a.db", "a b.db", "/odd 100%?#/x.db"] {
            assert_eq!(sqlite_file(&sqlite_url(Path::new(name))), Some(PathBuf::from(name)), "{name}");
        }
        assert_eq!(sqlite_file("sqlite:///data/a.db?mode=ro"), Some(PathBuf::from("/data/a.db")));
        assert_eq!(sqlite_file("sqlite::memory:"), None);
        assert_eq!(sqlite_file("postgres://localhost/dutyline"), None);
    }

    #[test]
    fn a_folder_may_name_its_log() {
        let dir = tempfile::TempDir::new().unwrap();
        assert_eq!(origin(dir.path()), DEMO_ORIGIN);
        std::fs::write(dir.path().join(ORIGIN), "relay.example/log\n").unwrap();
        assert_eq!(origin(dir.path()), "relay.example/log");
    }
}
