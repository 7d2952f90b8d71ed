//! Case files and sealed things: stored with their events, handed out against a recorded read, never
//! when changed outside.

use dutyline::audit::{Act, Actor, EventDraft};
use dutyline::domain::ids::{CaseId, ObjectId};
use dutyline::seal::{Case, CaseFile, seal_object};
use dutyline::store::cases::{self, NewObject};
use dutyline::store::{StoreError, View, erasing};

use super::{on_both_engines, unit};

fn erased() -> EventDraft {
    EventDraft::new(Act::Erased, Actor::system())
}

on_both_engines! {
    sealed_things_come_back_only_against_a_recorded_read(world) {
        let (relay, who) = (&world.relay, Actor::system());
        let (case, id, object) = (Case::new(), relay.fresh(CaseId::new), relay.fresh(ObjectId::new));
        let file = CaseFile::seal(&case, id, &serde_json::Value::Null, &relay.keys);
        let sealed = seal_object(case.recipient(), b"words");
        let (actor, bytes, again) = (who.clone(), file.clone(), CaseFile::seal(&case, id, &serde_json::json!({"name": "x"}), &relay.keys));
        let first = NewObject::whole(object, id, "family", 1, &sealed);
        let restricted = NewObject::whole(relay.fresh(ObjectId::new), id, "restricted", 1, &sealed);
        unit!(world, unit => {
            cases::insert_case(unit, &actor, id, &bytes).await?;
            cases::put(unit, &actor, first).await?;
            cases::put(unit, &actor, restricted).await?;
            cases::replace_case(unit, &actor, id, &again).await
        }).expect("stored");
        let mut read = relay.store.read().await.expect("reads");
        let view = || View { event: EventDraft::new(Act::ReferralOpened, Actor::system()), cases: vec![id] };
        let recorded = relay.store.view(view()).await.expect("recorded");
        let other = relay.store.view(View { cases: vec![relay.fresh(CaseId::new)], ..view() }).await.expect("recorded");
        assert!(cases::case_file(&mut read, &recorded, id).await.expect("reads").is_some());
        assert!(matches!(cases::case_file(&mut read, &other, id).await, Err(StoreError::Missing(_))));
        assert_eq!(cases::newest(&mut read, &recorded, id, "family").await.expect("reads").expect("there").bytes, sealed);
        assert!(cases::newest(&mut read, &recorded, id, "restricted").await.is_err(), "not by an ordinary read");
        assert!(cases::numbered(&mut read, &recorded, id, "family", 1).await.expect("reads").is_some());
        assert!(cases::numbered(&mut read, &recorded, id, "family", 2).await.expect("reads").is_none());
        let strict = relay.store.view_restricted(EventDraft::new(Act::RestrictedOpened, Actor::system()), id).await.expect("recorded");
        assert!(cases::case_file_restricted(&mut read, &strict, id).await.expect("reads").is_some());
        assert!(cases::newest_restricted(&mut read, &strict, id, "restricted").await.expect("reads").is_some());
        assert_eq!(cases::objects(&mut read, id).await.expect("reads").len(), 2);
    }

    a_new_version_takes_the_place_of_the_one_before_it_and_of_no_other(world) {
        let relay = &world.relay;
        let (case, id, object) = (Case::new(), relay.fresh(CaseId::new), relay.fresh(ObjectId::new));
        let file = CaseFile::seal(&case, id, &serde_json::Value::Null, &relay.keys);
        let long = seal_object(case.recipient(), &vec![7; 600_000]);
        let (first, second, late) = (
            NewObject::whole(object, id, "draft", 1, b"one"),
            NewObject::whole(object, id, "draft", 2, &long),
            NewObject::whole(object, id, "draft", 2, b"late"),
        );
        unit!(world, unit => {
            cases::insert_case(unit, &Actor::system(), id, &file).await?;
            cases::put(unit, &Actor::system(), first).await?;
            cases::replace(unit, &Actor::system(), second).await
        }).expect("stored");
        let done = unit!(world, unit => cases::replace(unit, &Actor::system(), late).await);
        assert!(matches!(done, Err(StoreError::Conflict(_))), "{done:?}");
        let view = View { event: EventDraft::sample(), cases: vec![id] };
        let recorded = relay.store.view(view).await.expect("recorded");
        let mut read = relay.store.read().await.expect("reads");
        let stored = cases::newest(&mut read, &recorded, id, "draft").await.expect("reads").expect("there");
        assert_eq!((stored.version, stored.bytes.len()), (2, long.len()));
        drop(read);
        unit!(world, unit => cases::remove(unit, &Actor::system(), object).await).expect("removed");
        let mut read = relay.store.read().await.expect("reads");
        assert!(cases::newest(&mut read, &recorded, id, "draft").await.expect("reads").is_none());
    }

    what_was_erased_is_scrubbed_from_the_files_of_the_database(world) {
        let relay = &world.relay;
        let (case, id) = (Case::new(), relay.fresh(CaseId::new));
        let file = CaseFile::seal(&case, id, &serde_json::Value::Null, &relay.keys);
        let piece = file[file.len() - 40..].to_vec();
        unit!(world, unit => cases::insert_case(unit, &Actor::system(), id, &file).await).expect("stored");
        let holds = || world.database.files().iter().any(|bytes| bytes.windows(40).any(|found| found == piece));
        let on_sqlite = world.database.url.starts_with("sqlite:");
        assert_eq!(holds(), on_sqlite, "it is found as long as it is there");
        unit!(world, unit => erasing::erase(unit, erased(), id).await).expect("erased");
        let mut read = relay.store.read().await.expect("reads");
        use dutyline::store::backup;
        let expected = if on_sqlite { backup::Scrubbed::Done } else { backup::Scrubbed::Server };
        assert_eq!(backup::scrub(&mut read).await.expect("answers"), expected);
        assert!(!holds(), "old bytes are left in a file");
    }

    an_erased_case_never_opens_again_and_the_trail_still_verifies(world) {
        let relay = &world.relay;
        let (case, id) = (Case::new(), relay.fresh(CaseId::new));
        let file = CaseFile::seal(&case, id, &serde_json::Value::Null, &relay.keys);
        unit!(world, unit => cases::insert_case(unit, &Actor::system(), id, &file).await).expect("stored");
        unit!(world, unit => erasing::erase(unit, erased(), id).await).expect("erased");
        let recorded = relay.store.view(View { event: EventDraft::sample(), cases: vec![id] }).await.expect("recorded");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(cases::case_file(&mut read, &recorded, id).await.expect("reads"), None);
        assert!(dutyline::store::trail::verify(&mut read, &[]).await.is_ok());
        drop(read);
        let again = unit!(world, unit => erasing::erase(unit, erased(), id).await);
        assert!(matches!(again, Err(StoreError::Missing(_))));
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(erasing::erased(&mut read).await.expect("reads"), vec![id]);
        assert!(!erasing::is_there(&mut read, id).await.expect("reads"));
    }

    chunks_of_a_mail_that_never_ended_are_swept_and_others_stay(world) {
        let relay = &world.relay;
        let (case, id) = (Case::new(), relay.fresh(CaseId::new));
        let file = CaseFile::seal(&case, id, &serde_json::Value::Null, &relay.keys);
        let (kept, lost) = (relay.fresh(ObjectId::new), relay.fresh(ObjectId::new));
        let row = NewObject { id: kept, case: id, kind: "mail".into(), version: 1, chunks: Vec::new() };
        let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(b"sealed").into();
        unit!(world, unit => {
            cases::insert_case(unit, &Actor::system(), id, &file).await?;
            cases::add_chunks(unit, &kept.to_string(), 0, vec![b"sealed".to_vec()]).await?;
            cases::put_row(unit, &Actor::system(), &row, digest, 6).await?;
            cases::add_chunks(unit, &lost.to_string(), 0, vec![b"half".to_vec()]).await
        }).expect("stored");
        relay.clock.advance(dutyline::domain::time::DAY);
        let before = ObjectId::new(relay.clock.now(), [0; 10]);
        let gone = unit!(world, unit => cases::sweep_orphan_chunks(unit, before).await).expect("swept");
        assert_eq!(gone, 1);
        let recorded = relay.store.view(View { event: EventDraft::sample(), cases: vec![id] }).await.expect("recorded");
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(cases::newest(&mut read, &recorded, id, "mail").await.expect("reads").expect("there").bytes, b"sealed");
    }
}
