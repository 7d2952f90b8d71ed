//! The command line: one file a command (DESIGN section 8 lists them; they are kept stable).
//!
//! Results go to stdout and nothing else does; what is said about them goes to stderr, and so does the
//! log. A command that changes something records it under the operator before it says that it is done.
//! A crash in between leaves the change made and recorded, and nothing said.

mod audit;
mod backup;
mod decode;
mod demo;
mod doctor;
mod erase;
mod health;
mod ingest;
mod keys;
mod localities;
mod log;
mod migrate;
mod organisations;
mod people;
mod place;
mod postcodes;
mod route;
mod schema;
mod seal;
mod sender_key;
mod serve;
#[cfg(test)]
mod testing;

use std::io::{BufRead, Write};

use clap::{Parser, Subcommand};

use crate::config::{Environment, LogFormat};

pub use schema::schema;

/// What a command reads and writes.
pub struct Terminal<'a> {
    /// Standard input.
    pub input: &'a mut dyn BufRead,
    /// Results.
    pub out: &'a mut dyn Write,
    /// What is said about them.
    pub err: &'a mut dyn Write,
    /// Whether results are shown on a terminal, where bytes that are no text have no place.
    pub shown: bool,
}

/// How a command ended; a failure is an error instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was done.
    Done,
    /// It was done, and what it found is not as it should be.
    Finding,
}

/// A secure messaging and referral relay between early years settings and health visiting duty lines.
#[derive(Parser)]
#[command(name = "dutyline", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Shows the whole job with made-up people on this machine alone.
    Demo(demo::Options),
    /// Serves a service, as dutyline.toml says.
    Serve(serve::Options),
    /// Takes in one mail (RFC 5322) from a file or stdin by the same path as SMTP; prints one JSON line.
    Ingest(ingest::Options),
    /// Says which duty line serves a postcode.
    Route(route::Options),
    /// Checks and exports the audit trail.
    #[command(subcommand)]
    Audit(audit::Command),
    /// Makes and shows key sets.
    #[command(subcommand)]
    Keys(keys::Command),
    /// Makes a sealed referral from JSON.
    Seal(seal::Options),
    /// Who may sign in.
    #[command(subcommand)]
    People(people::Command),
    /// Settings, services and trusts.
    #[command(subcommand)]
    Organisations(organisations::Command),
    /// Keys by which a setting's sealed referrals are known.
    #[command(subcommand)]
    SenderKey(sender_key::Command),
    /// Localities and their duty lines.
    #[command(subcommand)]
    Localities(localities::Command),
    /// The postcode table.
    #[command(subcommand)]
    Postcodes(postcodes::Command),
    /// Brings the database's schema up to this program's.
    Migrate(migrate::Options),
    /// Writes a copy of the database, without keys.
    Backup(backup::Options),
    /// Destroys a referral's content for good and prints a certificate.
    Erase(erase::Options),
    /// Checks configuration, keys, database and mail, and lists all that is wrong.
    Doctor(doctor::Options),
    /// Prints the JSON Schema of a sealed referral.
    #[command(hide = true)]
    Schema,
    /// Reads one uploaded picture or PDF from stdin in a process of its own; started by the service.
    #[command(hide = true)]
    Decode,
}

/// Runs one command.
///
/// # Errors
/// Whatever keeps the command from being done, in sentences for the operator.
pub fn run(cli: Cli, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match cli.command {
        Command::Route(options) => route::run(&options, terminal),
        Command::Keys(command) => keys::run(&command, terminal),
        Command::Seal(options) => seal::run(&options, terminal),
        Command::Schema => schema::run(terminal),
        Command::Decode => decode::run(terminal),
        Command::Serve(options) => serve::run(&options, terminal),
        Command::Demo(options) => demo::run(options),
        other => {
            quiet_log();
            wait_for(waiting(other, terminal))
        }
    }
}

/// The commands that use the database.
async fn waiting(command: Command, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    match command {
        Command::Ingest(options) => ingest::run(&options, terminal).await,
        Command::Audit(command) => audit::run(&command, terminal).await,
        Command::People(command) => people::run(&command, terminal).await,
        Command::Organisations(command) => organisations::run(&command, terminal).await,
        Command::SenderKey(command) => sender_key::run(&command, terminal).await,
        Command::Localities(command) => localities::run(&command, terminal).await,
        Command::Postcodes(command) => postcodes::run(&command, terminal).await,
        Command::Migrate(options) => migrate::run(&options, terminal).await,
        Command::Backup(options) => backup::run(&options, terminal).await,
        Command::Doctor(options) => doctor::run(&options, terminal).await,
        Command::Erase(options) => erase::run(&options, terminal).await,
        Command::Route(_)
        | Command::Keys(_)
        | Command::Seal(_)
        | Command::Schema
        | Command::Decode
        | Command::Serve(_)
        | Command::Demo(_) => anyhow::bail!("this command does not use the database"),
    }
}

/// A failure and its causes, each said once: an error's own words may already end with its cause's.
pub fn in_words(error: &anyhow::Error) -> String {
    let mut words = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !words.ends_with(&cause) {
            words.push_str(if words.is_empty() { "" } else { ": " });
            words.push_str(&cause);
        }
    }
    words
}

/// Short commands speak for themselves: their log has warnings only, unless more is asked for.
fn quiet_log() {
    let level = Environment::read().log;
    log::start(level.as_deref().unwrap_or("warn"), LogFormat::Auto);
}

/// Runs to its end what waits for the database or the network.
fn wait_for<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // Whoever came first has chosen: both are the same.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
