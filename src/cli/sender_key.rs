//! `dutyline sender-key`: a key by which a setting's sealed referrals are known when they come from an
//! address that is not registered. It is shown once; the database keeps its SHA-256.

use clap::Subcommand;
use sha2::{Digest, Sha256};

use super::organisations::must_be_named;
use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::clock::Rng;
use crate::store::people;

/// What is to be done with sender keys.
#[derive(Subcommand)]
pub enum Command {
    /// Makes a new one for a setting and prints it, once.
    New {
        #[command(flatten)]
        place: Place,
        /// The setting's name, Ofsted URN or id.
        organisation: String,
    },
}

/// Makes a key.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let Command::New { place, organisation } = command;
    let store = place.find()?.store().await?;
    let organisation = must_be_named(&mut store.read().await?, organisation).await?.id;
    let key: String = Rng::System.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let hash: [u8; 32] = Sha256::digest(key.as_bytes()).into();
    let written = store.write(move |unit| {
        Box::pin(async move {
            people::insert_sender_key(unit, hash, organisation).await?;
            let on = Object::new("organisation", Code::of(&organisation.to_string()));
            unit.record(EventDraft::new(Act::SenderKeyMade, Actor::operator()).on(on));
            Ok(())
        })
    });
    written.await?;
    store.close().await;
    writeln!(terminal.out, "{key}")?;
    writeln!(
        terminal.err,
        "It is shown this once: give it to the setting, for \"sender_key\" in its documents."
    )?;
    Ok(Ended::Done)
}
