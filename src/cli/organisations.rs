//! `dutyline organisations`: registers settings, services and trusts.

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::Actor;
use crate::clock::{Clock, Rng};
use crate::domain::ids::OrganisationId;
use crate::domain::phone::Phone;
use crate::domain::postcode::Postcode;
use crate::domain::urn::Urn;
use crate::people::import::{self, By, Report, What};
use crate::store::people::{self, Organisation};
use crate::store::{Sees, Store};

/// What is to be done with organisations.
#[derive(Subcommand)]
pub enum Command {
    /// Registers one; prints its id.
    Add(Add),
    /// Loads settings from a list (CSV with urn, name, postcode; phone, manager, email, role): all of it, or
    /// nothing; prints a row for each line of it that is not the same already.
    Import(Import),
}

/// A list of settings.
#[derive(Args)]
pub struct Import {
    #[command(flatten)]
    place: Place,
    /// The list.
    file: std::path::PathBuf,
    /// Says what the list would do and changes nothing.
    #[arg(long)]
    dry_run: bool,
}

/// An organisation.
#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    place: Place,
    /// What it is.
    #[arg(long, value_enum)]
    kind: Kind,
    /// Its name.
    #[arg(long)]
    name: String,
    /// Its Ofsted URN.
    #[arg(long)]
    urn: Option<String>,
    /// Its postcode: a second opinion when a referral is routed.
    #[arg(long)]
    postcode: Option<String>,
    /// Its telephone.
    #[arg(long)]
    phone: Option<String>,
}

/// What an organisation is.
#[derive(Clone, Copy, ValueEnum)]
pub enum Kind {
    /// An early years setting.
    Setting,
    /// A health visiting service.
    Service,
    /// A trust: auditors, information governance, administrators.
    Trust,
}

impl Kind {
    const fn code(self) -> &'static str {
        match self {
            Kind::Setting => "setting",
            Kind::Service => "service",
            Kind::Trust => "trust",
        }
    }
}

/// Registers an organisation.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::Add(add) => register(add, terminal).await,
        Command::Import(options) => load(options, terminal).await,
    }
}

/// Loads a list; a row that cannot be taken is a finding, and nothing is loaded.
async fn load(options: &Import, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let bytes =
        std::fs::read(&options.file).with_context(|| format!("cannot read {}", options.file.display()))?;
    let relay = options.place.find()?.relay().await?;
    let by = By { actor: Actor::operator(), person: None };
    let done = match options.dry_run {
        true => import::look(&relay, &bytes).await,
        false => import::apply(&relay, by, &bytes).await,
    };
    relay.store.close().await;
    let report = done?;
    for line in &report.lines {
        let (what, why) = match &line.what {
            What::Same => continue,
            What::Made => ("new", ""),
            What::Changed => ("changed", ""),
            What::Refused(why) => ("refused", why.as_str()),
        };
        writeln!(terminal.out, "{}\t{what}\t{}\t{why}", line.line, line.setting)?;
    }
    let Report { made, changed, same, refused, invited, .. } = report;
    let counts = format!(
        "{made} new, {changed} changed, {same} the same already, {refused} refused, {invited} invited"
    );
    writeln!(terminal.err, "{counts}{}", if refused > 0 { ": nothing was loaded" } else { "" })?;
    Ok(if refused > 0 { Ended::Finding } else { Ended::Done })
}

async fn register(add: &Add, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let organisation = read(add)?;
    let store = add.place.find()?.store().await?;
    if named(&mut store.read().await?, &organisation.name).await?.is_some() {
        bail!("there is an organisation of that name already: give this one a name that tells them apart");
    }
    let id = organisation.id;
    insert(&store, organisation).await?;
    store.close().await;
    writeln!(terminal.out, "{id}")?;
    Ok(Ended::Done)
}

