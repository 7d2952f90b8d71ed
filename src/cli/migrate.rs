//! `dutyline migrate`: brings the database's schema up to this program's, or makes a new database.

use clap::Args;

use super::place::Place;
use super::{Ended, Terminal};
use crate::clock::Clock;
use crate::store::{SCHEMA, Store};

/// Which database.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
}

/// Migrates. A newer schema is refused; one migrator works at a time.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let found = options.place.find()?;
    Store::open(&found.database_url, Clock::System).await?.close().await;
    writeln!(terminal.out, "ok schema {SCHEMA}")?;
    Ok(Ended::Done)
}
