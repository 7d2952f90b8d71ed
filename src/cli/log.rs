//! The log, on stderr: for people on a terminal, one JSON object a line otherwise (DESIGN section 10).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::fmt;

use crate::config::LogFormat;

/// Starts the log; a second start in one process changes nothing. A level that cannot be read is
/// taken for `info` and said so.
pub(super) fn start(level: &str, format: LogFormat) {
    let (filter, fault) = match EnvFilter::try_new(level) {
        Ok(filter) => (filter, None),
        Err(fault) => (EnvFilter::new("info"), Some(fault)),
    };
    let people = match format {
        LogFormat::Human => true,
        LogFormat::Json => false,
        LogFormat::Auto => std::io::stderr().is_terminal(),
    };
    // The default hook prints a panic's words, which may quote what somebody typed: the place is enough.
    #[cfg(not(test))]
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        tracing::error!(place, "panicked");
    }));
    let log = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match people {
        true => log.with_target(false).try_init(),
        false => log.json().flatten_event(true).try_init(),
    };
    if let (Ok(()), Some(fault)) = (started, fault) {
        tracing::warn!(%fault, "the log level cannot be read, so it is info");
    }
}
