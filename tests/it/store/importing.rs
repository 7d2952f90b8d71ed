//! Lists of settings, on both engines: all or nothing, twice is nothing, 10,000 rows in one unit of work.

use dutyline::audit::Actor;
use dutyline::people::import::{self, By, ImportError, What};
use dutyline::store::{people, register, settings, trail};

use super::on_both_engines;
use crate::support::World;

fn operator() -> By {
    By { actor: Actor::operator(), person: None }
}

async fn events(world: &World) -> u64 {
    trail::head(&mut world.relay.store.read().await.expect("reads")).await.expect("head").size()
}

fn big(rows: usize) -> String {
    let row = |n: usize| format!("EY{n:06},Made up nursery {n},CT1 2EH,01632 960{:03}\n", n % 1000);
    std::iter::once("urn,name,postcode,phone\n".to_owned())
        .chain((500_000..500_000 + rows).map(row))
        .collect()
}

on_both_engines! {
    a_list_with_a_bad_row_changes_nothing_and_a_good_one_twice_changes_nothing_more(world) {
        let relay = &world.relay;
        let bad = "urn,name,postcode,manager,email,role\n127503,Good,CT1 2EH,Al Madeup,al@good.example,\n127504,Bad,nowhere,,,\n127503,Again,CT1 2EH,,,\n";
        let before = events(&world).await;
        let report = import::apply(relay, operator(), bad.as_bytes()).await.expect("a report");
        assert_eq!((report.made, report.refused, report.lines.len()), (1, 2, 3));
        assert!(matches!(&report.lines[2].what, What::Refused(why) if why == "urn: line 2 has the same number"), "{report:?}");
        assert_eq!(events(&world).await, before, "half of it was applied");
        let good = "urn,name,postcode,manager,email,role\n127503,Good,CT1 2EH,Al Madeup,al@good.example,\n127504,Plain,CT1 2EH,,,\n";
        let looked = import::look(relay, good.as_bytes()).await.expect("a report");
        assert_eq!(events(&world).await, before, "looking changes nothing");
        let report = import::apply(relay, operator(), good.as_bytes()).await.expect("a report");
        assert_eq!(looked, report);
        assert_eq!((report.made, report.invited, report.refused), (2, 1, 0));
        let after = events(&world).await;
        let again = import::apply(relay, operator(), good.as_bytes()).await.expect("a report");
        assert_eq!((again.made, again.changed, again.same, again.invited), (0, 0, 2, 0));
        assert_eq!(events(&world).await, after, "the same list changes nothing");
        let renamed = good.replace("Plain", "Renamed");
        let report = import::apply(relay, operator(), renamed.as_bytes()).await.expect("a report");
        assert_eq!((report.changed, report.same), (1, 1));
        let mut read = relay.store.read().await.expect("reads");
        assert_eq!(people::organisation_with_urn(&mut read, "127504").await.expect("looks").expect("there").name, "Renamed");
        assert_eq!(register::find(&mut read, "127504").await.expect("looks").expect("there").name, "Renamed");
        let al = people::by_email(&mut read, "al@good.example").await.expect("looks").expect("invited");
        assert_eq!(al.role.code(), "manager");
        trail::verify(&mut read, &[]).await.expect("verifies");
    }

    what_belongs_to_somebody_else_is_refused(world) {
        let relay = &world.relay;
        let urn = |n: &str, kind: &str, name: &str| people::Organisation { id: relay.fresh(dutyline::domain::ids::OrganisationId::new), kind: kind.into(), name: name.into(), urn: n.into(), postcode: String::new(), phone: String::new() };
        let (trust, waiting) = (urn("111111", "trust", "A trust"), urn("222222", "setting", "Waits"));
        relay.store.write(move |unit| Box::pin(async move {
            people::insert_organisation(unit, &Actor::operator(), &trust).await?;
            people::insert_organisation(unit, &Actor::stranger(), &waiting).await
        })).await.expect("made");
        let list = "urn,name,postcode,manager,email,role\n111111,N,CT1 2EH,,,\n222222,Waits,CT1 2EH,,,\n333333,N,CT1 2EH,Jo Sample,jo@setting1.example,\n444444,N,CT1 2EH,A B,ab@x.example,\n555555,N,CT1 2EH,A B,AB@x.example,\n";
        let report = import::look(relay, list.as_bytes()).await.expect("a report");
        let why: Vec<&str> = report.lines.iter().map(|line| match &line.what { What::Refused(why) => why.as_str(), _ => "" }).collect();
        assert_eq!(why, [
            "urn: another organisation, which is not a setting, has this number",
            "urn: this setting signed itself up. Check it first, then load the list",
            "email: somebody of another organisation has this address",
            "",
            "email: line 5 has the same address",
        ]);
        assert!(matches!(import::look(relay, b"nothing").await, Err(ImportError::File(_))));
    }

    ten_thousand_settings_are_one_unit_of_work(world) {
        let list = big(10_000);
        let began = std::time::Instant::now();
        let report = import::apply(&world.relay, operator(), list.as_bytes()).await.expect("a report");
        let took = began.elapsed();
        assert_eq!((report.made, report.refused), (10_000, 0));
        eprintln!("10,000 rows: {took:?}");
        assert!(took.as_secs() < 120, "{took:?}: too slow for a page");
        let mut read = world.relay.store.read().await.expect("reads");
        assert!(settings::with_urn(&mut read).await.expect("lists").len() >= 10_000);
        trail::verify(&mut read, &[]).await.expect("verifies");
    }
}
