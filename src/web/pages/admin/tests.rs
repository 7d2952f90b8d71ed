//! The administrator's pages over HTTP.

mod lines;
mod others;

use super::super::referral::testing::World;
use crate::domain::people::{Person, Role};
use crate::store::trail;

/// Today is Monday, 7 September 2026.
async fn office() -> (World, Person, Person) {
    let world = World::new().await;
    let ada = world.person(Role::Administrator, "").await;
    let other = world.person(Role::Administrator, "").await;
    (world, ada, other)
}

/// The trail fits the rows.
async fn verified(world: &World) {
    let mut snapshot = world.site.relay.store.snapshot().await.expect("a snapshot");
    trail::verify(&mut snapshot, &[]).await.expect("the trail fits");
}

/// The sentences and codes of the trail's page, for an auditor.
async fn trail_page(world: &World, act: &str) -> String {
    let auditor = world.person(Role::Auditor, "").await;
    world.get(Some(&auditor), &format!("/trail?act={act}")).await.body
}

/// A form as a browser sends it.
fn form(pairs: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
}
