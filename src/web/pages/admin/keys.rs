//! The key set's public face, and what to run at the machine. No key is made, changed or shown by web.

use super::super::super::State;
use super::super::super::access::Who;
use super::super::super::page::{Page, page, shell};
use super::super::super::parts::{Pages, SummaryRow};
use super::{Section, View};
use crate::domain::time::Instant;
use crate::store::trail;

const NEW: &str = "dutyline keys new --dir NEW-KEY-FOLDER --recovery-out RECOVERY-FILE";
const SHOW: &str = "dutyline keys show --dir KEY-FOLDER --origin LOG-NAME";

/// `GET /admin/keys`
pub async fn show(site: State, Who(person): Who) -> Page {
    let mut read = site.relay.store.read().await?;
    let first = trail::page(&mut read, &trail::Filter { below: 1, ..trail::Filter::default() }).await?;
    let since = first.first().map_or_else(
        || "Not in use yet".to_owned(),
        |event| Instant::from_micros(event.columns.at.micros()).for_people(),
    );
    let (classic, hybrid) = site.relay.keys.published();
    let box_of = |heading: &str, words: &str, code: String| Section {
        words: vec![words.to_owned()],
        code,
        ..Section::headed(heading)
    };
    page(View {
        shell: shell(&site, "Keys", Some(&person), "/admin").back("/admin", "To do"),
        done: "",
        done_more: "",
        heading: "Keys".to_owned(),
        intro: vec![
            "Only what is public stands here. Keys are made and changed at the machine, never by web."
                .to_owned(),
        ],
        sections: vec![
            Section {
                rows: vec![
                    SummaryRow::new("Fingerprint of the key set", site.relay.keys.fingerprint()),
                    SummaryRow::new("In use with this database since", since),
                ],
                ..Section::default()
            },
            box_of("For every age program", "Settings seal mail to this key.", classic),
            box_of("For programs that know post-quantum keys", "The same, for newer programs.", hybrid),
            box_of(
                "Log key",
                "Auditors check the trail with it. They should have it from you some other way too.",
                site.log_key.clone(),
            ),
            box_of(
                "To compare",
                "Prints the same as this page, from the key folder itself.",
                SHOW.to_owned(),
            ),
            box_of(
                "To make the next key set",
                "Makes a set and its recovery identity beside the one in use, and changes nothing yet. This relay cannot move its records to another set yet: keep the one in use, for a relay started with another refuses to open this database.",
                NEW.to_owned(),
            ),
        ],
        pages: Pages::default(),
    })
}
