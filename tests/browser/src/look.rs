//! Looking at a page: nothing that a program can find wrong with it (WCAG 2.2 AA), nothing in the
//! console, nothing fetched from elsewhere, nothing beyond the edge of a phone; and a picture of it at
//! both widths in `target/screenshots`, because a program does not see what is ugly or unclear.

use std::path::PathBuf;

use serde_json::Value;

use crate::Browser;
use crate::demo::target;

/// A desk's screen and a phone's, in CSS pixels.
const WIDTHS: [u64; 2] = [1280, 375];
/// A tablet's, and what is left of a screen that is enlarged to 400 % (WCAG 1.4.10).
const MORE_WIDTHS: [u64; 2] = [768, 320];
const HEIGHT: u64 = 1000;
/// Taller pages are cut in the picture.
const TALLEST: u64 = 9_000;

const AXE: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] })
        .then((found) => done(found.violations.map((one) =>
            `${one.id}: ${one.help}: ${one.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`)))
        .catch((error) => done([String(error)]));";

/// Puts a page as it was sent in the place of the open one. Its scripts do not run.
const SHOW: &str = "
    const [page, done] = arguments;
    document.documentElement.innerHTML = page;
    document.querySelector('link[rel=stylesheet]').addEventListener('load', () => done(true));";

/// Words of the staff-only questions: none of them, and nothing answered there, stands on a page that a
/// family may see. (That there is a duty to tell somebody of a danger is said to everybody.)
const STAFF_ONLY: [&str; 10] = [
    "abuse",
    "perpetrator",
    "Safe contact",
    "safe_contact",
    "safe to make contact",
    "safeguarding.",
    "any safeguarding concerns",
    "Staff only",
    "How soon",
    "request.urgency",
];

impl Browser {
    /// Looks at the open page in every way, and keeps its pictures under this name.
    ///
    /// # Panics
    /// With everything that is wrong with the page.
    pub async fn look(&self, name: &str) {
        let number = self.looked.get() + 1;
        self.looked.set(number);
        let mut wrong = self.elsewhere().await;
        wrong.extend(self.console());
        for width in WIDTHS {
            self.driver.screen(width, HEIGHT);
            wrong.extend(self.beyond_the_edge(width).await);
            let found = match &self.reader {
                Some(reader) => reader.axe_of(&self.source().await, width).await,
                None => self.axe().await,
            };
            wrong.extend(found.into_iter().map(|one| format!("at {width} px: {one}")));
            self.picture(&format!("{number:02}-{name}-{width}.png"), width).await;
        }
        for width in MORE_WIDTHS {
            self.driver.screen(width, HEIGHT);
            wrong.extend(self.beyond_the_edge(width).await);
        }
        self.driver.screen(WIDTHS[0], HEIGHT);
        assert!(wrong.is_empty(), "{} ({}):\n{}", name, self.path().await, wrong.join("\n"));
    }

    /// [`Browser::look`] at a page that the family may see: nothing of the staff-only part is in it, nor
    /// any of these words.
    ///
    /// # Panics
    /// With everything that is wrong with the page.
    pub async fn look_as_family(&self, name: &str, answered: &[&str]) {
        let source = self.source().await;
        for words in STAFF_ONLY.iter().chain(answered) {
            assert!(!source.contains(words), "{name} ({}) says “{words}”", self.path().await);
        }
        self.look(name).await;
    }

    /// [`Browser::look`] at a page that the demo answered with this failure: the console says that, and
    /// nothing else.
    ///
    /// # Panics
    /// With everything that is wrong with the page, or when it was no failure.
    pub async fn look_at_failure(&self, name: &str, status: u16) {
        let said = self.console();
        let expected = format!("status of {status}");
        let all = said.iter().all(|text| text.contains(&expected));
        assert!(all && !said.is_empty(), "{name} ({}): {said:?}", self.path().await);
        self.look(name).await;
    }

    async fn axe(&self) -> Vec<String> {
        if self.run("return typeof axe").await == "undefined" {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/node_modules/axe-core/axe.min.js");
            let script = std::fs::read_to_string(script).expect("axe-core is installed (npm ci in web)");
            self.run(&format!("{script}; window.axe = axe")).await;
        }
        let found = self.client.execute_async(AXE, Vec::new()).await.expect("axe answers");
        serde_json::from_value(found).expect("sentences")
    }

    /// What axe finds in a page of a browser without scripts, in which axe itself cannot work.
    async fn axe_of(&self, page: &str, width: u64) -> Vec<String> {
        self.driver.screen(width, HEIGHT);
        self.client.execute_async(SHOW, vec![page.into()]).await.expect("the page is shown again");
        self.axe().await
    }

    /// What was fetched from another place than the demo.
    async fn elsewhere(&self) -> Vec<String> {
        let script = "return performance.getEntriesByType('resource').map((one) => one.name)";
        let all: Vec<String> = serde_json::from_value(self.run(script).await).expect("addresses");
        let strange = all.into_iter().filter(|one| !one.starts_with(&self.home) && !one.starts_with("data:"));
        strange.map(|one| format!("fetched {one}")).collect()
    }

    /// What went wrong in the console. A form that came back is a 422, a page that is not there a 404.
    fn console(&self) -> Vec<String> {
        let expected = |text: &str| text.contains("status of 422") || text.contains("status of 404");
        let text = |entry: &Value| entry["message"].as_str().unwrap_or_default().to_owned();
        let bad = self.driver.console().into_iter().filter(|entry| entry["level"] == "SEVERE");
        bad.map(|entry| text(&entry))
            .filter(|text| !expected(text))
            .map(|text| format!("console: {text}"))
            .collect()
    }

    async fn beyond_the_edge(&self, width: u64) -> Option<String> {
        let wide = self.run("return document.documentElement.scrollWidth").await.as_u64().unwrap_or(u64::MAX);
        (wide > width).then(|| format!("{wide} px wide on a screen of {width}"))
    }

    async fn picture(&self, file: &str, width: u64) {
        let tall = self.run("return document.documentElement.scrollHeight").await.as_u64().unwrap_or(HEIGHT);
        self.driver.screen(width, tall.clamp(HEIGHT, TALLEST));
        let picture = self.client.screenshot().await.expect("a picture");
        let folder = pictures(self.journey);
        std::fs::create_dir_all(&folder).expect("a folder for pictures");
        std::fs::write(folder.join(file), picture).expect("a picture is kept");
    }
}

/// Where the pictures of a journey are kept.
pub(crate) fn pictures(journey: &str) -> PathBuf {
    target().join("screenshots").join(journey)
}
