//! Units of work: with an event or not at all; together or not at all; one after the other.

use dutyline::app::watch;
use dutyline::audit::{Actor, Edge, EventDraft, Origin, VerifierKey};
use dutyline::domain::ids::OrganisationId;
use dutyline::store::{StoreError, people, places, trail};
use ed25519_dalek::SigningKey;

use super::{on_both_engines, unit};

on_both_engines! {
    a_unit_without_an_event_is_not_committed(world) {
        let done = world.relay.store.write(|unit| {
            Box::pin(async move { places::put_meta_once(unit, "ghost", "here").await })
        }).await;
        assert!(matches!(done, Err(StoreError::Unaudited)));
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(places::meta(&mut read, "ghost").await.expect("looks"), None);
    }

    a_constraint_fails_its_own_unit_and_not_its_neighbours(world) {
        let rows: Vec<people::Organisation> = (0..12).map(|n| people::Organisation {
            id: world.relay.fresh(OrganisationId::new),
            kind: "setting".into(), name: format!("Nursery {n}"), urn: String::new(), postcode: String::new(), phone: String::new(),
        }).collect();
        let tasks: Vec<_> = rows.iter().chain([&rows[0]]).cloned().map(|row| {
            let store = world.relay.store.clone();
            tokio::spawn(async move {
                store.write(move |unit| Box::pin(async move {
                    people::insert_organisation(unit, &Actor::operator(), &row).await
                })).await
            })
        }).collect();
        let mut failed = Vec::new();
        for task in tasks {
            if let Err(error) = task.await.expect("no panic") {
                failed.push(error);
            }
        }
        assert_eq!(failed.len(), 1, "{failed:?}");
        assert!(matches!(&failed[0], StoreError::Constraint(name) if name.contains("organisation")), "{failed:?}");
        let mut read = world.relay.store.read().await.expect("reads");
        for row in rows {
            assert!(people::organisation(&mut read, row.id).await.expect("looks").is_some());
        }
    }

    the_trail_counts_every_event_once_under_concurrency(world) {
        let before = trail::head(&mut world.relay.store.read().await.expect("reads")).await.expect("head").size();
        let tasks: Vec<_> = (0..60).map(|_| {
            let store = world.relay.store.clone();
            tokio::spawn(async move { store.record(EventDraft::sample()).await })
        }).collect();
        for task in tasks {
            task.await.expect("no panic").expect("recorded");
        }
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(trail::head(&mut read).await.expect("head").size(), before + 60);
        let origin = Origin::parse("test.example/log").expect("origin");
        drop(read);
        let file = world.database.folder.path().join("checkpoint");
        let noted = watch::Trail { origin: origin.clone(), file };
        watch::sign_now(&world.relay, &noted).await.expect("signs");
        let mut read = world.relay.store.read().await.expect("reads");
        let key = VerifierKey::of(origin, &SigningKey::from_bytes(world.relay.keys.log_seed()));
        let notes = trail::notes(&mut read).await.expect("notes");
        let points: Vec<_> = notes.iter().map(|note| dutyline::audit::Checkpoint::parse_and_verify(note, &key).expect("signed")).collect();
        assert_eq!(trail::verify(&mut read, &points).await.expect("verifies"), before + 60);
        assert_eq!(trail::check(&mut read, &points).await.expect("verifies").signed, before + 60);
        let mut edge = Edge::new();
        trail::extend(&mut read, &mut edge, before).await.expect("half of it");
        assert_eq!(edge.size(), before);
        trail::extend(&mut read, &mut edge, u64::MAX).await.expect("all there is");
        assert_eq!((edge.size(), edge.root()), (before + 60, points[0].root));
        let signed = trail::verdict(&mut read, &key, None).await.expect("answers").expect("sound");
        assert_eq!((signed.events, signed.signed), (before + 60, before + 60));
        let forged = trail::verdict(&mut read, &key, Some("not a note".to_owned())).await.expect("answers");
        assert!(forged.is_err_and(|why| why.contains("a kept checkpoint does not hold")));
        let filter = trail::Filter { act: EventDraft::sample().act().code().to_owned(), until: i64::MAX, below: i64::MAX, ..Default::default() };
        assert_eq!(trail::page(&mut read, &filter).await.expect("page").len(), 60);
        assert_eq!(trail::block(&mut read, before).await.expect("block").len(), 60);
        let point = points[0].clone();
        drop(read);
        let done = unit!(world, unit => trail::put_checkpoint(unit, &point, "note").await);
        done.expect("a second note of one size is let go");
        let mut read = world.relay.store.read().await.expect("reads");
        assert_eq!(trail::notes(&mut read).await.expect("notes"), notes, "the first stays");
    }

    an_embedded_database_is_its_owners_alone(world) {
        use std::os::unix::fs::PermissionsExt as _;
        world.relay.store.record(EventDraft::sample()).await.expect("recorded");
        let names = ["dutyline.db", "dutyline.db-wal", "dutyline.db-shm"];
        let files = names.iter().filter_map(|name| std::fs::metadata(world.database.folder.path().join(name)).ok());
        let modes: Vec<u32> = files.map(|file| file.permissions().mode() & 0o777).collect();
        let expected = if world.relay.store.embedded() { vec![0o600; 3] } else { Vec::new() };
        assert_eq!(modes, expected);
    }

    a_copy_is_made_of_one_moment_and_commits_are_on_disk(world) {
        use dutyline::store::backup;
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(backup::commits_are_durable(&mut read).await.expect("says"));
        let mut snapshot = world.relay.store.snapshot().await.expect("holds still");
        let before = trail::head(&mut snapshot).await.expect("head").size();
        world.relay.store.record(EventDraft::sample()).await.expect("recorded");
        assert_eq!(trail::head(&mut snapshot).await.expect("head").size(), before, "the snapshot stands still");
        drop(snapshot);
        assert_eq!(trail::head(&mut read).await.expect("head").size(), before + 1);
        let file = world.database.folder.path().join("copy.db");
        let copied = backup::copy_to(&mut read, &file.to_string_lossy()).await.expect("answers");
        assert_eq!(copied, world.relay.store.embedded(), "PostgreSQL has pg_dump");
        assert_eq!(file.exists(), copied);
    }
}
