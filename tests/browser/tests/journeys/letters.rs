//! Reading a letter that a demo captured, as its receiver would.

use std::time::Duration;

use dutyline_browser_tests::{Browser, Demo, Scripts};

/// The words of the newest captured letter with these words in it, read in a browser of its own. Letters
/// go out a moment after they were asked for.
pub async fn letter_with(demo: &Demo, words: &str) -> String {
    let reader = Browser::open(demo, "letters", Scripts::On).await;
    reader.sign_in("Cam Commissioner").await;
    for _ in 0..100 {
        reader.visit("/demo/mail").await;
        for letter in reader.links("/demo/mail/").await.into_iter().take(6) {
            reader.visit(&letter).await;
            let text = reader.words().await;
            if text.contains(words) {
                return text;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no letter says “{words}”")
}

/// The path of the link in a letter that leads there, such as `/invitation/`.
pub async fn link(demo: &Demo, words: &str, start: &str) -> String {
    let text = letter_with(demo, words).await;
    let begin = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    text[begin..].split_whitespace().next().expect("a link").to_owned()
}
