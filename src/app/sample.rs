//! Made-up people, settings from the public register, made-up referrals: what the demo is filled with.
//!
//! Everything goes through the same doors as real work: drafts are begun, saved, signed and sent, and
//! lines open and acknowledge. NHS numbers begin with 999, telephone numbers are the ones kept for
//! drama, addresses are at `example` domains.

pub mod hours;
mod people;
mod words;

use std::sync::Arc;

use crate::audit::Actor;
use crate::casework;
use crate::clock::Clock;
use crate::domain::agreement::{
    Agreement, Method, ParentalResponsibility, ReferrerSignature, Signatory, Strokes, Way,
};
use crate::domain::form::{Part, Raw};
use crate::domain::ids::{OrganisationId, ReferralId};
use crate::domain::people::Person;
use crate::domain::time::{DAY, Instant, MINUTE};
use crate::domain::words::Words;
use crate::pipeline::{PipelineError, drafts, submit};
use crate::relay::Relay;
use crate::store::people::{Organisation, insert_organisation};
use crate::store::register::{self, RegisterSetting};
use crate::store::{StoreError, places};

use super::AppError;
use words::{BOYS, CONCERNS, FAMILIES, FATHERS};

/// Referrals of the last weeks.
pub const REFERRALS: usize = 24;
/// Referrals of a quarter that is over, all of them done with: for the counts.
pub const EARLIER: usize = 18;
const SETTINGS: &str = include_str!("../../data/settings_sample.csv");

/// Fills an empty relay. The clock must be one that can be moved: time passes between the referrals.
pub async fn fill(relay: &Arc<Relay>) -> Result<(), AppError> {
    let failed = |error: PipelineError| AppError::Configuration(format!("sample data: {error}"));
    let settings = settings(relay).await?;
    let staff = people::staff(relay, &settings).await?;
    let line = people::lines(relay).await?;
    let now = Clock::System.now();
    let mut late = Vec::new();
    for (k, at) in hours::earlier(now, EARLIER).into_iter().enumerate() {
        go_on_to(relay, at);
        let (sender, setting) = &staff[k % staff.len()];
        let id = referral(relay, sender, setting, DONE[k % DONE.len()]).await.map_err(failed)?;
        relay.clock.advance(40 * MINUTE);
        if k % 3 == 0 { late.push(id) } else { work(relay, &line, id, ALL_OF_IT).await? }
    }
    go_on_to(relay, hours::after_the_earlier(now));
    for id in late {
        work(relay, &line, id, ALL_OF_IT).await?;
    }
    for (n, at) in hours::moments(now, REFERRALS).into_iter().enumerate() {
        go_on_to(relay, at);
        let (sender, setting) = &staff[n % staff.len()];
        let id = referral(relay, sender, setting, n).await.map_err(failed)?;
        relay.clock.advance(40 * MINUTE);
        work(relay, &line, id, n).await?;
    }
    Ok(())
}

/// Numbers of referrals that have a signature and a line.
const DONE: [usize; 6] = [9, 2, 6, 5, 12, 1];
/// The number of a referral that its line acknowledges.
const ALL_OF_IT: usize = 2;

fn go_on_to(relay: &Relay, at: Instant) {
    relay.clock.advance((at.micros() - relay.clock.now().micros()).max(0));
}

