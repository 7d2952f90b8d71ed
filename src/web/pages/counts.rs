//! Whole-area counts for commissioners: by month, by how far, by line, with small numbers left out so
//! that none can be worked out (`domain::counts` says how). Every look is recorded.

use askama::Template;

use super::super::access::Who;
use super::super::error::PageError;
use super::super::page::{Page, page, shell};
use super::super::shell::{NavItem, Shell};
use super::super::{Site, State};
use super::cover::line_name;
use super::referral::list::{self, Asked};
use crate::audit::{Act, Code, EventDraft, Object};
use crate::domain::counts::{Quarter, SMALLEST, shown};
use crate::relay::actor;
use crate::store::counts::{self, Cell};

/// So many quarters can be looked at.
const QUARTERS: usize = 8;
/// How far referrals were at the end of the quarter, as `counts::reached` numbers it.
const STAGES: [&str; 3] = ["With the duty line, not opened", "Opened, not acknowledged", "Acknowledged"];

/// Whether somebody agreed, as `counts::reached` numbers it.
const AGREED: [&str; 2] = ["Sent with agreement", "Sent without the parent’s agreement"];

struct Row {
    label: String,
    number: String,
}

struct Table {
    caption: &'static str,
    head: &'static str,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "pages/counts.html")]
struct Counts {
    shell: Shell,
    quarter: String,
    /// The area's own number; `None` when it is too small.
    all: Option<u64>,
    lines: Vec<NavItem>,
    tables: Vec<Table>,
    smallest: u64,
}

/// `GET /counts?quarter=2026-q3`
pub async fn show(site: State, Who(person): Who, asked: Asked) -> Page {
    let over = Quarter::over(site.relay.clock.now().day(), QUARTERS);
    let asked = list::asked(&asked);
    let quarter = match asked.get("quarter") {
        "" => over.first(),
        code => over.iter().find(|one| one.code() == code),
    };
    let quarter = *quarter.ok_or(PageError::NotFound)?;
    let event = EventDraft::new(Act::CountsViewed, actor(&person))
        .on(Object::new("counts", Code::of(&quarter.code())));
    site.relay.store.record(event).await?;
    let cells = counts::reached(&mut site.relay.store.read().await?, quarter.moments()).await?;
    let all = cells.iter().map(|cell| number(cell.count)).sum();
    let choice = |one: &Quarter| {
        NavItem::new(one.label(), format!("/counts?quarter={}", one.code())).current(*one == quarter)
    };
    page(Counts {
        shell: shell(&site, "Counts", Some(&person), "/counts"),
        quarter: quarter.label(),
        all: (all >= SMALLEST).then_some(all),
        lines: over.iter().map(choice).collect(),
        tables: if all >= SMALLEST { tables(&site, quarter, &cells) } else { Vec::new() },
        smallest: SMALLEST,
    })
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn tables(site: &Site, quarter: Quarter, cells: &[Cell]) -> Vec<Table> {
    let sum = |fits: &dyn Fn(&Cell) -> bool| -> u64 {
        cells.iter().filter(|cell| fits(cell)).map(|cell| number(cell.count)).sum()
    };
    let months = (0i64..).zip(quarter.months()).take(3);
    let months = months.map(|(at, day)| {
        let label = day.strftime("%B %Y").to_string();
        (label.clone(), label, sum(&|cell| cell.month == at))
    });
    let stages = (0i64..).zip(STAGES);
    let stages =
        stages.map(|(at, label)| (label.to_owned(), label.to_owned(), sum(&|cell| cell.stage == at)));
    let agreed = (0i64..)
        .zip(AGREED)
        .map(|(at, label)| (label.to_owned(), label.to_owned(), sum(&|cell| cell.without_agreement == at)));
    let lines = lines(site, cells).into_iter();
    let lines = lines.map(|line| {
        let count = sum(&|cell| cell.locality == line);
        (line.clone(), line_name(site, &line), count)
    });
    let table = |caption, head, name: &str, rows: Vec<Counted>| {
        let rows = left_out(site, &format!("{}:{name}", quarter.code()), rows);
        Table { caption, head, rows }
    };
    vec![
        table("By the month in which they reached the line", "Month", "month", months.collect()),
        table("By how far they were at the end of these months", "State", "state", stages.collect()),
        table("By whether a parent or carer agreed", "Agreement", "agreement", agreed.collect()),
        table("By duty line", "Duty line", "line", lines.collect()),
    ]
}

/// Every line there is, and any that has counts and is there no longer.
fn lines(site: &Site, cells: &[Cell]) -> Vec<String> {
    let places = site.relay.places.current();
    let known = places.localities().iter().map(|line| line.id.as_str().to_owned());
    let mut all: Vec<String> = known.chain(cells.iter().map(|cell| cell.locality.clone())).collect();
    let mut seen = std::collections::HashSet::new();
    all.retain(|line| seen.insert(line.clone()));
    all
}

/// A row before anything is left out: what it is of for ever (a line's id: a new name must not change what is
/// left out), its words, its number.
type Counted = (String, String, u64);

/// The rows as they may be shown. The order in which further ones are left out hangs on the relay's key:
/// it is the same at every look, and nobody who reads the page knows it.
fn left_out(site: &Site, table: &str, rows: Vec<Counted>) -> Vec<Row> {
    let key = |label: &str| site.relay.keys.index_mac("counts", format!("{table}:{label}").as_bytes());
    let cells: Vec<(u64, [u8; 32])> = rows.iter().map(|(id, _, count)| (*count, key(id))).collect();
    let words = |count: Option<u64>| count.map_or_else(|| "Not shown".to_owned(), |count| count.to_string());
    let shown = shown(&cells).into_iter().map(words);
    rows.into_iter().zip(shown).map(|((_, label, _), number)| Row { label, number }).collect()
}
