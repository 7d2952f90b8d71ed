//! What a person does in a browser: go somewhere, read, press, draw. What they type and choose: `form`.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use fantoccini::actions::{InputSource, MOUSE_BUTTON_LEFT, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::Demo;
use crate::driver::Driver;
use crate::look::pictures;

/// Whether the browser runs scripts of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As most people's browsers do.
    On,
    /// Nothing of a page runs: everything has to work all the same.
    Off,
}

/// A browser at a demo or a service. Methods panic with a sentence when what a person would look for is not there.
pub struct Browser {
    pub(crate) client: Client,
    pub(crate) driver: Driver,
    pub(crate) journey: &'static str,
    pub(crate) home: String,
    /// Where the pages of a browser without scripts are checked.
    pub(crate) reader: Option<Box<Browser>>,
    /// Pages looked at so far: the number in a screenshot's name.
    pub(crate) looked: Cell<usize>,
}

/// How often a page is asked whether it has changed, and how long.
const POLL: Duration = Duration::from_millis(20);
const PATIENCE: u32 = 500;

impl Browser {
    /// Opens a browser with nothing remembered. `journey` names the folder of its screenshots.
    ///
    /// # Panics
    /// When chromedriver or Chromium is not there.
    pub async fn open(demo: &Demo, journey: &'static str, scripts: Scripts) -> Self {
        Self::at(&demo.web, journey, scripts).await
    }

    /// [`Browser::open`] at any address, such as `http://localhost:41234`.
    ///
    /// # Panics
    /// When chromedriver or Chromium is not there.
    pub async fn at(home: &str, journey: &'static str, scripts: Scripts) -> Self {
        let _ = std::fs::remove_dir_all(pictures(journey)); // those of an earlier run
        let mut browser = Self::start(home, journey, scripts).await;
        if scripts == Scripts::Off {
            let reader = Self::start(home, journey, Scripts::On).await;
            reader.visit("/privacy").await;
            browser.reader = Some(Box::new(reader));
        }
        browser
    }

    async fn start(home: &str, journey: &'static str, scripts: Scripts) -> Self {
        let mut driver = Driver::start();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(driver.capabilities(scripts))
            .connect(&driver.address())
            .await
            .expect("Chromium is installed (apt-get install chromium)");
        driver.session = client.session_id().await.ok().flatten().expect("a session");
        Self { client, driver, journey, home: home.to_owned(), reader: None, looked: Cell::new(0) }
    }

