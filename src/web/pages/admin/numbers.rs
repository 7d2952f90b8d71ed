//! The gate's numbers and the meeting times: what holds, what is planned, who decided what and when.

use axum::response::{IntoResponse as _, Redirect};

use super::super::super::access::Who;
use super::super::super::error::PageError;
use super::super::super::field::{Answer, Choice, Field};
use super::super::super::form::Protected;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow};
use super::super::super::{Site, State};
use super::super::referral::list::{self, Asked};
use super::shapes::{Cell, Post, Table, from_field};
use super::{Changed, Control, FormPage, Section, View, conflict, decider, fault, typed, who_was_first};
use crate::administration::numbers::{self, BUSY, Change, METHODS, Numbers};
use crate::administration::{AdministrationError, Faults};
use crate::domain::agreement::{Method, Signatory};
use crate::domain::form::Raw;
use crate::domain::people::{Person, Role};
use crate::domain::slot_time::time_for_people;
use crate::domain::time::{Instant, day_for_people};
use crate::relay::decided::rules_of;
use crate::relay::live::Rules;

const HERE: &str = "/admin/numbers";

/// `GET /admin/numbers`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let numbers = numbers::all(&site.relay).await?;
    let (done, done_more) = match list::asked(&asked).get("done") {
        "changed" => ("The change is saved", "It takes effect on its day, by itself."),
        "taken-back" => ("The planned change is taken back", "What holds today goes on."),
        _ => ("", ""),
    };
    let mut sections = today(&person, &numbers);
    sections.extend(planned(&person, &numbers));
    sections.push(history(&site, &numbers).await?);
    page(View {
        shell: shell(&site, "Numbers", Some(&person), HERE),
        done,
        done_more,
        heading: "Numbers".to_owned(),
        intro: vec![
            "What the relay checks before a referral is shared, and when meetings can be offered.".to_owned(),
        ],
        sections,
        pages: Pages::default(),
    })
}

fn today(person: &Person, numbers: &Numbers) -> Vec<Section> {
    let may = person.role == Role::Administrator;
    let link = |label: &str, to: &str| {
        if may { vec![(label.to_owned(), format!("{HERE}/{to}"))] } else { Vec::new() }
    };
    let (gate, slots) = (gate_rows(&numbers.now), slot_rows(&numbers.now));
    vec![
        Section {
            rows: gate,
            links: link("Change these numbers", "signatures"),
            ..Section::headed("Signatures and ages")
        },
        Section {
            rows: slots,
            links: link("Change the meeting times", "meetings"),
            ..Section::headed("Meeting times")
        },
    ]
}

fn planned(person: &Person, numbers: &Numbers) -> Option<Section> {
    let (planned, day) = (numbers.planned.as_ref()?, numbers.planned_from()?);
    let rules = rules_of(&planned.rules);
    let rows = gate_rows(&rules).into_iter().chain(slot_rows(&rules)).collect();
    let mut section = Section { rows, ..Section::headed(format!("Planned from {}", day_for_people(day))) };
    if person.role == Role::Administrator {
        section.posts.push(Post {
            label: "Take back the planned change".to_owned(),
            action: format!("{HERE}/take-back"),
            hidden: vec![("version", numbers.version.to_string())],
        });
    }
    Some(section)
}

fn gate_rows(rules: &Rules) -> Vec<SummaryRow> {
    let mut rows = vec![SummaryRow::new("A signature holds", format!("{} days", rules.gate.signature_days))];
    rows.extend(METHODS.map(|(who, _)| {
        let methods: Vec<&str> = rules.gate.methods.of(who).iter().map(|method| method.label()).collect();
        let none = "None: they do not sign here".to_owned();
        SummaryRow::new(whose(who), if methods.is_empty() { none } else { methods.join("\n") })
    }));
    rows.push(SummaryRow::new("Oldest age", format!("{} months", rules.gate.oldest_months)));
    rows
}

