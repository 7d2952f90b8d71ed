//! `dutyline people`: who may sign in. Each act is recorded under the operator.

use anyhow::{Context as _, bail};
use clap::{ArgGroup, Args, Subcommand};

use super::organisations::must_be_named;
use super::place::Place;
use super::{Ended, Terminal};
use crate::audit::Actor;
use crate::domain::email::EmailAddress;
use crate::domain::ids::PersonId;
use crate::domain::name::PersonName;
use crate::domain::people::{Person, Role};
use crate::domain::time::MINUTE;
use crate::people::{LINK, link};
use crate::relay::Relay;
use crate::store::people::{self, Organisation};

/// What is to be done with people.
#[derive(Subcommand)]
pub enum Command {
    /// Adds a person; prints the id.
    #[command(alias = "invite")]
    Add(Add),
    /// Lists everybody who may sign in: id, role, locality, address, name, organisation.
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Ends a person's access at once.
    Disable {
        #[command(flatten)]
        place: Place,
        /// The person's id.
        id: PersonId,
    },
    /// Prints a sign-in link that works once, for a short time.
    Link {
        #[command(flatten)]
        place: Place,
        /// The person's address.
        email: String,
        /// The address of the web door [default: the configured one, or http://127.0.0.1:8080].
        #[arg(long, value_name = "URL")]
        base_url: Option<String>,
    },
}

/// A person.
#[derive(Args)]
#[command(group = ArgGroup::new("whose").required(true).args(["organisation", "urn"]))]
pub struct Add {
    #[command(flatten)]
    place: Place,
    /// The organisation's name or id.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// The setting's Ofsted URN.
    #[arg(long)]
    urn: Option<String>,
    /// The person's name.
    #[arg(long)]
    name: String,
    /// practitioner, manager, safeguarding-lead, duty, duty-lead, intake-desk, ig-lead, auditor,
    /// commissioner or administrator.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The work address: a setting's mail is known by it.
    #[arg(long)]
    email: String,
    /// The locality whose line they work, for duty and duty-lead.
    #[arg(long)]
    locality: Option<String>,
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.iter().map(|role| role.code()).collect::<Vec<_>>().join(", ");
    Role::from_code(text).ok_or_else(|| format!("the roles are {}", known()))
}

/// Adds, lists, disables, or makes a link.
pub(super) async fn run(command: &Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::Add(options) => add(options, terminal).await?,
        Command::List { place } => list(place, terminal).await?,
        Command::Disable { place, id } => disable(place, *id, terminal).await?,
        Command::Link { place, email, base_url } => {
            sign_in(place, email, base_url.as_deref(), terminal).await?
        }
    }
    Ok(Ended::Done)
}

async fn add(options: &Add, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let relay = options.place.find()?.relay().await?;
    let wanted = options.organisation.as_deref().or(options.urn.as_deref()).unwrap_or_default();
    let mut read = relay.store.read().await?;
    let organisation = must_be_named(&mut read, wanted).await?;
    let person = person(options, &relay, organisation)?;
    let taken = people::address_is_taken(&mut read, &person.email).await?;
    drop(read);
    if taken {
        bail!("{} is another person's address already: each person needs an own one", person.email);
    }
    let id = person.id;
    insert(&relay, person).await?;
    relay.store.close().await;
    writeln!(terminal.out, "{id}")?;
    Ok(())
}

fn person(options: &Add, relay: &Relay, organisation: Organisation) -> anyhow::Result<Person> {
    let locality = options.locality.clone().unwrap_or_default();
    let known = || relay.places.localities().iter().map(|l| l.id.as_str()).collect::<Vec<_>>().join(", ");
    match (options.role.on_line(), relay.places.locality(&locality)) {
        (true, None) => bail!("--locality: name the line that they work, one of {}", known()),
        (false, _) if !locality.is_empty() => bail!("--locality: only duty and duty-lead have one"),
        _ => {}
    }
    if options.role.in_setting() != (organisation.kind == "setting") {
        let (role, kind) = (options.role.code(), &organisation.kind);
        bail!("--role: {role} does not fit an organisation of the kind {kind}");
    }
    Ok(Person {
        id: relay.fresh(PersonId::new),
        organisation: organisation.id,
        organisation_name: organisation.name,
        name: PersonName::parse(&options.name).context("--name")?.as_str().to_owned(),
        role: options.role,
        lines: locality.split_whitespace().map(str::to_owned).collect(),
        covers: Vec::new(),
        email: EmailAddress::parse(&options.email).context("--email")?.folded(),
    })
}

async fn insert(relay: &Relay, person: Person) -> anyhow::Result<()> {
    let written = relay
        .store
        .write(move |unit| Box::pin(async move { people::insert(unit, &Actor::operator(), &person).await }));
    Ok(written.await?)
}