    /// Opens a path of the demo.
    ///
    /// # Panics
    /// When the page does not load.
    pub async fn visit(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.home)).await.expect("the page loads");
    }

    /// Forgets who is signed in.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn forget_everything(&self) {
        self.client.delete_all_cookies().await.expect("cookies can be forgotten");
    }

    /// Signs in as somebody of the demo, by name; the first of that name.
    ///
    /// # Panics
    /// When nobody has that name.
    pub async fn sign_in(&self, name: &str) {
        self.forget_everything().await;
        self.visit("/sign-in").await;
        self.press(&format!("Sign in as {name}")).await;
    }

    /// The path of the page that is open, with what stands behind the question mark.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.expect("an address");
        url.as_str().trim_start_matches(&self.home).to_owned()
    }

    /// Everything that can be read on the page, blanks and line ends as one space.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn words(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.expect("a page");
        let text = body.text().await.expect("its words");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The page as it was sent.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn source(&self) -> String {
        self.client.source().await.expect("the page's source")
    }

    /// Whether these words can be read on the page.
    pub async fn says(&self, words: &str) -> bool {
        self.words().await.contains(words)
    }

    /// These words can be read on the page.
    ///
    /// # Panics
    /// When they cannot.
    pub async fn see(&self, words: &str) {
        let all = self.words().await;
        assert!(all.contains(words), "“{words}” does not stand on {}:\n{all}", self.path().await);
    }

    /// Presses a button or link with these words, or else the first whose words begin so, and waits for
    /// the next page.
    ///
    /// # Panics
    /// When there is none, or nothing follows.
    pub async fn press(&self, words: &str) {
        let page = self.client.find(Locator::Css("html")).await.expect("a page");
        self.button(words).await.click().await.unwrap_or_else(|error| panic!("“{words}”: {error}"));
        self.next_page(&page, words).await;
    }

    /// Presses a button after which the page stays, and waits until these words can be read on it.
    ///
    /// # Panics
    /// When there is no such button, or the words do not come.
    pub async fn press_and_read(&self, button: &str, words: &str) {
        self.button(button).await.click().await.unwrap_or_else(|error| panic!("“{button}”: {error}"));
        for _ in 0..PATIENCE {
            if self.says(words).await {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
        self.see(words).await;
    }

    /// Gives the browser a device that keeps passkeys.
    pub fn plug_in_authenticator(&self) {
        self.driver.authenticator();
    }

    /// Presses the first button or link that this CSS selector finds, whatever it is called, and waits
    /// for the next page.
    ///
    /// # Panics
    /// When there is none, or nothing follows.
    pub async fn press_at(&self, selector: &str) {
        let page = self.client.find(Locator::Css("html")).await.expect("a page");
        let Ok(button) = self.client.find(Locator::Css(selector)).await else {
            panic!("no {selector} on {}:\n{}", self.path().await, self.words().await)
        };
        button.click().await.unwrap_or_else(|error| panic!("{selector}: {error}"));
        self.next_page(&page, selector).await;
    }

    async fn next_page(&self, page: &Element, words: &str) {
        for _ in 0..PATIENCE {
            if page.tag_name().await.is_err() {
                self.client.wait().for_element(Locator::Css("footer")).await.expect("a whole page");
                return;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("nothing followed when “{words}” was pressed on {}", self.path().await);
    }

    async fn button(&self, words: &str) -> Element {
        for test in ["normalize-space(.) = \"{}\"", "starts-with(normalize-space(.), \"{}\")"] {
            let test = test.replace("{}", words);
            let path = format!("//button[{test}] | //a[{test}]");
            if let Ok(found) = self.client.find(Locator::XPath(&path)).await {
                return found;
            }
        }
        panic!("no “{words}” on {}:\n{}", self.path().await, self.words().await)
    }

    /// Draws a wave on the signature pad, as a hand does with a mouse.
    ///
    /// # Panics
    /// When there is no pad.
    pub async fn draw(&self) {
        let pad = self.client.find(Locator::Css("canvas")).await.expect("a pad");
        self.client
            .execute("arguments[0].scrollIntoView({block: 'center'})", vec![json!(pad)])
            .await
            .expect("in view");
        let at = |x: f64, y: f64| PointerAction::MoveToElement {
            element: pad.clone(),
            duration: Some(Duration::from_millis(5)),
            x,
            y,
        };
        let mut hand = MouseActions::new("hand".to_owned())
            .then(at(-120.0, 0.0))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT });
        for step in 1..40_u32 {
            let x = f64::from(step) * 6.0 - 120.0;
            hand = hand.then(at(x, 40.0 * (x / 20.0).sin()));
        }
        let hand = hand.then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.client.perform_actions(hand).await.expect("a drawing");
    }

    /// The names of all fields that a person can fill in on this page.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn names(&self) -> Vec<String> {
        let script = "return [...new Set([...document.querySelectorAll('main form [name]')]
            .filter((field) => !['hidden', 'submit'].includes(field.type)).map((field) => field.name))]";
        serde_json::from_value(self.run(script).await).expect("names")
    }

    /// The words of every part of the page that this CSS selector finds, without headings that only a
    /// phone shows.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn cells(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll('{selector}')].map((cell) => [...cell.childNodes]
                .filter((node) => !node.matches?.('.nhsuk-table__heading'))
                .map((node) => node.textContent).join('').trim())"
        );
        serde_json::from_value(self.run(&script).await).expect("words")
    }

    /// What the demo answers to this person when they ask for a file.
    ///
    /// # Panics
    /// When it does not answer, or not with a file.
    pub async fn download(&self, path: &str) -> Vec<u8> {
        let cookies = self.client.get_all_cookies().await.expect("cookies");
        let cookies: Vec<String> =
            cookies.iter().map(|one| format!("{}={}", one.name(), one.value())).collect();
        let host = self.home.trim_start_matches("http://");
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\r\n",
            cookies.join("; ")
        );
        let mut line = TcpStream::connect(host).expect("the demo listens");
        line.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        line.read_to_end(&mut answer).expect("it answers");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{path}: {}", String::from_utf8_lossy(&answer));
        let body = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head and a body");
        answer.split_off(body + 4)
    }

    /// The addresses of the links whose path begins so, in the order of the page.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn links(&self, start: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('main a')].map((link) => link.getAttribute('href'))";
        let all: Vec<String> = serde_json::from_value(self.run(script).await).expect("links");
        all.into_iter().filter(|link| link.starts_with(start)).collect()
    }

    /// Three mornings in a week about a month from now, on which no bank holiday falls: day, month, year.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn three_days(&self) -> Vec<[String; 3]> {
        let script = "
            const day = new Date(Date.now() + 28 * 86400000);
            while (day.getDay() !== 2 || (day.getMonth() === 11 && day.getDate() > 17)
                || (day.getMonth() === 0 && day.getDate() < 4)) day.setDate(day.getDate() + 1);
            return [0, 1, 2].map((more) => {
                const one = new Date(day.getFullYear(), day.getMonth(), day.getDate() + more);
                return [one.getDate(), one.getMonth() + 1, one.getFullYear()].map(String);
            })";
        serde_json::from_value(self.run(script).await).expect("days")
    }

    /// Runs a script in the page, for what no person can do quickly: let time pass.
    ///
    /// # Panics
    /// When the script fails.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// Presses a button that leads to no other page.
    ///
    /// # Panics
    /// When there is none.
    pub async fn press_here(&self, words: &str) {
        self.button(words).await.click().await.unwrap_or_else(|error| panic!("“{words}”: {error}"));
    }

    /// Goes to the newest tab, or back to the first.
    ///
    /// # Panics
    /// When the browser has gone.
    pub async fn go_to_tab(&self, newest: bool) {
        let tabs = self.client.windows().await.expect("tabs");
        let tab = if newest { tabs.last() } else { tabs.first() };
        self.client.switch_to_window(tab.expect("a tab").clone()).await.expect("the tab");
    }

    pub(crate) async fn named(&self, name: &str) -> Element {
        let found = self.client.find(Locator::Css(&format!("main [name=\"{name}\"]"))).await;
        found.unwrap_or_else(|_| panic!("there is no field {name}"))
    }
}
