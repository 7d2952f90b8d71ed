//! Somebody with a password and an authenticator app, and what they do with both in a browser.

use std::process::Command;
use std::time::Duration;

use fantoccini::Locator;

use crate::{Browser, Served};

/// A password that nobody would guess.
pub const PASSWORD: &str = "tram otter velvet nine";
/// How often a page is asked whether it is there, and how many times.
const POLL: Duration = Duration::from_millis(50);
const LOOKS: u32 = 400;
/// Holding the control key, and letting it go (WebDriver, section 17.4.2).
const CONTROL: char = '\u{E009}';
const RELEASE: char = '\u{E000}';

/// An authenticator app (RFC 6238), written without a line of the relay's: SHA-1, six digits, thirty
/// seconds. Gives the step and the code of the next step that was not used, and waits while that lies too
/// far ahead of the clock.
const TOTP: &str = "
import base64, hmac, struct, sys, time
secret, last = base64.b32decode(sys.argv[1]), int(sys.argv[2])
step = max(int(time.time()) // 30, last + 1)
while step > time.time() // 30 + 1:
    time.sleep(0.2)
mac = hmac.digest(secret, struct.pack('>Q', step), 'sha1')
at = mac[-1] & 15
print(step, '%06d' % ((struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000))";

/// An authenticator app with one account.
pub struct App {
    secret: String,
    last: String,
}

impl App {
    /// With a secret as a page shows it, in groups.
    pub fn new(secret: &str) -> Self {
        Self { secret: secret.replace(' ', ""), last: "0".to_owned() }
    }

    /// A code that was not shown before.
    ///
    /// # Panics
    /// When the secret is none.
    pub fn code(&mut self) -> String {
        let done = Command::new("python3").args(["-c", TOTP, &self.secret, &self.last]).output();
        let done = done.expect("python3 is installed");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let (step, code) = said.trim().split_once(' ').unwrap_or_else(|| panic!("no code: {done:?}"));
        step.clone_into(&mut self.last);
        code.to_owned()
    }
}

/// Somebody who has set up a password, an app and recovery codes.
pub struct Account {
    /// Their address.
    pub email: &'static str,
    /// Their app.
    pub app: App,
    /// Their recovery codes.
    pub recovery: Vec<String>,
}

impl Account {
    /// Signs somebody in by a link of the command line and sets up a password and an app.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn by_link(served: &Served, browser: &Browser, email: &'static str) -> Self {
        browser.visit(&served.link(email)).await;
        browser.press("Sign in").await;
        browser.visit("/account").await;
        browser.press("Set up how you sign in").await;
        browser.fill("password", PASSWORD).await;
        browser.press("Continue").await;
        Self::with_app(browser, email).await
    }

    /// From the choice of a second way to being signed in.
    ///
    /// # Panics
    /// When a page is not as expected.
    pub async fn with_app(browser: &Browser, email: &'static str) -> Self {
        browser.press("Use an authenticator app").await;
        let mut app = browser.secret().await;
        browser.fill("code", &app.code()).await;
        browser.press("Continue").await;
        let recovery = browser.recovery_codes().await;
        browser.press("I have kept them").await;
        browser.see("You are set up").await;
        Self { email, app, recovery }
    }

    /// Signs in with the password and the app, and comes to this page.
    ///
    /// # Panics
    /// When that does not work.
    pub async fn signs_in(&mut self, browser: &Browser, next: &str) {
        browser.types_password(self.email, PASSWORD).await;
        browser.fill("code", &self.app.code()).await;
        browser.press("Continue").await;
        browser.arrive(next).await;
    }
}

impl Browser {
    /// Goes to the sign-in page and types address and password.
    ///
    /// # Panics
    /// When the page is not as expected.
    pub async fn types_password(&self, email: &str, password: &str) {
        self.visit("/sign-in").await;
        self.fill("address", email).await;
        self.fill("password", password).await;
        self.press("Sign in").await;
    }

    /// The app's secret on the page that shows it, as somebody reads it who cannot scan the square.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn secret(&self) -> App {
        self.run("document.querySelector('main details').open = true").await;
        App::new(self.cells("main details strong").await.first().expect("a secret"))
    }

    /// The recovery codes on the page that shows them.
    pub async fn recovery_codes(&self) -> Vec<String> {
        self.cells("main li strong").await
    }

    /// Waits until this path is open, and wholly so.
    ///
    /// # Panics
    /// When another stays open.
    pub async fn arrive(&self, path: &str) {
        for _ in 0..LOOKS {
            let there = self.path().await == path;
            if there && self.client.find(Locator::Css("footer")).await.is_ok() {
                return;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("{} is open and not {path}:\n{}", self.path().await, self.words().await);
    }

    /// Pastes into the field with this name, from the clipboard.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn paste(&self, name: &str, words: &str) {
        let make = "const box = document.createElement('textarea'); box.id = 'copied';
            box.value = arguments[0]; document.body.append(box)";
        self.client.execute(make, vec![words.into()]).await.expect("something to copy");
        let copied = self.client.find(Locator::Id("copied")).await.expect("it is there");
        let copy = format!("{CONTROL}ac{RELEASE}");
        copied.send_keys(&copy).await.expect("it is copied");
        self.run("document.getElementById('copied').remove()").await;
        let field = self.named(name).await;
        field.clear().await.expect("a field that can be cleared");
        field.send_keys(&format!("{CONTROL}v{RELEASE}")).await.expect("it is pasted");
    }
}