/// The published mailboxes are real and must never get mail from a demo: each line gets one of ours,
/// confirmed.
pub async fn localities(relay: &Relay) -> Result<(), StoreError> {
    let rows: Vec<places::LocalityRow> = relay
        .places
        .localities()
        .iter()
        .map(|locality| places::LocalityRow {
            id: locality.id.as_str().to_owned(),
            name: locality.name.clone(),
            phones: locality
                .phones
                .iter()
                .map(|phone| phone.as_typed().to_owned())
                .collect::<Vec<_>>()
                .join("\n"),
            mailbox: format!("{}.duty@health.example", locality.id.as_str()),
            lad_codes: locality
                .districts
                .iter()
                .map(|code| code.as_str().to_owned())
                .collect::<Vec<_>>()
                .join(" "),
            confirmed_at: 0,
        })
        .collect();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                for row in &rows {
                    places::put_locality(unit, &Actor::operator(), row).await?;
                    places::confirm_for_demo(unit, &row.id).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn settings(relay: &Relay) -> Result<Vec<Organisation>, StoreError> {
    let all: Vec<Organisation> = SETTINGS
        .lines()
        .skip(1)
        .filter_map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let [urn, name, _, postcode, ..] = cells.as_slice() else { return None };
            Some(Organisation {
                id: relay.fresh(OrganisationId::new),
                kind: "setting".to_owned(),
                name: name.trim_matches('"').to_owned(),
                urn: (*urn).to_owned(),
                postcode: (*postcode).to_owned(),
                phone: "01632 960123".to_owned(),
            })
        })
        .collect();
    let rows = all.clone();
    let listed: Vec<RegisterSetting> = rows.iter().map(as_listed).chain([newcomer()]).collect();
    relay
        .store
        .write(move |unit| {
            Box::pin(async move {
                for row in &rows {
                    insert_organisation(unit, &Actor::operator(), row).await?;
                }
                register::load(unit, &Actor::operator(), &listed).await
            })
        })
        .await?;
    Ok(all)
}

/// A made-up setting that the register has and nobody has invited: it can sign itself up.
fn newcomer() -> RegisterSetting {
    RegisterSetting {
        urn: "EY999001".to_owned(),
        name: "Makebelieve Meadow Nursery".to_owned(),
        postcode: "CT1 2EH".to_owned(),
        phone: "01632 960321".to_owned(),
    }
}

/// A setting as Ofsted's register would have it, with a made-up telephone.
fn as_listed(setting: &Organisation) -> RegisterSetting {
    let Organisation { urn, name, postcode, phone, .. } = setting.clone();
    RegisterSetting { urn, name, postcode, phone }
}

/// One whole referral, through the same steps as a person takes.
async fn referral(
    relay: &Relay,
    sender: &Person,
    setting: &Organisation,
    n: usize,
) -> Result<ReferralId, PipelineError> {
    let draft = drafts::begin(relay, sender).await?;
    for part in Part::FAMILY {
        let mut sent = form_of(relay, sender, setting, n);
        sent.set("referrer.date", relay.clock.now().day().to_string());
        drafts::save_part(relay, sender, draft, *part, &sent).await?;
    }
    let shown = drafts::open(relay, sender, draft).await?.content.family(relay.context()).sha256();
    // Every ninth is sent without the parent's signature, and is held.
    if n % 9 != 7 {
        drafts::sign_agreement(relay, sender, draft, agreement(relay, n, &shown)).await?;
    }
    let signature = ReferrerSignature {
        printed_name: sender.name.clone(),
        content_sha256: shown,
        signed_on: relay.clock.now().day(),
        recorded_at: relay.clock.now(),
    };
    drafts::sign_as_referrer(relay, sender, draft, signature).await?;
    drafts::save_part(relay, sender, draft, Part::Restricted, &restricted_of(n)).await?;
    submit(relay, sender, draft).await
}

fn agreement(relay: &Relay, n: usize, shown: &str) -> Agreement {
    let drawn = n.is_multiple_of(2);
    let (statement, beside) = relay.statement().signed(Words::english().code);
    Agreement {
        printed_name: FAMILIES[n % FAMILIES.len()].2.to_owned(),
        relationship: if FATHERS.contains(&(n % FAMILIES.len())) { "Father" } else { "Mother" }.to_owned(),
        signatory: Signatory::Parent,
        parental_responsibility: ParentalResponsibility::Yes,
        method: if drawn { Method::Drawn } else { Method::Typed },
        strokes: drawn.then(scrawl),
        statement,
        beside,
        content_sha256: shown.to_owned(),
        signed_on: relay.clock.now().day(),
        recorded_at: relay.clock.now(),
        present: "Parent and key person".to_owned(),
        checked_how: "Known to the setting".to_owned(),
        browser: String::new(),
        address: String::new(),
        way: Way::Screen,
        notice: relay.notice().id(),
    }
}

/// A wavy line, as a signature.
fn scrawl() -> Strokes {
    let point = |i: u16| (0.05 + f32::from(i) * 0.018, 0.5 + 0.3 * (f32::from(i) * 0.55).sin());
    Strokes(vec![(0..50).map(point).collect()])
}

