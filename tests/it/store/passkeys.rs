//! Passkeys and ceremonies.

use dutyline::domain::time::{Instant, MINUTE};
use dutyline::relay::actor;
use dutyline::store::StoreError;
use dutyline::store::passkeys::{self, Ceremony, Passkey};

use super::{on_both_engines, unit};
use crate::support::World;

fn passkey(world: &World, id: &str, credential_id: &[u8]) -> Passkey {
    Passkey {
        id: id.to_owned(),
        person: world.sender.id,
        name: "Office computer".to_owned(),
        credential_id: credential_id.to_vec(),
        key_hash: "00".repeat(32),
        credential: "{\"counter\":1}".to_owned(),
        created_at: world.relay.clock.now(),
        used_at: Instant::from_micros(0),
    }
}

async fn add(world: &World, passkey: &Passkey) -> Result<(), StoreError> {
    let (who, row) = (actor(&world.sender), passkey.clone());
    unit!(world, unit => passkeys::insert(unit, &who, &row).await)
}

on_both_engines! {
    a_passkey_is_one_persons_and_its_counter_moves_once(world) {
        let one = passkey(&world, "p1", b"one");
        add(&world, &one).await.expect("added");
        let again = add(&world, &Passkey { id: "p2".to_owned(), person: world.desk.id, ..one.clone() }).await;
        assert!(matches!(again, Err(StoreError::Constraint(_))), "a credential is registered once: {again:?}");
        add(&world, &passkey(&world, "p3", b"three")).await.expect("added");
        let (sender, desk) = (world.sender.id, world.desk.id);
        let read = async || world.relay.store.read().await.expect("reads");
        let list = async |who| passkeys::of(&mut read().await, who).await.expect("lists");
        assert_eq!(list(sender).await.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["p1", "p3"]);
        assert!(list(desk).await.is_empty());
        let find = async |id| passkeys::by_credential(&mut read().await, id).await.expect("looks");
        assert_eq!(find(b"one").await, Some(one.clone()));
        assert_eq!(find(b"on").await, None);
        world.relay.clock.advance(MINUTE);
        let before = one.clone();
        unit!(world, unit => passkeys::used(unit, &before, "{\"counter\":2}".to_owned()).await).expect("noted");
        let now = find(b"one").await.expect("there");
        assert_eq!((now.credential.as_str(), now.used_at), ("{\"counter\":2}", world.relay.clock.now()));
        let before = one.clone();
        let late = unit!(world, unit => passkeys::used(unit, &before, "{\"counter\":2}".to_owned()).await);
        assert!(matches!(late, Err(StoreError::Conflict(_))), "it saw the old counter: {late:?}");
    }

    a_removed_passkey_is_gone_for_everybody_and_its_credential_is_not_free(world) {
        add(&world, &passkey(&world, "p1", b"one")).await.expect("added");
        let (who, sender, desk) = (actor(&world.sender), world.sender.id, world.desk.id);
        let strangers = unit!(world, unit => passkeys::remove(unit, &who, desk, "p1").await);
        assert!(matches!(strangers, Err(StoreError::Missing(_))), "another person's: {strangers:?}");
        let who = actor(&world.sender);
        unit!(world, unit => passkeys::remove(unit, &who, sender, "p1").await).expect("removed");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(passkeys::by_credential(&mut read, b"one").await.expect("looks"), None);
        assert!(passkeys::of(&mut read, sender).await.expect("lists").is_empty());
        drop(read);
        let who = actor(&world.sender);
        let twice = unit!(world, unit => passkeys::remove(unit, &who, sender, "p1").await);
        assert!(matches!(twice, Err(StoreError::Missing(_))), "it is gone: {twice:?}");
        let back = add(&world, &passkey(&world, "p2", b"one")).await;
        assert!(matches!(back, Err(StoreError::Constraint(_))), "{back:?}");
    }

    a_ceremony_is_taken_once_and_in_time(world) {
        let ends = |minutes| world.relay.clock.now().plus(minutes * MINUTE).micros();
        let asked = |ends_at| Ceremony {
            kind: "add".to_owned(), person_id: world.sender.id.to_string(), state: "{}".to_owned(), ends_at,
        };
        let (short, long) = (asked(ends(1)), asked(ends(5)));
        let kept = long.clone();
        unit!(world, unit => {
            passkeys::begin_ceremony(unit, [1; 32], &short).await?;
            passkeys::begin_ceremony(unit, [2; 32], &kept).await
        }).expect("asked");
        world.relay.clock.advance(MINUTE);
        let take = async |hash| unit!(world, unit => passkeys::take_ceremony(unit, hash).await).expect("answers");
        assert_eq!(take([1; 32]).await, None, "too late");
        let (one, two) = tokio::join!(take([2; 32]), take([2; 32]));
        assert_eq!(one.is_some() as usize + two.is_some() as usize, 1, "of two at once, one gets it");
        assert_eq!(one.or(two), Some(long));
        assert_eq!(take([2; 32]).await, None);
    }
}
