//! `dutyline postcodes load`: a new edition of the postcode table. One that would leave a locality
//! without postcodes is refused, and the last good edition stays (DOMAIN section 4).

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::{Actor, Code};
use crate::routing::Table;
use crate::store::places::{self, Edition};

/// What is to be done with postcodes.
#[derive(Subcommand)]
pub enum Command {
    /// Loads an edition.
    Load(Load),
}

/// An edition.
#[derive(Args)]
pub struct Load {
    #[command(flatten)]
    place: Place,
    /// Live postcodes, in a form that data/README.md lists.
    file: PathBuf,
    /// Postcodes that have ended, in a file of their own.
    #[arg(long, value_name = "FILE")]
    retired: Option<PathBuf>,
    /// The edition's name, recorded with every decision, such as 2026.2.
    #[arg(long, value_parser = edition)]
    edition: Code,
}

fn edition(text: &str) -> Result<Code, String> {
    match Code::new(text) {
        Ok(code) if !code.is_empty() => Ok(code),
        Ok(_) => Err("name the edition".to_owned()),
        Err(why) => Err(why.to_string()),
    }
}

/// Loads an edition.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let Command::Load(load) = command;
    let read = |file: &PathBuf| std::fs::read(file).with_context(|| file.display().to_string());
    let edition = Edition {
        edition: load.edition.to_string(),
        live: read(&load.file)?,
        retired: load.retired.as_ref().map(read).transpose()?.unwrap_or_default(),
    };
    let relay = load.place.find()?.relay().await?;
    let table = Table::from_parts(&edition.live, &edition.retired, &edition.edition)?;
    table.check(&relay.places.localities())?;
    let count = table.len();
    let written = relay.store.write(move |unit| {
        Box::pin(
            async move { places::insert_edition(unit, &Actor::operator(), &edition, count as u64).await },
        )
    });
    written.await?;
    relay.store.close().await;
    writeln!(terminal.out, "ok {count} postcodes")?;
    writeln!(terminal.err, "A relay that is running uses them after its next start.")?;
    Ok(Ended::Done)
}

#[cfg(test)]
mod tests {
    use crate::cli::testing::Small;

    const LIVE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/kent_postcodes.csv");
    const RETIRED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/data/kent_postcodes_retired.csv");

    #[test]
    fn an_edition_is_loaded_and_a_poor_one_refused() {
        let small = Small::new();
        let out = small.done(&["postcodes", "load", LIVE, "--retired", RETIRED, "--edition", "2025.4"]);
        let count: usize =
            out.trim().strip_prefix("ok ").unwrap().strip_suffix(" postcodes").unwrap().parse().unwrap();
        assert_eq!(count, crate::routing::Table::kent().len());
        let poor = small.text("poor.csv");
        std::fs::write(&poor, "postcode,lad_code\nCT1 2EH,E07000106\n").unwrap();
        let (well, _, err) = small.said(&["postcodes", "load", &poor, "--edition", "2026.1"], "");
        assert!(
            !well && err.contains("no postcode would lead to") && err.contains("the last good edition stays"),
            "{err}"
        );
    }
}