/// Whose ways of signing.
fn whose(who: Signatory) -> &'static str {
    match who {
        Signatory::Parent => "How a parent can sign",
        Signatory::Carer => "How a carer without parental responsibility can sign",
        Signatory::YoungPerson => "How a young person can sign",
    }
}

fn slot_rows(rules: &Rules) -> Vec<SummaryRow> {
    let slots = &rules.slots;
    let between = |from, to| format!("{} to {}", time_for_people(from), time_for_people(to));
    let busy: Vec<String> = slots
        .busy
        .iter()
        .map(|(from, to, what)| format!("{}: {}", label(what), between(*from, *to)))
        .collect();
    let wall =
        if slots.busy_is_wall { "They cannot be offered" } else { "They can be offered, with a warning" };
    vec![
        SummaryRow::new("Meetings lie between", between(slots.opens, slots.closes)),
        SummaryRow::new("First day offered", format!("{} days from today", slots.notice_days)),
        SummaryRow::new("Last day offered", format!("{} months from today", slots.horizon_months)),
        SummaryRow::new(
            "Times better avoided",
            if busy.is_empty() { "None".to_owned() } else { busy.join("\n") },
        ),
        SummaryRow::new("What happens at these times", wall),
    ]
}

fn label(what: &str) -> &str {
    match what {
        "arrival" => "Arrival",
        "lunch" => "Lunch",
        other => other,
    }
}

/// Every decision, newest first: each number from what to what.
async fn history(site: &Site, numbers: &Numbers) -> Result<Section, PageError> {
    let mut read = site.relay.store.read().await?;
    let mut rows = Vec::new();
    for (at, one) in numbers.history.iter().enumerate().rev() {
        let before = at.checked_sub(1).map_or(&numbers.defaults, |at| &numbers.history[at].rules);
        let changed = differences(&rules_of(before), &rules_of(&one.rules));
        let day = one.valid_from.parse().map_or_else(|_| one.valid_from.clone(), day_for_people);
        rows.push(vec![
            Cell::plain("From", day),
            Cell::plain(
                "What changed",
                if changed.is_empty() { "Nothing: decided again".to_owned() } else { changed.join("\n") },
            ),
            Cell::plain("Decided by", decider(&mut read, &one.decided_by).await?),
            Cell::plain("Decided on", Instant::from_micros(one.decided_at).for_people()),
        ]);
    }
    let words = if rows.is_empty() {
        vec!["Nothing was decided here yet: the numbers are those of the configuration.".to_owned()]
    } else {
        Vec::new()
    };
    let heads = vec!["From", "What changed", "Decided by", "Decided on"];
    let table =
        (!rows.is_empty()).then(|| Table { caption: "Decisions, newest first".to_owned(), heads, rows });
    Ok(Section { words, table, ..Section::headed("History") })
}

/// What differs, in the words of the page.
fn differences(before: &Rules, after: &Rules) -> Vec<String> {
    let rows = |rules: &Rules| gate_rows(rules).into_iter().chain(slot_rows(rules));
    let pairs = rows(before).zip(rows(after)).filter(|(before, after)| before.value != after.value);
    pairs.map(|(before, after)| difference(&before, &after)).collect()
}

/// Of a list, what came and what went; else from what to what.
fn difference(before: &SummaryRow, after: &SummaryRow) -> String {
    let lines = |row: &SummaryRow| row.value.lines().map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(before), lines(after));
    if old.len() < 2 && new.len() < 2 {
        return format!("{}: from {} to {}", before.key, before.value, after.value);
    }
    let not_in = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|line| !those.contains(line)).cloned().collect()
    };
    let (came, went) = (not_in(&new, &old), not_in(&old, &new));
    let said = [("added", came), ("taken away", went)].into_iter().filter(|(_, lines)| !lines.is_empty());
    let said: Vec<String> = said.map(|(what, lines)| format!("{what}: {}", lines.join(", "))).collect();
    format!("{}, {}", before.key, said.join("; "))
}

