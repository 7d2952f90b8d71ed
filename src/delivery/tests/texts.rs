//! Letters that go by text, in the same queue as mail.

use super::*;
use crate::text::{CODE_MINUTES, Memory as Texts, TextOutcome, Texter};

const MOBILE: &str = "07700 900123";

/// A room with a way for texts, and where they are captured.
async fn room() -> (Room, Post, Texts) {
    let room = Room::new().await;
    let texts = Texts::default();
    let texter = Some(Arc::new(Texter::Memory(texts.clone())));
    let post = Post { mailer: room.mailer.clone(), texter };
    (room, post, texts)
}

async fn run(room: &Room, post: &Post) -> Ran {
    run_one(&room.relay, post, &room.settings).await.unwrap()
}

async fn row(room: &Room, id: &str) -> Letter {
    let mut read = room.relay.store.read().await.unwrap();
    let all = letters::undelivered(&mut read).await.unwrap();
    all.into_iter().find(|letter| letter.id == id).unwrap()
}

#[tokio::test]
async fn a_code_goes_by_text_and_not_by_mail() {
    let (room, post, texts) = room().await;
    let id = room.queue("text-code", MOBILE, "{}").await;
    assert_eq!(run(&room, &post).await, Ran::Sent);
    assert_eq!(run(&room, &post).await, Ran::Nothing);
    let kept = texts.kept();
    assert_eq!(kept.len(), 1);
    let code = room.relay.family_code(id.parse().unwrap());
    assert!(kept[0].words.starts_with(&format!("Your code is {code}.")), "its own code");
    assert_ne!(code, room.relay.letter_code(id.parse().unwrap()), "and no other purpose's");
    assert_eq!(kept[0].text.to.e164(), "+447700900123");
    assert!(room.memory.kept().is_empty(), "no mail");
}

#[tokio::test]
async fn what_the_gateway_cannot_take_now_is_tried_again_while_the_code_lasts() {
    let (room, post, texts) = room().await;
    room.queue("text-code", MOBILE, "{}").await;
    texts.answer_next(TextOutcome::Temporary { code: "429-too-fast".to_owned() });
    assert_eq!(run(&room, &post).await, Ran::Later);
    assert_eq!(run(&room, &post).await, Ran::Nothing, "not before its time");
    room.relay.clock.advance(MINUTE);
    assert_eq!(run(&room, &post).await, Ran::Sent);
    assert_eq!(texts.kept().len(), 1);
}

#[tokio::test]
async fn a_text_that_would_come_too_late_is_not_sent_any_more() {
    let (room, post, texts) = room().await;
    let late = room.queue("text-code", MOBILE, "{}").await;
    room.relay.clock.advance(CODE_MINUTES * MINUTE);
    assert_eq!(run(&room, &post).await, Ran::Failed);
    assert_eq!(row(&room, &late).await.last_code, "too-late");
    let slow = room.queue("text-code", MOBILE, "{}").await;
    for (attempt, minutes) in [(Ran::Later, 2), (Ran::Later, 5), (Ran::Failed, 0)] {
        texts.answer_next(TextOutcome::Temporary { code: "500".to_owned() });
        assert_eq!(run(&room, &post).await, attempt, "the third wait would outlast the code");
        room.relay.clock.advance(minutes * MINUTE);
    }
    assert_eq!(row(&room, &slow).await.last_code, "500");
    assert!(texts.kept().is_empty());
}

#[tokio::test]
async fn a_number_that_takes_none_a_refusal_and_no_gateway_are_told_apart() {
    let (room, post, texts) = room().await;
    let landline = room.queue("text-code", "01632 960001", "{}").await;
    assert_eq!(run(&room, &post).await, Ran::Failed);
    assert_eq!(row(&room, &landline).await.last_code, "no-mobile");
    let words = room.queue("text-code", "no number", "{}").await;
    assert_eq!(run(&room, &post).await, Ran::Failed);
    assert_eq!(row(&room, &words).await.last_code, "letter-not-written");
    let refused = room.queue("text-code", MOBILE, "{}").await;
    texts.answer_next(TextOutcome::Permanent { code: "400-not-valid".to_owned() });
    assert_eq!(run(&room, &post).await, Ran::Failed);
    assert_eq!(row(&room, &refused).await.last_code, "400-not-valid");
    let without = room.queue("text-code", MOBILE, "{}").await;
    assert_eq!(room.run().await, Ran::Failed, "a deployment without texts");
    assert_eq!(row(&room, &without).await.last_code, "no-text-gateway");
}
