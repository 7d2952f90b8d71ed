//! Letters as files: `<letter id>.eml`, readable by their owner only. A file is there whole or not at
//! all; a second attempt at a letter replaces the first. A crash leaves at most a `.part` file.

use std::fs::{File, OpenOptions, rename};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::SendOutcome;

/// Writes one letter; a disk that is full or not there is a reason to try again.
pub(super) async fn send(dir: PathBuf, name: String, bytes: Vec<u8>) -> SendOutcome {
    let done = tokio::task::spawn_blocking(move || write(&dir, &name, &bytes)).await;
    match done.unwrap_or_else(|panicked| Err(io::Error::other(panicked))) {
        Ok(()) => SendOutcome::sent("folder"),
        Err(error) => {
            tracing::warn!(%error, "a letter could not be written to the mail folder");
            SendOutcome::temporary("folder")
        }
    }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let part = dir.join(format!(".{name}.part"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    rename(&part, dir.join(format!("{name}.eml")))?;
    File::open(dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::{Mailer, message::sample};
    use super::*;

    #[tokio::test]
    async fn a_letter_is_one_whole_file_however_often_it_is_sent() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::Folder(dir.path().to_owned());
        mailer.check().await.unwrap();
        for _ in 0..2 {
            assert_eq!(mailer.send(&sample()).await, SendOutcome::sent("folder"));
        }
        let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().path()).collect();
        assert_eq!(files, [dir.path().join("01900000-0000-7000-8000-0000000000aa.eml")]);
        assert_eq!(std::fs::read(&files[0]).unwrap(), sample().eml().unwrap());
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[tokio::test]
    async fn a_folder_that_is_not_there_is_tried_again() {
        let dir = tempfile::tempdir().unwrap();
        let mailer = Mailer::Folder(dir.path().join("none"));
        assert_eq!(mailer.send(&sample()).await, SendOutcome::temporary("folder"));
        assert!(mailer.check().await.is_err());
    }
}
