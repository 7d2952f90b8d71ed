//! Which browser somebody signed in with, for their own list of sessions: one of a few names, never what
//! the browser sent.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use super::Site;

/// Marks in a user agent and what they mean; the first that is found counts, so what imitates comes
/// before what is imitated.
const PROGRAMS: &[(&str, &str)] = &[
    ("Edg", "edge"),
    ("OPR/", "opera"),
    ("SamsungBrowser", "samsung"),
    ("Firefox", "firefox"),
    ("FxiOS", "firefox"),
    ("CriOS", "chrome"),
    ("Chrome", "chrome"),
    ("Safari", "safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "windows"),
    ("iPhone", "iphone"),
    ("iPad", "ipad"),
    ("Android", "android"),
    ("CrOS", "chromebook"),
    ("Mac OS", "mac"),
    ("Linux", "linux"),
];

/// The code of the browser, such as `firefox-windows`.
pub struct Browser(pub &'static str);

impl FromRequestParts<Arc<Site>> for Browser {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, Infallible> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(code(agent.unwrap_or_default())))
    }
}

/// Every pair is a name of its own, made once.
fn code(agent: &str) -> &'static str {
    static CODES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let names = |list: &[(&str, &'static str)]| list.iter().map(|(_, name)| *name).collect::<Vec<_>>();
        let systems = names(SYSTEMS);
        let pair = |program: &str| {
            systems.iter().chain([&"other"]).map(|system| format!("{program}-{system}")).collect::<Vec<_>>()
        };
        names(PROGRAMS).into_iter().chain(["other"]).flat_map(pair).collect()
    });
    let first = |list: &[(&str, &'static str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map_or("other", |(_, name)| *name)
    };
    let wanted = format!("{}-{}", first(PROGRAMS), first(SYSTEMS));
    CODES.iter().find(|code| **code == wanted).map_or("other-other", String::as_str)
}

/// The code in words, such as `Firefox on Windows`.
pub fn words(code: &str) -> String {
    let (program, system) = code.split_once('-').unwrap_or(("other", "other"));
    let program = match program {
        "edge" => "Edge",
        "opera" => "Opera",
        "samsung" => "Samsung Internet",
        "firefox" => "Firefox",
        "chrome" => "Chrome",
        "safari" => "Safari",
        _ => "A browser",
    };
    let system = match system {
        "windows" => "Windows",
        "iphone" => "an iPhone",
        "ipad" => "an iPad",
        "android" => "Android",
        "chromebook" => "a Chromebook",
        "mac" => "a Mac",
        "linux" => "Linux",
        _ => "another system",
    };
    format!("{program} on {system}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_has_a_name_and_what_it_sends_goes_nowhere() {
        for (agent, is) in [
            (
                "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/109.0 Safari/537.36",
                "Chrome on Windows",
            ),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/109.0 Safari/537.36 Edg/109.0", "Edge on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Version/16.0 Safari/604.1",
                "Safari on an iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "Firefox on Linux"),
            ("<script>", "A browser on another system"),
            ("", "A browser on another system"),
        ] {
            assert_eq!(words(code(agent)), is, "{agent}");
        }
    }
}
