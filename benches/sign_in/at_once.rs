//! Many people sign in at once: how long everybody else waits for a page meanwhile, and what it takes.
//!
//! Somebody who is signed in asks for their line's inbox, on a connection of its own, every fifty
//! milliseconds whether the last answer came or not: (1) with nothing else going on, (2) while everybody
//! signs in at once, (3) while as many argon2 hashes run with no bound, as without the semaphore. (2) also
//! counts tries, begins sessions and waits for the disk; (3) hashes and does nothing else.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, interval, sleep};

use super::browser::{Asked, Connection, form, network};
use super::service::{Kind, PASSWORD, Service, UNBOUNDED, address};
use super::statistics::Times;
use super::{Size, say};

const EVERY: Duration = Duration::from_millis(50);
/// How long nothing goes on, for each burst.
const REST: Duration = Duration::from_secs(2);

/// What goes on beside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beside {
    Nothing,
    SignIns,
    Unbounded,
}

struct Measured {
    pages: Times,
    /// How long each burst took, to its last answer.
    bursts: Times,
    /// Resident memory before, at its peak, and a second after, MiB.
    memory: [u64; 3],
}

/// Measures all three and says how they compare.
pub async fn measure(size: &Size) {
    say(&format!("{} sign-ins at once, {} times; meanwhile an inbox every 50 ms:", size.people, size.bursts));
    let alone = with(Beside::Nothing, size).await;
    let bounded = with(Beside::SignIns, size).await;
    let unbounded = with(Beside::Unbounded, size).await;
    for (name, measured) in [
        ("nothing beside", &alone),
        ("beside the sign-ins", &bounded),
        ("beside as many unbounded hashes", &unbounded),
    ] {
        tell(name, measured, &alone);
    }
}

fn tell(name: &str, measured: &Measured, alone: &Measured) {
    let times = [0.5, 0.95, 0.99, 1.0].map(|share| measured.pages.quantile(share));
    let ratios = [0.5, 0.95, 0.99].map(|share| measured.pages.quantile(share) / alone.pages.quantile(share));
    let ([median, p95, p99, most], [r50, r95, r99]) = (times, ratios);
    say(&format!("  {name}: {} pages", measured.pages.count()));
    say(&format!("    median {median:.2} ms, p95 {p95:.2}, p99 {p99:.2}, longest {most:.2}"));
    say(&format!("    against nothing beside: {r50:.1}, {r95:.1}, {r99:.1} times"));
    say(&format!("    a burst: {:.0} ms (median)", measured.bursts.quantile(0.5)));
    let [before, peak, after] = measured.memory;
    say(&format!("    resident: {before} MiB before, {peak} at its peak, {after} a second after"));
}

async fn with(beside: Beside, size: &Size) -> Measured {
    let service = Service::start(size.people * Kind::ALL.len());
    during(&service, Beside::Nothing, 1).await; // the first pages fill caches
    service.forget_peak();
    let before = service.memory("VmRSS");
    let (mut pages, mut bursts) = (Vec::new(), Vec::new());
    for _ in 0..size.bursts {
        let (some, took) = during(&service, beside, size.people).await;
        pages.extend(some);
        bursts.push(took);
    }
    let peak = service.memory("VmHWM");
    sleep(REST).await;
    let memory = [before, peak, service.memory("VmRSS")];
    Measured { pages: Times::new(&pages), bursts: Times::new(&bursts), memory }
}

/// Asks for pages until what goes on beside is over.
async fn during(service: &Service, beside: Beside, people: usize) -> (Vec<Duration>, Duration) {
    let (mut others, mut pages) = (JoinSet::new(), JoinSet::new());
    let began = Instant::now();
    match beside {
        Beside::Nothing => drop(others.spawn(sleep(REST))),
        _ => (0..people).for_each(|n| drop(others.spawn(sign_in(service.at, beside, n)))),
    }
    let mut tick = interval(EVERY);
    loop {
        tokio::select! {
            done = others.join_next() => match done {
                Some(done) => done.expect("it goes well"),
                None => break,
            },
            _ = tick.tick() => drop(pages.spawn(page(service.at, service.session.clone()))),
        }
    }
    let took = began.elapsed();
    (pages.join_all().await, took)
}

/// A person of a setting types the right password, or a hash is made without a bound.
async fn sign_in(at: std::net::SocketAddr, beside: Beside, number: usize) {
    let person = (0..).filter(|n| Kind::of(*n) == Kind::Setting).nth(number).expect("there are many");
    let path = if beside == Beside::SignIns { "/sign-in/password" } else { UNBOUNDED };
    let form = form(&address(person), PASSWORD);
    let asked = Asked { path, session: "", from: network(3, number), form };
    let (status, _) = Connection::open(at).await.ask(asked).await;
    assert_eq!(status, 303);
}

async fn page(at: std::net::SocketAddr, session: String) -> Duration {
    let began = Instant::now();
    let asked = Asked { path: "/inbox", session: &session, from: network(4, 0), form: String::new() };
    let (status, _) = Connection::open(at).await.ask(asked).await;
    assert_eq!(status, 200);
    began.elapsed()
}
