//! Makes the two front-end files the binary carries: `app.css` and `app.js`.
//!
//! The styles are nhsuk-frontend's (MIT), fetched by npm into `web/node_modules` and never
//! committed, with our own sheet on top. Its typeface belongs to the NHS and would be fetched
//! from another host, so every rule that reaches outside is taken out here and the build stops
//! if one is left: a page of ours asks nobody else for anything (DESIGN section 7).
//!
//! It also makes the family's words, one file a language, into Rust source (`build/words.rs`), and lists
//! the shipped agreement statements for `gate::statements`.
//!
//! Only the standard library is used. A failure is one sentence that says what to do.

#[path = "build/words.rs"]
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The release that the templates' class names were checked against.
const STYLES_VERSION: &str = "10.6.1";

/// What stands in place of the NHS's own typeface.
const FONTS: &str =
    "system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\",Arial,sans-serif";

/// Our scripts, in the order in which they run.
const SCRIPTS: [&str; 6] = ["forms.js", "signature.js", "waiting.js", "passkey.js", "exit.js", "session.js"];

/// Components that no page of ours uses: rules that are only about them are left out.
const UNUSED: [&str; 19] = [
    "nhsuk-action-link",
    "nhsuk-breadcrumb",
    "nhsuk-button--brand",
    "nhsuk-button--login",
    "nhsuk-button--reverse",
    "nhsuk-code",
    "nhsuk-contents-list",
    "nhsuk-do-dont-list",
    "nhsuk-expander",
    "nhsuk-file-upload__drop",
    "nhsuk-frontend-supported",
    "nhsuk-header",
    "nhsuk-hero",
    "nhsuk-image",
    "nhsuk-scroll",
    "nhsuk-search-input",
    "nhsuk-table--reverse",
    "nhsuk-tabs",
    "nhsuk-u-static",
];

/// What must not be found in a finished sheet: each would be a request to somewhere else.
const FORBIDDEN: [&str; 7] =
    ["http:", "https:", "//", "@import", "@font-face", "Frutiger", "sourceMappingURL"];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let web = root.join("web");
    let out = PathBuf::from(variable("OUT_DIR")?);
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/words.rs");
    write(&out.join("words.rs"), &family_words(&root.join("templates/family/words"))?)?;
    write(&out.join("statements.rs"), &statements(&root.join("templates/statements"))?)?;
    write(&out.join("app.css"), &styles(&web)?)?;
    write(&out.join("app.js"), &scripts(&web)?)?;
    write(&out.join("icon.svg"), &read(&web.join("icon.svg"))?)
}

/// The family's words as Rust source.
fn family_words(folder: &Path) -> Result<String, String> {
    words::generate(&texts(folder)?)
        .map_err(|why| format!("the family's words, templates/family/words: {why}"))
}

/// The shipped statements as Rust source: each file's name and text.
fn statements(folder: &Path) -> Result<String, String> {
    let files: String =
        texts(folder)?.iter().map(|(name, text)| format!("    ({name:?}, {text:?}),\n")).collect();
    Ok(format!("/// Every file.\nstatic SHIPPED: &[(&str, &str)] = &[\n{files}];\n"))
}

/// The files of a folder, by name. The folder is watched, so that a new file is a new language.
fn texts(folder: &Path) -> Result<Vec<(String, String)>, String> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let cannot = |why: std::io::Error| format!("{} cannot be read: {why}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.push((name, read(&path)?));
    }
    files.sort();
    Ok(files)
}

fn styles(web: &Path) -> Result<String, String> {
    let package = web.join("node_modules/nhsuk-frontend");
    let about = read(&package.join("package.json"))?;
    if !about.contains(&format!("\"version\": \"{STYLES_VERSION}\"")) {
        return Err(format!(
            "web/node_modules holds another nhsuk-frontend than {STYLES_VERSION}: run `npm ci --ignore-scripts` in web/"
        ));
    }
    let theirs = read(&package.join("dist/nhsuk/nhsuk-frontend.min.css"))?;
    let ours = read(&web.join("dutyline.css"))?;
    let kept = trim(&without_comments(&theirs)).replace("Frutiger W01,arial,sans-serif", FONTS);
    let sheet = format!(
        "@charset \"UTF-8\";\n/* {STYLES_VERSION}: nhsuk-frontend, MIT licence */\n{kept}\n{}",
        squeeze(&without_comments(&ours))
    );
    match reaches_outside(&sheet) {
        Some(what) => {
            Err(format!("the finished style sheet still holds `{what}`: pages must not reach outside"))
        }
        None => Ok(sheet),
    }
}

