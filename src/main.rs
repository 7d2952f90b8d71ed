//! The command line of dutyline: parse, hand over to `cli`, set the exit code.
//!
//! 0: it was done. 1: a finding or a refusal. 2: the command was not understood.

use std::io::{self, BufReader, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use dutyline::cli::{self, Cli, Ended, Terminal};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => {
            // Nobody can be told when even this cannot be written.
            let _ = answer.print();
            return ExitCode::from(if answer.use_stderr() { 2 } else { 0 });
        }
    };
    let (stdout, mut stderr) = (io::stdout(), io::stderr());
    let shown = stdout.is_terminal();
    let mut out = io::BufWriter::new(stdout.lock());
    let mut input = BufReader::new(io::stdin());
    let mut terminal = Terminal { input: &mut input, out: &mut out, err: &mut stderr, shown };
    let ended = cli::run(cli, &mut terminal).and_then(|ended| Ok(out.flush().map(|()| ended)?));
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Finding) => ExitCode::from(1),
        Err(error) if reader_went_away(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "dutyline: {}", cli::in_words(&error));
            ExitCode::from(1)
        }
    }
}

/// `dutyline route --csv | head`: whoever read has had enough.
fn reader_went_away(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}
