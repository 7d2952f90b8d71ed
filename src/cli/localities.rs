//! `dutyline localities`: the places that duty lines serve, from a file like data/kent_localities.toml.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Subcommand;
use jiff::civil::Date;

use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::Actor;
use crate::delivery::{TEST_DAYS, queue_mailbox_test};
use crate::domain::locality::Locality;
use crate::relay::decided::locality_of;
use crate::routing::{Localities, Places};
use crate::store::lines::{self, LineChange};
use crate::store::places::{self, LocalityRow};

/// What is to be done with localities.
#[derive(Subcommand)]
pub enum Command {
    /// Looks whether a file can be loaded.
    Check {
        /// TOML like data/kent_localities.toml.
        file: PathBuf,
    },
    /// Loads a file: new localities and changed details. A changed mailbox has to be confirmed again.
    Load {
        #[command(flatten)]
        place: Place,
        /// TOML like data/kent_localities.toml.
        file: PathBuf,
    },
    /// Queues a test notice to a locality's mailbox: the click in it makes the mailbox live.
    TestMailbox {
        #[command(flatten)]
        place: Place,
        /// The locality's id, such as `canterbury`.
        locality: String,
    },
}

/// Checks or loads.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::Check { file } => match Localities::parse(&text(file)?) {
            Ok(localities) => writeln!(terminal.out, "ok {} localities", localities.iter().count())?,
            Err(fault) => {
                writeln!(terminal.out, "{fault}")?;
                return Ok(Ended::Finding);
            }
        },
        Command::Load { place, file } => load(place, file, terminal).await?,
        Command::TestMailbox { place, locality } => {
            let relay = place.find()?.relay().await?;
            queue_mailbox_test(&relay, Actor::operator(), locality).await?;
            writeln!(
                terminal.out,
                "queued; the running relay sends it, and its link works for {TEST_DAYS} days"
            )?;
        }
    }
    Ok(Ended::Done)
}

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| file.display().to_string())
}

async fn load(place: &Place, file: &Path, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let new = Localities::parse(&text(file)?)?;
    let relay = place.find()?.relay().await?;
    let stored = places::localities(&mut relay.store.read().await?, relay.clock.now().day()).await?;
    let together =
        merged(&relay.places.current(), &stored, &new).context("together with the localities there are")?;
    relay.places.current().table().check(&together)?;
    let decided = lines::all(&mut relay.store.read().await?).await?;
    fits_later(&decided, &new, relay.clock.now().day())?;
    let rows: Vec<LocalityRow> = new.iter().map(row).collect();
    let count = rows.len();
    let written = relay.store.write(move |unit| {
        Box::pin(async move {
            for row in &rows {
                places::put_locality(unit, &Actor::operator(), row).await?;
            }
            Ok(())
        })
    });
    written.await?;
    relay.store.close().await;
    writeln!(terminal.out, "ok {count} localities")?;
    writeln!(terminal.err, "No notice goes to a mailbox before a click in a test notice has confirmed it.")?;
    writeln!(terminal.err, "A relay that is running uses them within seconds.")?;
    Ok(())
}

/// What will be in force: the new ones, and those in the database that they do not replace. (While
/// the database has none, the compiled ones are in force, and go.)
fn merged(places: &Places, stored: &[LocalityRow], new: &Localities) -> anyhow::Result<Localities> {
    let kept = places.localities().iter().filter(|locality| {
        let is_stored = stored.iter().any(|row| row.id == locality.id.as_str());
        is_stored && new.get(&locality.id).is_none()
    });
    Ok(Localities::new(kept.chain(new.iter()).cloned().collect())?)
}

/// Whether the new ones also fit what administrators planned for the others: a district with two lines on a day to
/// come would stop every relay on that day.
fn fits_later(decided: &[LineChange], new: &Localities, today: Date) -> anyhow::Result<()> {
    let others: Vec<LineChange> = decided
        .iter()
        .filter(|one| !new.iter().any(|line| line.id.as_str() == one.locality))
        .cloned()
        .collect();
    let days = others.iter().filter_map(|one| one.valid_from.parse::<Date>().ok());
    for day in days.filter(|day| *day > today).collect::<BTreeSet<_>>() {
        let on_day = others.chunk_by(|a, b| a.locality == b.locality);
        let on_day = on_day.filter_map(|of_one| lines::in_force(of_one, day));
        let planned: Vec<Locality> =
            on_day.map(|one| locality_of(&one.locality, &one.details)).collect::<Result<_, _>>()?;
        Localities::new(planned.into_iter().chain(new.iter().cloned()).collect())
            .with_context(|| format!("on {day}, with what administrators planned"))?;
    }
    Ok(())
}

fn row(locality: &Locality) -> LocalityRow {
    let joined = |texts: Vec<&str>, between: &str| texts.join(between);
    LocalityRow {
        id: locality.id.as_str().to_owned(),
        name: locality.name.clone(),
        phones: joined(locality.phones.iter().map(|phone| phone.as_typed()).collect(), "\n"),
        mailbox: locality.email.as_str().to_owned(),
        lad_codes: joined(locality.districts.iter().map(|district| district.as_str()).collect(), " "),
        confirmed_at: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Small, said};

    const KENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/kent_localities.toml");

    #[test]
    fn a_file_is_checked_and_loaded() {
        assert_eq!(said(&["localities", "check", KENT], "").1, "ok 12 localities\n");
        let small = Small::new();
        assert_eq!(small.done(&["localities", "load", KENT]), "ok 12 localities\n");
        assert_eq!(small.done(&["localities", "load", KENT]), "ok 12 localities\n");
        small.trail_fits();
    }

    #[test]
    fn what_administrators_planned_for_a_later_day_counts_too() {
        let new = Localities::new(vec![Locality::sample()]).unwrap();
        let planned = |districts: &str| LineChange {
            locality: "swale".to_owned(),
            version: 2,
            valid_from: "2026-12-01".to_owned(),
            details: crate::store::lines::LineDetails {
                lad_codes: districts.to_owned(),
                ..crate::relay::decided::line_of(&Locality::sample())
            },
            confirmed_at: 0,
            decided_by: String::new(),
            decided_at: 0,
        };
        let today = jiff::civil::date(2026, 11, 1);
        assert!(fits_later(&[planned("E07000113")], &new, today).is_ok());
        let said = fits_later(&[planned("E07000113 E07000106")], &new, today).unwrap_err();
        assert!(
            format!("{said:#}").starts_with("on 2026-12-01, with what administrators planned: E07000106"),
            "{said:#}"
        );
        assert!(
            fits_later(&[planned("E07000106")], &new, jiff::civil::date(2026, 12, 1)).is_ok(),
            "today is checked beside it"
        );
    }

    #[test]
    fn what_would_misroute_is_named_and_not_loaded() {
        let small = Small::new();
        small.done(&["localities", "load", KENT]);
        let one = "[[locality]]\nid = 'new'\nname = 'New'\nlad_codes = ['CODE']\nphones = ['01632 960123']\nemail = 'duty@line.example'\n";
        let file = small.text("new.toml");
        for (code, words) in [
            ("E07000106", "claimed by canterbury and by new"),
            ("E09000001", "no postcode would lead to New"),
        ] {
            std::fs::write(&file, one.replace("CODE", code)).unwrap();
            let (well, _, err) = small.said(&["localities", "load", &file], "");
            assert!(!well && err.contains(words), "{err}");
        }
        std::fs::write(&file, "locality = 3").unwrap();
        let (well, out, _) = said(&["localities", "check", &file], "");
        assert!(!well && out.starts_with("the localities cannot be read"), "{out}");
    }
}
