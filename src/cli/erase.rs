//! `dutyline erase`: destroys a referral's content and prints the certificate (DESIGN section 5).
//!
//! An operator's command and no page: whoever may decide it (the controller, by its IG lead) tells the
//! operator, and the operator sees no content. A crash before the certificate is printed leaves the
//! referral erased and its event in the trail; the command then says that it was erased before.

use anyhow::bail;
use clap::Args;

use super::place::Place;
use super::{Ended, Terminal};
use crate::app;
use crate::audit::Actor;
use crate::casework::{self, CaseworkError, Certificate};
use crate::domain::reference::Reference;
use crate::domain::referral::Ground;
use crate::domain::time::DAY;
use crate::store::backup::Scrubbed;

/// How long copies of the database are kept where nobody says otherwise, days (DESIGN section 5).
const KEPT: i64 = 35;
/// Longest time that may be said, days.
const MOST_KEPT: i64 = 3_650;

/// What is erased and why.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    place: Place,
    /// The referral's reference.
    #[arg(value_parser = reference)]
    reference: Reference,
    /// retention, request or sent-in-error.
    #[arg(long, value_parser = ground)]
    ground: Ground,
    /// How many days copies of the database are kept: the certificate names the day.
    #[arg(long, value_name = "DAYS", default_value_t = KEPT, value_parser = clap::value_parser!(i64).range(0..=MOST_KEPT))]
    backups_kept: i64,
}

fn ground(text: &str) -> Result<Ground, String> {
    let known = || Ground::ALL.iter().map(|ground| ground.code()).collect::<Vec<_>>().join(", ");
    Ground::from_code(text).ok_or_else(|| format!("the grounds are {}", known()))
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).map_err(|error| error.to_string())
}

/// Erases and prints the certificate.
pub(super) async fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let found = options.place.find()?;
    let relay = found.relay().await?;
    let erased = casework::erase(&relay, Actor::operator(), &options.reference, options.ground).await;
    let noted = match (&erased, &found.checkpoint_file) {
        (Ok(_), Some(file)) => app::erased::note(&relay, file).await,
        _ => Ok(()),
    };
    relay.store.close().await;
    match erased {
        Ok(certificate) => write(&certificate, options.backups_kept, terminal)?,
        Err(CaseworkError::Missing) => bail!("there is no referral {}", options.reference),
        Err(CaseworkError::Erased) => bail!("{} was erased before: the trail says when", options.reference),
        Err(other) => return Err(other.into()),
    }
    // What was erased is certified, whatever keeps the list from being written: the relay tries again.
    noted?;
    Ok(Ended::Done)
}

fn write(done: &Certificate, kept: i64, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let out = &mut terminal.out;
    writeln!(out, "Certificate of erasing")?;
    writeln!(out, "referral: {}", done.reference)?;
    writeln!(out, "case: {}", done.case)?;
    writeln!(out, "ground: {} ({})", done.ground.code(), done.ground.label())?;
    writeln!(out, "erased at: {}", done.at.rfc3339())?;
    writeln!(
        out,
        "The key to this case was destroyed in the relay. The form, the restricted part, attachments and the"
    )?;
    writeln!(out, "mails that brought it cannot be opened here again, and the child is not found by it.")?;
    writeln!(out, "It is not known any more: the same form sent again is a new referral.")?;
    writeln!(
        out,
        "Copies of the database made before can be opened with the keys until they are destroyed."
    )?;
    writeln!(out, "They are to be destroyed by {}, {kept} days from now.", done.at.plus(kept * DAY).day())?;
    writeln!(
        out,
        "Not in the relay's hands: paper that was printed, PDFs that were saved, the setting's own copy, its"
    )?;
    writeln!(out, "sealed file and mail, the clinical record.")?;
    match done.scrubbed {
        Scrubbed::Done => {}
        Scrubbed::InUse => writeln!(
            terminal.err,
            "Old bytes are still in the database's own files, because somebody is reading: the relay takes \
             them out within the hour, while it runs."
        )?,
        Scrubbed::Server => writeln!(
            out,
            "PostgreSQL's own files and its write-ahead log may hold the old bytes until their place is used again."
        )?,
    }
    Ok(())
}
