//! Signing in, measured from outside: what many sign-ins at once cost everybody else ([`at_once`]), and
//! whether an answer's time tells who has an account ([`alike`]).
//!
//! ```text
//!  this program ── HTTP over loopback ──> the same program with --service: the real door and router, SQLite
//!  (the guesser, the people)              (a process of its own: its memory is the relay's alone)
//! ```
//!
//! Not by criterion: it measures how long one thing takes, over and over, and here the question is how two
//! distributions differ, and what happens to one request while others go on. `cargo bench --bench sign_in`
//! takes about a minute and a half. Without `--bench`, as the tests run it, it goes through everything once
//! with a handful of tries, so that it keeps working; its figures then mean nothing.
//!
//! The throttle is in force and stays out of the way honestly: every try at guessing has an address and a
//! network of its own, as a guesser with many machines would have; the sign-ins at once are of 64 people
//! with the right password, each from a network of their own. The networks are told as a proxy tells them.

mod alike;
mod at_once;
mod browser;
mod service;
mod statistics;

use std::io::Write as _;

/// How much is measured.
pub struct Size {
    /// How often everybody signs in.
    pub bursts: usize,
    /// How many sign in at once.
    pub people: usize,
    /// Tries for each kind of address.
    pub tries: usize,
}

const WHOLE: Size = Size { bursts: 10, people: 64, tries: 300 };
const QUICK: Size = Size { bursts: 1, people: 4, tries: 4 };

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| asked.iter().any(|one| one == word);
    // Test runners ask what there is to run, and what is skipped otherwise.
    match (has("--list"), has("--ignored")) {
        (true, true) => return,
        (true, false) => return say("sign_in: benchmark"),
        _ => {}
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    if let [service, accounts] = asked.as_slice()
        && service == service::SERVICE
    {
        return runtime.block_on(service::run(accounts.parse().expect("a number")));
    }
    let size = if has("--bench") { WHOLE } else { QUICK };
    runtime.block_on(async {
        at_once::measure(&size).await;
        alike::measure(&size).await;
    });
}

/// One line of the report.
pub fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the report is read");
}
