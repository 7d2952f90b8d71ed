use super::*;
use crate::audit::{Code, EventDraft, Origin, encode};
use proptest::prelude::*;

const COUNT: u64 = 30;

fn trail(count: u64) -> (Head, Vec<StoredEvent>) {
    let mut head = Head::new();
    let events = (0..count).map(|n| {
        let now = Instant::from_micros(1_790_000_000_000_000 + 1_000 * n as i64);
        let admitted = head.admit(now, EventDraft::sample().extra("n", Code::number(n)));
        StoredEvent {
            seq: admitted.event.seq,
            columns: admitted.columns(),
            bytes: admitted.bytes,
            leaf_hash: admitted.leaf_hash,
        }
    });
    let events = events.collect();
    (head, events)
}

fn checkpoint(head: &Head) -> Checkpoint {
    Checkpoint { origin: Origin::parse("relay.example/log").unwrap(), size: head.size(), root: head.root() }
}

/// What an outsider's check says about these events, the checkpoint being of the untouched trail.
fn outside(events: &[StoredEvent]) -> Result<u64, Misfit> {
    verify_events(events.iter().map(|e| &e.bytes), &checkpoint(&trail(COUNT).0))
}

/// What the relay's own check says, with head and latest checkpoint of the untouched trail.
fn inside(events: &[StoredEvent]) -> Result<Checked, Misfit> {
    let head = trail(COUNT).0;
    first_misfit(events.iter().cloned(), &head, &[checkpoint(&head)])
}

/// Says another thing in an event, as canonically as before; `cover` also rewrites what stands beside it.
fn rewrite(stored: &mut StoredEvent, cover: bool) {
    let mut event = decode(&stored.bytes).unwrap();
    event.actor.id = Code::fixed("somebody-else");
    stored.bytes = encode(&event);
    if cover {
        stored.leaf_hash = leaf_hash(&stored.bytes);
        stored.columns = columns(&event);
    }
}

#[test]
fn an_untouched_trail_fits() {
    let (head, events) = trail(COUNT);
    assert_eq!(outside(&events), Ok(COUNT));
    assert_eq!(inside(&events), Ok(Checked { events: COUNT, signed: COUNT }));
    let early = checkpoint(&trail(20).0);
    assert_eq!(first_misfit(events.clone(), &head, &[early]), Ok(Checked { events: COUNT, signed: 20 }));
    assert_eq!(first_misfit(events, &head, &[]), Ok(Checked { events: COUNT, signed: 0 }));
    assert_eq!(
        first_misfit([], &Head::new(), &[checkpoint(&Head::new())]),
        Ok(Checked { events: 0, signed: 0 })
    );
}

#[test]
fn bytes_that_were_changed_are_named() {
    for n in 0..COUNT as usize {
        let (_, mut events) = trail(COUNT);
        rewrite(&mut events[n], false);
        assert_eq!(inside(&events), Err(Misfit::Changed { seq: n as u64 }));
        assert_eq!(outside(&events), Err(Misfit::Root { seq: 0, last: COUNT - 1 }));
    }
}

#[test]
fn a_covered_change_is_narrowed_down_by_checkpoints() {
    let (head, mut events) = trail(COUNT);
    rewrite(&mut events[13], true);
    assert_eq!(inside(&events), Err(Misfit::Root { seq: 0, last: COUNT - 1 }));
    let every_fifth: Vec<_> = (0..=6).rev().map(|n| checkpoint(&trail(5 * n).0)).collect();
    let found = first_misfit(events, &head, &every_fifth);
    assert_eq!(found, Err(Misfit::Root { seq: 10, last: 14 }));
}

#[test]
fn a_change_that_breaks_the_form_is_named_to_outsiders_too() {
    let (_, mut events) = trail(COUNT);
    events[7].bytes[3] = b'w';
    let found = outside(&events).unwrap_err();
    assert!(matches!(found, Misfit::Form { seq: 7, .. }), "{found}");
    assert_eq!(inside(&events), Err(Misfit::Changed { seq: 7 }));
}