/// Which of the two forms.
#[derive(Clone, Copy)]
enum Which {
    Gate,
    Slots,
}

/// `GET /admin/numbers/signatures`
pub async fn ask_signatures(site: State, Who(person): Who) -> Page {
    let numbers = numbers::all(&site.relay).await?;
    page(form(&site, &person, &numbers, Which::Gate, &Raw::default(), &Faults::new()))
}

/// `GET /admin/numbers/meetings`
pub async fn ask_meetings(site: State, Who(person): Who) -> Page {
    let numbers = numbers::all(&site.relay).await?;
    page(form(&site, &person, &numbers, Which::Slots, &Raw::default(), &Faults::new()))
}

fn form(
    site: &Site,
    person: &Person,
    numbers: &Numbers,
    which: Which,
    raw: &Raw,
    faults: &Faults,
) -> FormPage {
    let (title, mut controls) = match which {
        Which::Gate => ("Change signatures and ages", gate_controls(&numbers.last(), raw, faults)),
        Which::Slots => ("Change the meeting times", slot_controls(&numbers.last(), raw, faults)),
    };
    controls.push(from_field(raw, fault(faults, "from")));
    let shell = shell(site, title, Some(person), HERE).back(HERE, "Numbers");
    let mut page = FormPage::new(shell, title, controls);
    page.hidden = vec![("version", numbers.version.to_string())];
    if let Some(day) = numbers.planned_from() {
        page.intro.push(format!(
            "A change from {} on is planned already. This form begins with it; yours can hold from that day or a later one on.",
            day_for_people(day)
        ));
    }
    page
}

fn gate_controls(last: &Rules, raw: &Raw, faults: &Faults) -> Vec<Control> {
    let first = raw.names().next().is_none();
    let number = |name: &str, label: &str, kept: i32| {
        Field::new(name, label)
            .value(typed(raw, name, &kept.to_string()))
            .error(fault(faults, name))
            .numeric()
            .width(4)
            .label_size("s")
    };
    let methods = METHODS.map(|(who, field)| {
        let answers = Method::ALL.iter().map(|method| Answer::new(method.code(), method.label())).collect();
        let chosen: Vec<String> = match first {
            true => last.gate.methods.of(who).iter().map(|method| method.code().to_owned()).collect(),
            false => raw.all(field).to_vec(),
        };
        let hint = match who {
            Signatory::YoungPerson => "Choose none if young people do not sign here.",
            _ => "Other ways are not offered. What was told to staff, or came by mail, is held instead.",
        };
        let choice = Choice::new(field, whose(who), answers).hint(hint).chosen(chosen);
        Control::Many(choice.error(fault(faults, field)))
    });
    let mut controls = vec![Control::Text(number(
        "signature_days",
        "For how many days does a signature hold?",
        last.gate.signature_days,
    ))];
    controls.extend(methods);
    controls.push(Control::Text(
        number("oldest_months", "Up to which age, in months?", last.gate.oldest_months)
            .hint("Settings are warned when a child is older. 60 months are 5 years."),
    ));
    controls
}

