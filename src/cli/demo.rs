//! `dutyline demo`: the whole job with made-up people, on this machine alone.

use std::path::PathBuf;

use clap::Args;

use super::{Ended, log, wait_for};
use crate::app::{self, DemoOptions};
use crate::config::{Environment, LogFormat};

/// Where the demo listens and keeps its data.
#[derive(Args)]
pub struct Options {
    /// Port of the web door, on 127.0.0.1.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the mail door, on 127.0.0.1.
    #[arg(long, default_value_t = 2525)]
    smtp_port: u16,
    /// Folder for the data; one that is there already is used again [default: a fresh one].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Serves the demo until it is stopped.
pub(super) fn run(options: Options) -> anyhow::Result<Ended> {
    log::start(Environment::read().log.as_deref().unwrap_or("info"), LogFormat::Auto);
    let Options { port, smtp_port, data } = options;
    wait_for(async move { Ok(app::demo(DemoOptions { port, smtp_port, data }).await?) })?;
    Ok(Ended::Done)
}
