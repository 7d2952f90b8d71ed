//! The store, every public function of it, on both engines.

mod administering;
mod casefiles;
mod credentials;
mod drafts_and_referrals;
mod families;
mod identities;
mod importing;
mod joining;
mod passkeys;
mod people_and_places;
mod queues;
mod rights;
mod sessions;
mod units;

/// Runs one async test on SQLite and on PostgreSQL.
macro_rules! on_both_engines {
    ($($(#[$doc:meta])* $name:ident($world:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn story($world: crate::support::World) $body

            #[tokio::test]
            async fn sqlite() {
                story(crate::support::World::on(crate::support::Engine::Sqlite).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                story(crate::support::World::on(crate::support::Engine::Postgres).await).await;
            }
        }
    )+};
}
pub(crate) use on_both_engines;

/// Commits one unit of work with an event of its own.
macro_rules! unit {
    ($world:expr, $unit:ident => $body:expr) => {
        $world
            .relay
            .store
            .write(move |$unit| {
                Box::pin(async move {
                    let done = $body;
                    $unit.record(dutyline::audit::EventDraft::sample());
                    done
                })
            })
            .await
    };
}
pub(crate) use unit;