fn form_of(relay: &Relay, sender: &Person, setting: &Organisation, n: usize) -> Raw {
    let (forename, surname, carer, language) = FAMILIES[n % FAMILIES.len()];
    let (concern, category, area) = CONCERNS[n % CONCERNS.len()];
    let born = relay.clock.now().plus(-(DAY * i64::try_from(740 + n * 11).unwrap_or(740))).day();
    let mut raw = Raw::default();
    let mut set = |path: &str, value: &str| raw.set(path, value);
    set("request.kind", "referral");
    // Every twelfth family has no postcode that is known, and waits on the intake desk.
    set("carer.postcode_known", if n % 12 == 10 { "no" } else { "yes" });
    set("carer.postcode", &postcode_for(n));
    set("child.forename", forename);
    set("child.surname", surname);
    set("child.date_of_birth", &born.to_string());
    set("child.gender", if BOYS.contains(&(n % FAMILIES.len())) { "boy" } else { "girl" });
    set("child.pre_school", &setting.name);
    if n.is_multiple_of(4) {
        set("child.nhs_number", "999 000 0018");
    }
    set("carer.name", carer);
    set("carer.address", "1 Made Up Street");
    set("carer.phone", "07700 900123");
    set("needs.interpreter", if language.is_empty() { "no" } else { "yes" });
    set("needs.language", language);
    set("reason.concerns", concern);
    set("reason.categories", category);
    set("reason.areas", area);
    set(
        "reason.strengths",
        "Loves water play and stories. We have tried short group times and picture cards.",
    );
    set(
        "reason.parent_goals",
        "That mealtimes and bedtimes are calmer, and that people understand my child.",
    );
    set("referrer.name", &sender.name);
    set("referrer.designation", sender.role.label());
    set("referrer.setting", &setting.name);
    set("referrer.urn", &setting.urn);
    set("referrer.phone", &setting.phone);
    set("referrer.email", &sender.email);
    raw
}

/// Postcodes of the register's settings, so that the lines share the work.
fn postcode_for(n: usize) -> String {
    let live: Vec<&str> = SETTINGS
        .lines()
        .skip(1)
        .filter(|line| line.contains(",live,") && line.contains(",E07000"))
        .filter_map(|line| {
            line.split(',').find(|cell| crate::domain::postcode::Postcode::parse(cell).is_ok())
        })
        .collect();
    // Every third lies in the second sample line's district, so that one inbox has something to show.
    let at = if n.is_multiple_of(3) { 16 + n / 3 } else { (n * 29) % live.len() };
    live[at % live.len()].to_owned()
}

fn restricted_of(n: usize) -> Raw {
    let mut raw = Raw::default();
    raw.set("safeguarding.concerns", "no");
    raw.set("abuse.concerns", if n % 5 == 3 { "yes" } else { "no" });
    raw.set("request.urgency", ["routine", "routine", "soon", "this-week", "routine", "today"][n % 6]);
    if n % 5 == 3 {
        raw.set("abuse.safe_contact", "07700 900456");
        raw.set("abuse.safe_times", "Weekdays before 3pm, by text first");
        raw.set("abuse.perpetrator_name", "A. N. Invented");
        raw.set("abuse.at_home", "not-known");
    }
    raw
}

/// The lines do part of their work: some are opened, some acknowledged.
async fn work(relay: &Relay, line: &[Person], id: ReferralId, n: usize) -> Result<(), AppError> {
    let row = crate::store::referrals::find(&mut relay.store.read().await?, id).await?;
    let Some(row) = row.filter(|row| row.state.shared_with_line() && !n.is_multiple_of(3)) else {
        return Ok(());
    };
    let Some(nurse) = line.iter().find(|person| person.works(&row.locality)) else { return Ok(()) };
    let failed = |error: casework::CaseworkError| AppError::Configuration(format!("sample data: {error}"));
    casework::open(relay, nurse, id).await.map_err(failed)?;
    if n % 3 == 2 {
        relay.clock.advance(25 * MINUTE);
        casework::open_restricted(relay, nurse, id, "triage").await.map_err(failed)?;
        casework::acknowledge(relay, nurse, id).await.map_err(failed)?;
    }
    Ok(())
}