fn read(add: &Add) -> anyhow::Result<Organisation> {
    let name = add.name.trim().to_owned();
    if name.is_empty() || name.chars().any(char::is_control) {
        bail!("--name: write the organisation's name on one line");
    }
    let urn = add.urn.as_deref().map(Urn::parse).transpose().context("--urn")?;
    let postcode = add.postcode.as_deref().map(Postcode::parse).transpose().context("--postcode")?;
    let phone = add.phone.as_deref().map(Phone::parse).transpose().context("--phone")?;
    Ok(Organisation {
        id: OrganisationId::new(Clock::System.now(), Rng::System.bytes()),
        kind: add.kind.code().to_owned(),
        name,
        urn: urn.map_or_else(String::new, |urn| urn.as_str().to_owned()),
        postcode: postcode.map_or_else(String::new, |postcode| postcode.shown().to_owned()),
        phone: phone.map_or_else(String::new, |phone| phone.as_typed().to_owned()),
    })
}

async fn insert(store: &Store, organisation: Organisation) -> anyhow::Result<()> {
    let done = store.write(move |unit| {
        Box::pin(async move { people::insert_organisation(unit, &Actor::operator(), &organisation).await })
    });
    Ok(done.await?)
}

/// The organisation that somebody means by a name, an Ofsted URN or an id.
pub(super) async fn named(read: &mut impl Sees, text: &str) -> anyhow::Result<Option<Organisation>> {
    if let Ok(id) = text.parse::<OrganisationId>() {
        return Ok(people::organisation(read, id).await?);
    }
    if let Some(found) = people::organisation_named(read, text.trim()).await? {
        return Ok(Some(found));
    }
    match Urn::parse(text) {
        Ok(urn) => Ok(people::organisation_with_urn(read, urn.as_str()).await?),
        Err(_) => Ok(None),
    }
}

/// As [`named`], with a sentence when there is none.
pub(super) async fn must_be_named(read: &mut impl Sees, text: &str) -> anyhow::Result<Organisation> {
    let found = named(read, text).await?;
    found.with_context(|| {
        format!("there is no organisation ‘{text}’: add it with `dutyline organisations add`")
    })
}

#[cfg(test)]
mod tests {
    use crate::cli::testing::Small;

    #[test]
    fn a_list_is_looked_at_loaded_and_loaded_again() {
        let small = Small::new();
        let write = |text: &str| std::fs::write(small.path("list.csv"), text).unwrap();
        let file = small.text("list.csv");
        write("urn,name,postcode\nEY123456,Meadow Nursery,CT1 2EH\nEY123457,Bad,nowhere\n");
        let (well, out, err) = small.said(&["organisations", "import", &file], "");
        assert!(!well && out.contains("3\trefused\t") && err.contains("nothing was loaded"), "{out}{err}");
        write(
            "urn,name,postcode,manager,email\nEY123456,Meadow Nursery,CT1 2EH,Mo Example,mo@meadow.example\n",
        );
        let row = "2\tnew\tEY123456 Meadow Nursery\t\n";
        assert_eq!(small.done(&["organisations", "import", &file, "--dry-run"]), row);
        assert_eq!(small.done(&["people", "list"]), "");
        assert_eq!(small.done(&["organisations", "import", &file]), row);
        assert_eq!(small.done(&["organisations", "import", &file]), "", "twice is nothing");
        assert!(small.done(&["people", "list"]).contains("mo@meadow.example"));
        small.trail_fits();
    }

    #[test]
    fn a_number_of_the_register_or_a_check_that_nobody_made_is_found_in_the_database() {
        for change in [
            "UPDATE register_setting SET phone = '07700 900111'",
            "DELETE FROM register_setting",
            "UPDATE organisation SET verified_by = 'somebody'",
            "UPDATE organisation SET declined_at = 1",
        ] {
            let small = Small::new();
            let list = "urn,name,postcode,phone\nEY123456,Meadow Nursery,CT1 2EH,01632 960001\n";
            std::fs::write(small.path("list.csv"), list).unwrap();
            small.done(&["organisations", "import", &small.text("list.csv")]);
            small.trail_fits();
            small.sql(change);
            let (well, out, _) = small.said(&["audit", "verify"], "");
            assert!(!well && !out.starts_with("The events fit each other"), "{change}: {out}");
        }
    }
}
