//! Ending somebody's access ends everything that they could still come back with.

use dutyline::audit::Actor;
use dutyline::domain::people::Role;
use dutyline::store::people;

use super::door::{
    Browser, PASSWORD, code_in, letters, path_in, the_trail_holds, with_app, with_password, world,
};
use crate::support::{organisation, person};

#[tokio::test]
async fn links_codes_requests_and_known_browsers_end_with_the_access() {
    let (world, site) = world().await;
    let (relay, who) = (&world.relay, &world.sender);
    with_password(&site, who).await;
    let mut half = Browser::new(&site);
    half.types(&who.email, PASSWORD).await;
    half.post("/sign-in/code", &[]).await;
    let code = code_in(&letters(relay).await[0]);
    Browser::new(&site).post("/sign-in/forgotten", &[("address", &who.email)]).await;
    let path = path_in(&letters(relay).await[0]);
    let app = with_app(&site, &world.canterbury).await;
    let mut known = Browser::new(&site);
    known.signs_in(relay, &world.canterbury, &app).await;
    Browser::new(&site).post("/sign-in/forgotten", &[("address", &world.canterbury.email)]).await;
    for id in [who.id, world.canterbury.id] {
        let ended = relay
            .store
            .write(move |unit| Box::pin(async move { people::disable(unit, &Actor::operator(), id).await }));
        ended.await.expect("disabled");
    }
    assert_eq!(half.shows("mailed-code", &code).await.location, "/sign-in?ended=yes");
    assert_eq!(Browser::new(&site).post(&path, &[]).await.status, 410);
    assert!(known.who(relay).await.is_none());
    for _ in 0..3 {
        assert_eq!(known.types(&world.canterbury.email, PASSWORD).await.status, 422);
    }
    let office = organisation(relay, "The trust", "trust").await;
    let admin = person(relay, &office, "Sam Admin", Role::Administrator, "", "sam@trust.example").await;
    assert!(dutyline::people::reset::waiting(relay, &admin).await.expect("looks").is_empty());
    the_trail_holds(relay).await;
}