fn slot_controls(last: &Rules, raw: &Raw, faults: &Faults) -> Vec<Control> {
    let slots = &last.slots;
    let text = |name: &str, label: &str, kept: String| {
        Field::new(name, label)
            .value(typed(raw, name, &kept))
            .error(fault(faults, name))
            .width(10)
            .label_size("s")
    };
    let mut controls = vec![
        Control::Text(
            text("opens", "Meetings start at the earliest at", time_for_people(slots.opens))
                .hint("For example, 8am."),
        ),
        Control::Text(
            text("closes", "Meetings end at the latest at", time_for_people(slots.closes))
                .hint("For example, 6pm."),
        ),
        Control::Text(
            text("notice_days", "Days from today to the first day offered", slots.notice_days.to_string())
                .numeric(),
        ),
        Control::Text(
            text(
                "horizon_months",
                "Months from today to the last day offered",
                slots.horizon_months.to_string(),
            )
            .numeric(),
        ),
    ];
    for what in BUSY {
        let known = slots.busy.iter().find(|(.., name)| name == what);
        let kept = |part: Option<jiff::civil::Time>| part.map_or_else(String::new, time_for_people);
        let (from, to) = (kept(known.map(|one| one.0)), kept(known.map(|one| one.1)));
        controls.push(Control::Text(
            text(what, &format!("{} begins at", label(what)), from)
                .hint("Leave beginning and end empty for none."),
        ));
        controls.push(Control::Text(text(&format!("{what}_to"), &format!("{} ends at", label(what)), to)));
    }
    let answers = vec![
        Answer::new("no", "They can be offered, with a warning"),
        Answer::new("yes", "They cannot be offered"),
    ];
    let kept = if slots.busy_is_wall { "yes" } else { "no" };
    let chosen = Some(typed(raw, "wall", kept)).filter(|wall| !wall.is_empty());
    controls.push(Control::One(
        Choice::new("wall", "What happens at these times?", answers)
            .chosen(chosen)
            .error(fault(faults, "wall")),
    ));
    controls
}

/// `POST /admin/numbers/signatures`
pub async fn save_signatures(site: State, Who(person): Who, Protected(raw): Protected) -> Page {
    let numbers = numbers::all(&site.relay).await?;
    let read = numbers::read_gate(&site.relay, &numbers, &raw);
    save(&site, &person, Which::Gate, &raw, read).await
}

/// `POST /admin/numbers/meetings`
pub async fn save_meetings(site: State, Who(person): Who, Protected(raw): Protected) -> Page {
    let numbers = numbers::all(&site.relay).await?;
    let read = numbers::read_slots(&site.relay, &numbers, &raw);
    save(&site, &person, Which::Slots, &raw, read).await
}

async fn save(site: &Site, person: &Person, which: Which, raw: &Raw, read: Result<Change, Faults>) -> Page {
    let done = match read {
        Ok(change) => numbers::change(&site.relay, person, &change).await,
        Err(faults) => Err(AdministrationError::Refused(faults)),
    };
    let numbers = numbers::all(&site.relay).await?;
    match done {
        Ok(()) => Ok(Redirect::to(&format!("{HERE}?done=changed")).into_response()),
        Err(AdministrationError::Refused(faults)) => {
            let mut again = form(site, person, &numbers, which, raw, &faults);
            again.hidden = vec![("version", raw.get("version").to_owned())];
            page(again)
        }
        Err(AdministrationError::Changed) => told(site, person, &numbers, which, raw).await,
        Err(other) => Err(other.into()),
    }
}

/// Somebody else was first: who, and what is kept now.
async fn told(site: &Site, person: &Person, numbers: &Numbers, which: Which, raw: &Raw) -> Page {
    let Some(last) = numbers.history.last() else { return Err(PageError::Conflict) };
    let mut read = site.relay.store.read().await?;
    let who = who_was_first(&mut read, &last.decided_by, last.decided_at).await?;
    let kept = numbers.last();
    let rows = match which {
        Which::Gate => gate_rows(&kept),
        Which::Slots => slot_rows(&kept),
    };
    let changed = Some(Changed { who, rows });
    conflict(FormPage { changed, ..form(site, person, numbers, which, raw, &Faults::new()) })
}

/// `POST /admin/numbers/take-back`
pub async fn take_back(site: State, Who(person): Who, Protected(raw): Protected) -> Page {
    numbers::take_back(&site.relay, &person, raw.get("version").parse().unwrap_or(-1)).await?;
    Ok(Redirect::to(&format!("{HERE}?done=taken-back")).into_response())
}
