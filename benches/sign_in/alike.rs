//! Whether time tells who has an account: addresses that are nobody's, a setting's and a line's, in random
//! order, one after another over one connection on the same machine. No guesser is better placed.
//!
//! Each address is tried once. A guesser may try one address three times, then waits longer and longer up to
//! five minutes a try (`people::throttle`): what 300 tries would show of *one* address takes more than a day.

use std::time::Duration;

use super::browser::{Asked, Connection, form, network};
use super::service::{Kind, Service, address};
use super::statistics::{Dice, Times, compare};
use super::{Size, say};

/// Tries that are not counted: the first ones fill caches.
const FIRST: usize = 30;

/// Times by whose the address is, in the order of [`Kind::ALL`].
type Series = [Vec<Duration>; 3];

/// Measures a wrong password and a forgotten one.
pub async fn measure(size: &Size) {
    let service = Service::start(size.tries * Kind::ALL.len());
    let mut dice = Dice(7);
    let [sign_in, _] = tries(&service, ("/sign-in/password", 422, 1), size, &mut dice).await;
    tell("POST /sign-in/password, a wrong password", &sign_in, &mut dice);
    let [forgotten, after] = tries(&service, ("/sign-in/forgotten", 200, 2), size, &mut dice).await;
    tell("POST /sign-in/forgotten", &forgotten, &mut dice);
    tell("GET /sign-in, straight after that", &after, &mut dice);
}

/// Every address once, and after each the sign-in page. What is asked: path, status that is expected, and
/// the networks' part.
async fn tries(service: &Service, what: (&str, u16, u8), size: &Size, dice: &mut Dice) -> [Series; 2] {
    let (path, expected, part) = what;
    let all = size.tries * Kind::ALL.len();
    // Addresses past all accounts are nobody's.
    let mut order: Vec<usize> = (0..all).collect();
    dice.shuffle(&mut order);
    let mut connection = Connection::open(service.at).await;
    let mut series = [Series::default(), Series::default()];
    for number in (all..all + FIRST).chain(order) {
        let form = form(&address(number), "not it at all");
        let asked = Asked { path, session: "", from: network(part, number), form };
        let (status, took) = connection.ask(asked).await;
        assert_eq!(status, expected, "{path}");
        let from = network(part, number);
        let page = Asked { path: "/sign-in", session: "", from, form: String::new() };
        let (_, after) = connection.ask(page).await;
        if number < all {
            series[0][number % 3].push(took);
            series[1][number % 3].push(after);
        }
    }
    series
}

fn tell(what: &str, series: &Series, dice: &mut Dice) {
    let times: Vec<Times> = series.iter().map(|times| Times::new(times)).collect();
    say(&format!("{what}, {} addresses of each kind:", times[0].count()));
    for (name, times) in ["nobody's", "a setting's", "a line's"].iter().zip(&times) {
        let [low, middle, high] = [0.25, 0.5, 0.75].map(|share| times.quantile(share));
        say(&format!("  {name}: median {middle:.3} ms, quartiles {low:.3} and {high:.3}"));
    }
    for (name, pair) in [("a setting's", [0, 1]), ("a line's", [0, 2])] {
        let found = compare(&times[pair[0]], &times[pair[1]], dice);
        say(&format!(
            "  {name} beside nobody's: longer {:.1} % of the time (by chance: p = {:.3}), \
             distance {:.3} (p = {:.3}); a shift of {:.3} ms would be seen",
            found.longer * 100.0,
            found.longer_by_chance,
            found.distance,
            found.distance_by_chance,
            found.visible
        ));
    }
}