/// The first thing in a sheet that would make a browser ask another host, or us, for a file.
fn reaches_outside(sheet: &str) -> Option<String> {
    let plain = FORBIDDEN.iter().find(|what| sheet.contains(**what)).map(|what| what.to_string());
    let link = sheet.match_indices("url(").map(|(at, _)| &sheet[at + 4..]);
    let mut files = link.filter(|rest| !rest.trim_start_matches(['"', '\'']).starts_with("data:"));
    plain.or_else(|| files.next().map(|rest| format!("url({}", rest.chars().take(40).collect::<String>())))
}

fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, tail)| tail);
    }
    out + rest
}

/// Line ends and indents of our own sheet, which is short and holds no strings with spaces at line ends.
fn squeeze(css: &str) -> String {
    css.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Leaves out the rules of unused components, faces and whatever loads a file. Works on
/// nhsuk-frontend's minified sheet, whose strings hold no braces.
fn trim(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(open) = rest.find('{') {
        let (prelude, from_brace) = rest.split_at(open);
        let prelude = prelude.rsplit(';').next().unwrap_or(prelude);
        let length = block_length(from_brace);
        let body = &from_brace[1..length - 1];
        out.push_str(&rule(prelude, body));
        rest = &from_brace[length..];
    }
    out
}

fn rule(prelude: &str, body: &str) -> String {
    let group = ["@media", "@supports", "@container"].iter().any(|name| prelude.starts_with(name));
    let kept = if group { trim(body) } else { declarations(prelude, body) };
    let head = if group { prelude.to_owned() } else { selectors(prelude) };
    if head.is_empty() || kept.is_empty() { String::new() } else { format!("{head}{{{kept}}}") }
}

/// A rule's declarations; none when it is a typeface or would load a file.
fn declarations(prelude: &str, body: &str) -> String {
    let loads = body.contains("url(") && !body.contains("url(data:");
    if loads || prelude.starts_with("@font-face") { String::new() } else { body.to_owned() }
}

fn selectors(prelude: &str) -> String {
    split_outside_brackets(prelude).into_iter().filter(|one| !only_unused(one)).collect::<Vec<_>>().join(",")
}

/// Whether a selector can match only where an unused component stands. What is inside
/// `:not(…)` does not count: it says where a rule does not apply.
fn only_unused(selector: &str) -> bool {
    let mut plain = String::new();
    let mut rest = selector;
    while let Some((before, after)) = rest.split_once(":not(") {
        plain.push_str(before);
        rest = after.split_once(')').map_or("", |(_, tail)| tail);
    }
    plain.push_str(rest);
    UNUSED.iter().any(|name| plain.contains(&format!(".{name}")))
}

fn split_outside_brackets(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0_i32, 0, Vec::new());
    for (at, byte) in list.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[from..]);
    parts
}

/// Bytes from an opening brace to its closing one, both counted.
fn block_length(from_brace: &str) -> usize {
    let mut depth = 0_i32;
    for (at, byte) in from_brace.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => continue,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    from_brace.len()
}

fn scripts(web: &Path) -> Result<String, String> {
    let parts: Result<Vec<String>, String> = SCRIPTS.iter().map(|name| read(&web.join(name))).collect();
    Ok(format!("'use strict';\n{}", parts?.join("\n")))
}

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script by its environment only")]
fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|_| format!("cargo did not set {name}"))
}

fn read(path: &Path) -> Result<String, String> {
    println!("cargo::rerun-if-changed={}", path.display());
    let remedy = if path.to_string_lossy().contains("node_modules") {
        ": run `npm ci --ignore-scripts` in web/"
    } else {
        ""
    };
    fs::read_to_string(path).map_err(|why| format!("{} cannot be read ({why}){remedy}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|why| format!("{} cannot be written: {why}", path.display()))
}
