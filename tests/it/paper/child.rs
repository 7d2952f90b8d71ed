//! The child that decodes: what it may use, and what becomes of one that does not answer.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use dutyline::scan::{Decoder, ScanError};

use super::PROGRAM;
use super::files::empty_sheet;

/// A program of so many lines of shell, and where it may write.
fn script(folder: &Path, lines: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let file = folder.join("program");
    std::fs::write(&file, format!("#!/bin/sh\n{lines}\n")).expect("writes");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).expect("may run");
    file
}

fn running(program: &Path, waits: Duration) -> Decoder {
    let decoder = Decoder::default();
    decoder.runs(program);
    decoder.waits(waits);
    decoder
}

#[tokio::test]
async fn it_has_no_environment_no_folder_and_nothing_that_its_parent_has_open() {
    let folder = tempfile::tempdir().expect("a folder");
    let told = folder.path().join("told");
    let secret = folder.path().join("secret");
    let _open = std::fs::File::create(&secret).expect("a file that this process has open");
    let lines = format!(
        "{{ tr '\\0' '\\n' < /proc/$$/environ; echo \"in $(pwd)\"; echo \"asked $*\"; ls -l /proc/$$/fd; }} > {}; cat > /dev/null",
        told.display()
    );
    let decoder = running(&script(folder.path(), &lines), super::PATIENCE);
    assert_eq!(decoder.read(b"anything").await, Err(ScanError::Unreadable));
    let told = std::fs::read_to_string(&told).expect("told");
    let mut lines = told.lines();
    assert_eq!(lines.next(), Some("in /"), "the environment is empty: {told}");
    assert_eq!(lines.next(), Some("asked decode"), "{told}");
    assert!(lines.all(|line| !line.contains("secret")), "nothing that the parent has open: {told}");
}

#[tokio::test]
async fn one_that_does_not_end_is_killed_and_reaped() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let lines = format!("echo $$ > {}; while :; do :; done", pid.display());
    let decoder = running(&script(folder.path(), &lines), Duration::from_secs(2));
    let begun = Instant::now();
    assert_eq!(decoder.read(b"anything").await, Err(ScanError::TooSlow));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let pid = std::fs::read_to_string(&pid).expect("it ran").trim().to_owned();
    assert!(!Path::new("/proc").join(&pid).exists(), "nothing is left of it, not even its entry");
}

#[tokio::test]
async fn one_that_dies_says_nothing_or_says_too_much_is_unreadable() {
    for lines in ["exit 3", "kill -9 $$", "cat > /dev/null", "exec yes", "printf 'DLS1\\0\\001'"] {
        let folder = tempfile::tempdir().expect("a folder");
        let decoder = running(&script(folder.path(), lines), super::PATIENCE);
        assert_eq!(decoder.read(&[7; 200_000]).await, Err(ScanError::Unreadable), "{lines}");
    }
    assert_eq!(Decoder::default().read(b"x").await, Err(ScanError::Unreadable), "no program");
    let nowhere = running(Path::new("/nowhere/at/all"), super::PATIENCE);
    assert_eq!(nowhere.read(b"x").await, Err(ScanError::Unreadable));
    assert_eq!(nowhere.read(b"").await, Err(ScanError::Empty));
}

#[tokio::test]
async fn a_third_waits_for_its_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    let decoder = running(&script(folder.path(), "exec sleep 60"), Duration::from_secs(2));
    let (one, two, three) = tokio::join!(decoder.read(b"a"), decoder.read(b"b"), decoder.read(b"c"));
    let slow = [&one, &two, &three].iter().filter(|answer| ***answer == Err(ScanError::TooSlow)).count();
    let busy = [&one, &two, &three].iter().filter(|answer| ***answer == Err(ScanError::Busy)).count();
    assert!(slow >= 2 && slow + busy == 3, "{one:?} {two:?} {three:?}");
}

#[expect(clippy::zombie_processes, reason = "where it is not waited for, the test has failed and ends")]
#[test]
fn it_gives_up_memory_time_files_and_descriptors_before_it_reads_a_byte() {
    let mut child = Command::new(PROGRAM)
        .arg("decode")
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let file = format!("/proc/{}/limits", child.id());
    let wanted = [
        ("Max cpu time", "9"),
        ("Max file size", "0"),
        ("Max core file size", "0"),
        ("Max processes", "0"),
        ("Max open files", "3"),
        ("Max address space", "268435456"),
    ];
    let until = Instant::now() + Duration::from_secs(30);
    let mut limits = String::new();
    while Instant::now() < until {
        limits = std::fs::read_to_string(&file).expect("it waits for a file");
        let line = |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        let set = |(name, most): &(&str, &str)| {
            line(name).trim_start_matches(name).split_whitespace().take(2).eq([*most, *most])
        };
        if wanted.iter().all(set) {
            child.stdin.take().expect("piped").write_all(&empty_sheet()).expect("takes a file");
            let mut answer = Vec::new();
            child.stdout.take().expect("piped").read_to_end(&mut answer).expect("answers");
            assert!(answer.starts_with(b"DLS1\0\x01"), "one page, within its limits");
            assert!(child.wait().expect("ends").success());
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let _ = child.kill();
    panic!("its limits are not what they should be:\n{limits}");
}
