//! Mail is received: sealed as it arrives, chunk by chunk, never in clear on disk; the row that
//! makes it a mail is committed before the 250. Whatever arrives is kept.

use std::sync::Arc;

use super::PipelineError;
use crate::audit::{Act, Actor, Code, EventDraft, Object};
use crate::domain::ids::{CaseId, MailId, ObjectId};
use crate::relay::Relay;
use crate::seal::{Case, CaseFile, ChunkSealer};
use crate::store::cases::{self, NewObject};
use crate::store::mails;

/// A mail that is arriving.
pub struct Receiving {
    relay: Arc<Relay>,
    sealer: ChunkSealer,
    case: Case,
    case_id: CaseId,
    object: ObjectId,
    stored: i64,
    envelope_from: String,
    tls: String,
}

impl Receiving {
    /// Begins to receive from an envelope sender (empty for a null return path) over a connection
    /// with this TLS version (empty for none).
    pub fn begin(relay: Arc<Relay>, envelope_from: &str, tls: &str) -> Self {
        let case = Case::new();
        Self {
            sealer: ChunkSealer::new(case.recipient()),
            case,
            case_id: relay.fresh(CaseId::new),
            object: relay.fresh(ObjectId::new),
            stored: 0,
            envelope_from: envelope_from.to_owned(),
            tls: tls.to_owned(),
            relay,
        }
    }

    /// Takes more of the message; full chunks are stored at once, so memory does not grow.
    pub async fn write(&mut self, clear: &[u8]) -> Result<(), PipelineError> {
        let ready: Vec<Vec<u8>> = self.sealer.push(clear).into_iter().map(|chunk| chunk.bytes).collect();
        if ready.is_empty() {
            return Ok(());
        }
        let (first, id, count) = (self.stored, self.object.to_string(), ready.len());
        self.relay
            .store
            .write(move |unit| {
                Box::pin(async move {
                    unit.unaudited("chunks of a mail that is still arriving; its own unit records it");
                    cases::add_chunks(unit, &id, first, ready).await
                })
            })
            .await?;
        self.stored += i64::try_from(count).unwrap_or(i64::MAX);
        Ok(())
    }

    /// The end of the message: after this returned a mail, it is durable and may be acknowledged.
    pub async fn commit(self) -> Result<MailId, PipelineError> {
        let Self { relay, sealer, case, case_id, object, stored, envelope_from, tls } = self;
        let end = sealer.finish();
        let label = serde_json::json!({ "envelope_from": envelope_from });
        let file = CaseFile::seal(&case, case_id, &label, &relay.keys);
        let id = relay.fresh(MailId::new);
        let new =
            NewObject { id: object, case: case_id, kind: "mail".to_owned(), version: 1, chunks: Vec::new() };
        let rest: Vec<Vec<u8>> = end.chunks.into_iter().map(|chunk| chunk.bytes).collect();
        // Its size class only: how long a disclosure is, is nobody's to see.
        let size = i64::try_from(end.class_len).unwrap_or(i64::MAX);
        relay
            .store
            .write(move |unit| {
                Box::pin(async move {
                    let who = Actor::system();
                    cases::insert_case(unit, &who, case_id, &file).await?;
                    cases::add_chunks(unit, &object.to_string(), stored, rest).await?;
                    cases::put_row(unit, &who, &new, end.sha256, end.sealed_len).await?;
                    mails::insert(unit, id, case_id, &tls, size).await?;
                    let on = Object::new("mail", Code::of(&id.to_string()));
                    unit.record(EventDraft::new(Act::MailReceived, who).on(on).extra("tls", Code::of(&tls)));
                    Ok(())
                })
            })
            .await?;
        relay.bell.notify_waiters();
        Ok(id)
    }
}