async fn list(place: &Place, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let store = place.find()?.store().await?;
    for person in people::everybody(&mut store.read().await?).await? {
        let Person { id, role, lines, email, name, organisation_name, .. } = person;
        let lines = lines.join(" ");
        writeln!(terminal.out, "{id}\t{}\t{lines}\t{email}\t{name}\t{organisation_name}", role.code())?;
    }
    store.close().await;
    Ok(())
}

async fn disable(place: &Place, id: PersonId, terminal: &mut Terminal<'_>) -> anyhow::Result<()> {
    let store = place.find()?.store().await?;
    if people::find(&mut store.read().await?, id).await?.is_none() {
        bail!("nobody with that id may sign in: `dutyline people list` shows who may");
    }
    let written =
        store.write(move |unit| Box::pin(async move { people::disable(unit, &Actor::operator(), id).await }));
    written.await?;
    store.close().await;
    writeln!(terminal.out, "ok")?;
    Ok(())
}

async fn sign_in(
    place: &Place,
    email: &str,
    base_url: Option<&str>,
    terminal: &mut Terminal<'_>,
) -> anyhow::Result<()> {
    let found = place.find()?;
    let relay = found.relay().await?;
    let address = EmailAddress::parse(email)?.folded();
    let person = people::by_email(&mut relay.store.read().await?, &address).await?;
    let person =
        person.context("nobody with that address may sign in: `dutyline people list` shows who may")?;
    let token = link(&relay, person.id).await?;
    relay.store.close().await;
    let base = base_url.or(found.base_url.as_deref()).unwrap_or("http://127.0.0.1:8080");
    writeln!(terminal.out, "{}/sign-in/link/{}", base.trim_end_matches('/'), token.secret())?;
    writeln!(
        terminal.err,
        "It works once, for {} minutes. Whoever has it signs in as this person.",
        LINK / MINUTE
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::cli::testing::Small;

    const ADD: [&str; 10] = [
        "people",
        "add",
        "--name",
        "Mo Example",
        "--role",
        "practitioner",
        "--email",
        "Mo@Meadow.example",
        "--urn",
        "EY123456",
    ];

    fn with_setting() -> Small {
        let small = Small::new();
        let setting =
            ["organisations", "add", "--kind", "setting", "--name", "Meadow Nursery", "--urn", "ey 123456"];
        small.done(&setting);
        small
    }

    #[test]
    fn a_person_is_added_listed_linked_and_disabled() {
        let small = with_setting();
        let id = small.done(&ADD);
        let id = id.trim();
        let listed = small.done(&["people", "list"]);
        assert_eq!(listed, format!("{id}\tpractitioner\t\tmo@meadow.example\tMo Example\tMeadow Nursery\n"));
        let link =
            small.done(&["people", "link", "mo@meadow.example", "--base-url", "https://relay.example/"]);
        let token = link.trim().strip_prefix("https://relay.example/sign-in/link/").unwrap();
        assert!(crate::people::Token::parse(token).is_some());
        assert_eq!(small.done(&["people", "disable", id]), "ok\n");
        assert_eq!(small.done(&["people", "list"]), "");
        let (well, _, err) = small.said(&["people", "link", "mo@meadow.example"], "");
        assert!(!well && err.contains("nobody with that address"), "{err}");
        small.trail_fits();
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_remedy() {
        let small = with_setting();
        small.done(&ADD);
        let mut twice = ADD.to_vec();
        twice[3] = "Jo Example";
        let mut line = ADD.to_vec();
        line[5] = "duty";
        let mut stranger = ADD.to_vec();
        stranger[9] = "EY999999";
        let mut trust = ADD.to_vec();
        trust[5] = "auditor";
        let cases = [
            (twice, "another person's address"),
            (line, "--locality: name the line"),
            (stranger, "there is no organisation ‘EY999999’"),
            (trust, "auditor does not fit an organisation of the kind setting"),
        ];
        for (arguments, words) in cases {
            let (well, out, err) = small.said(&arguments, "");
            assert!(!well && out.is_empty() && err.contains(words), "{words}: {err}");
        }
    }

    #[test]
    fn a_sender_key_is_shown_once_and_an_unknown_setting_has_none() {
        let small = with_setting();
        let key = small.done(&["sender-key", "new", "Meadow Nursery"]);
        assert_eq!(key.trim().len(), 64);
        let database = std::fs::read(small.path("dutyline.db")).unwrap();
        assert!(!database.windows(64).any(|piece| piece == key.trim().as_bytes()));
        assert!(!small.said(&["sender-key", "new", "Nobody's"], "").0);
    }
}
