//! The style sheet, the script and the icon, carried inside the binary.
//!
//! Each has a piece of its own SHA-256 in its name, so a browser may keep it for a year and
//! still sees a new release at once; a page needs no file from anywhere else. `build.rs` makes
//! them. Compressing is left to the layer in front.

use std::fmt::Write;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

/// What to send as `Cache-Control` with every asset.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The path that every asset's address begins with.
pub const PREFIX: &str = "/assets/";

/// A file to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    pub body: &'static [u8],
    pub content_type: &'static str,
}

struct Named {
    url: String,
    asset: Asset,
}

static CSS: LazyLock<Named> = LazyLock::new(|| {
    let body = include_bytes!(concat!(env!("OUT_DIR"), "/app.css"));
    named("app.css", body, "text/css; charset=utf-8")
});

static JS: LazyLock<Named> = LazyLock::new(|| {
    let body = include_bytes!(concat!(env!("OUT_DIR"), "/app.js"));
    named("app.js", body, "text/javascript; charset=utf-8")
});

static ICON: LazyLock<Named> = LazyLock::new(|| {
    let body = include_bytes!(concat!(env!("OUT_DIR"), "/icon.svg"));
    named("icon.svg", body, "image/svg+xml")
});

fn named(name: &str, body: &'static [u8], content_type: &'static str) -> Named {
    let mut url = String::from(PREFIX);
    for byte in &Sha256::digest(body)[..6] {
        write!(url, "{byte:02x}").expect("writing to a String does not fail");
    }
    url.push('-');
    url.push_str(name);
    Named { url, asset: Asset { body, content_type } }
}

/// The style sheet's address, `/assets/<12 hex digits>-app.css`.
pub fn css_url() -> &'static str {
    &CSS.url
}

/// The script's address. Load it with `defer`; every page works without it.
pub fn js_url() -> &'static str {
    &JS.url
}

/// The tab icon's address.
pub fn icon_url() -> &'static str {
    &ICON.url
}

/// The asset with this name: the part of its address after [`PREFIX`]. A name with another
/// release's hash is not found, rather than answered with the wrong file.
pub fn find(name: &str) -> Option<Asset> {
    let all: [&Named; 3] = [&CSS, &JS, &ICON];
    all.into_iter().find(|one| one.url.strip_prefix(PREFIX) == Some(name)).map(|one| one.asset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(url: &str) -> &'static str {
        let name = url.strip_prefix(PREFIX).expect("an asset's address");
        std::str::from_utf8(find(name).expect("is found by its own name").body).expect("is text")
    }

    #[test]
    fn each_is_found_by_the_address_that_pages_carry_and_by_no_other() {
        for (url, kind) in
            [(css_url(), "text/css"), (js_url(), "text/javascript"), (icon_url(), "image/svg+xml")]
        {
            let name = url.strip_prefix(PREFIX).expect("an asset's address");
            let (hash, _) = name.split_once('-').expect("hash and name");
            assert_eq!(hash.len(), 12);
            assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()));
            assert!(find(name).expect("found").content_type.starts_with(kind));
        }
        assert_eq!(find("app.css"), None);
        assert_eq!(find("000000000000-app.css"), None);
        assert_eq!(find(""), None);
    }

    #[test]
    fn the_style_sheet_asks_no_one_for_a_file() {
        let css = text(css_url());
        for what in ["http:", "https:", "@import", "@font-face", "Frutiger", "url(/", "sourceMappingURL"] {
            assert!(!css.contains(what), "the style sheet holds {what}");
        }
    }

    #[test]
    fn the_style_sheet_keeps_what_the_macros_use_and_no_more_than_it_may_weigh() {
        let css = text(css_url());
        for class in
            ["nhsuk-error-summary", "nhsuk-date-input", "nhsuk-card--warning", "nhsuk-task-list", "dl-header"]
        {
            assert!(css.contains(&format!(".{class}")), "no rule for {class}");
        }
        assert!(!css.contains(".nhsuk-hero"), "unused components are left out");
        assert!(css.matches('{').count() == css.matches('}').count(), "braces balance after trimming");
        assert!(css.len() < 240_000, "the style sheet weighs {} bytes", css.len());
        assert!(text(js_url()).len() < 20_000);
    }

    #[test]
    fn the_script_stores_nothing_and_evaluates_nothing() {
        let js = text(js_url());
        for what in ["eval(", "innerHTML", "localStorage", "sessionStorage", "http:", "https:", "cookie"] {
            assert!(!js.contains(what), "the script holds {what}");
        }
    }

    /// The session's own addresses, a passkey's form to where its page says (`web/passkey.js`), and the state
    /// of what a page waits for, where that page says (`web/waiting.js`); the policy lets them go nowhere but
    /// here.
    #[test]
    fn the_script_asks_nobody_else() {
        let js = text(js_url());
        let passkey = "path, { method: 'POST', body: new URLSearchParams(fields) })";
        for asked in js.split("fetch(").skip(1) {
            let ours = asked.starts_with("'/session'") || asked.starts_with("'/session/stay'");
            let page_says = [passkey, "root.dataset.waiting, {"].iter().any(|one| asked.starts_with(one));
            assert!(ours || page_says, "asks another: {asked:.40}");
        }
        for what in ["XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource"] {
            assert!(!js.contains(what), "the script holds {what}");
        }
    }
}