#[test]
fn dropped_swapped_doubled_and_appended_are_named() {
    let (_, events) = trail(COUNT);
    let both = |events: &[StoredEvent]| (outside(events).unwrap_err(), inside(events).unwrap_err());
    let twice = |misfit: Misfit| (misfit.clone(), misfit);

    let mut dropped = events.clone();
    dropped.remove(11);
    assert_eq!(both(&dropped), twice(Misfit::Order { seq: 11, found: 12 }));

    let mut swapped = events.clone();
    swapped.swap(4, 9);
    assert_eq!(both(&swapped), twice(Misfit::Order { seq: 4, found: 9 }));

    let mut doubled = events.clone();
    doubled.insert(6, events[5].clone());
    assert_eq!(both(&doubled), twice(Misfit::Order { seq: 6, found: 5 }));

    let cut = &events[..25];
    assert_eq!(both(cut), twice(Misfit::Short { seq: 25, promised: COUNT }));

    let appended = trail(COUNT + 1).1;
    assert_eq!(both(&appended), twice(Misfit::Beyond { seq: COUNT }));
}

#[test]
fn contents_swapped_under_their_numbers_are_named() {
    let (_, mut events) = trail(COUNT);
    let (a, b) = (events[4].bytes.clone(), events[9].bytes.clone());
    (events[4].leaf_hash, events[9].leaf_hash) = (leaf_hash(&b), leaf_hash(&a));
    (events[4].bytes, events[9].bytes) = (b, a);
    assert_eq!(inside(&events), Err(Misfit::Order { seq: 4, found: 9 }));
}

#[test]
fn every_column_is_compared() {
    type Change = (&'static str, fn(&mut Columns));
    let changes: [Change; 9] = [
        ("seq", |c| c.seq += 1),
        ("at", |c| c.at = c.at.plus(1)),
        ("act", |c| c.act = "printed".into()),
        ("actor_id", |c| c.actor_id.push('x')),
        ("actor_role", |c| c.actor_role.clear()),
        ("organisation", |c| c.organisation = "kent-dover".into()),
        ("object_kind", |c| c.object_kind = "draft".into()),
        ("object_id", |c| c.object_id.clear()),
        ("reference", |c| c.reference.push(' ')),
    ];
    for (column, change) in changes {
        let (_, mut events) = trail(COUNT);
        change(&mut events[3].columns);
        assert_eq!(inside(&events), Err(Misfit::Column { seq: 3, column }));
    }
}

#[test]
fn time_may_stand_still_but_not_go_back() {
    let (mut head, mut events) = trail(2);
    let mut early = decode(&events[1].bytes).unwrap();
    early.at = early.at.plus(-1_001);
    events[1].bytes = encode(&early);
    let found = verify_events(events.iter().map(|e| &e.bytes), &checkpoint(&head));
    assert_eq!(found, Err(Misfit::Time { seq: 1 }));
    let last = head.last_at();
    assert_eq!(head.admit(last.plus(-5), EventDraft::sample()).event.at, last);
}

#[test]
fn the_head_row_is_checked_too() {
    let (head, events) = trail(COUNT);
    let check = |head: &Head| first_misfit(events.clone(), head, &[]);
    let late = Head::from_row(COUNT, head.last_at().plus(1), &head.edge().encode()).unwrap();
    assert_eq!(check(&late), Err(Misfit::HeadTime { seq: COUNT - 1 }));
    let mut bytes = head.edge().encode();
    bytes[20] ^= 1;
    let other = Head::from_row(COUNT, head.last_at(), &bytes).unwrap();
    assert_eq!(check(&other), Err(Misfit::Root { seq: 0, last: COUNT - 1 }));
    assert_eq!(check(&trail(COUNT - 1).0), Err(Misfit::Beyond { seq: COUNT - 1 }));
    assert_eq!(check(&trail(COUNT + 1).0), Err(Misfit::Short { seq: COUNT, promised: COUNT + 1 }));
}

#[test]
fn a_misfit_is_a_sentence_with_the_number() {
    let misfit = Misfit::Order { seq: 4, found: 9 };
    assert_eq!(misfit.to_string(), "event 4 is missing: event 9 stands in its place");
    assert_eq!(misfit.seq(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_flipped_bit_names_its_event(n in 0..COUNT, at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        let (_, mut events) = trail(COUNT);
        let bytes = &mut events[n as usize].bytes;
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert_eq!(inside(&events), Err(Misfit::Changed { seq: n }));
        prop_assert!(outside(&events).is_err());
    }
}
