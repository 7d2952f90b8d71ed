//! `dutyline route`: which duty line serves a postcode, by the table that the program carries.

use clap::Args;

use super::{Ended, Terminal};
use crate::domain::postcode::PostcodeInput;
use crate::routing::{Decision, Localities, Table, csv, route};

/// What `route` is asked.
#[derive(Args)]
pub struct Options {
    /// A postcode, such as 'CT1 2EH'.
    #[arg(required_unless_present = "csv", conflicts_with = "csv")]
    postcode: Option<String>,
    /// Reads one postcode a line from stdin and writes CSV: postcode,outcome,locality,reason.
    #[arg(long)]
    csv: bool,
}

/// Answers one postcode in a line, or many as CSV. Exit code 0 for every answer.
pub(super) fn run(options: &Options, terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    let (table, localities) = (Table::kent(), Localities::kent());
    match &options.postcode {
        None => drop(csv::answer(table, localities, &mut *terminal.input, &mut *terminal.out)?),
        Some(text) => {
            let decision = route(table, localities, &PostcodeInput::read(text));
            writeln!(terminal.out, "{}", line(&decision, localities))?;
        }
    }
    Ok(Ended::Done)
}

/// The words of the CSV, for people: outcome, the duty line with its numbers, the reason.
fn line(decision: &Decision, localities: &Localities) -> String {
    let mut parts = vec![decision.outcome.word().to_owned()];
    if let Some(locality) = decision.locality.as_ref().and_then(|id| localities.get(id)) {
        let phones: Vec<&str> = locality.phones.iter().map(|phone| phone.as_typed()).collect();
        parts.push(format!(
            "{} duty line ({}), {}",
            locality.name,
            locality.id.as_str(),
            phones.join(" or ")
        ));
    }
    parts.push(decision.reason.clone());
    if let Some(suggestion) = &decision.suggestion {
        parts.push(format!("suggested: {}", suggestion.locality.as_str()));
    }
    parts.join(": ")
}

#[cfg(test)]
mod tests {
    use crate::cli::testing::said;

    #[test]
    fn one_postcode_gets_one_line_in_the_same_words() {
        let (ended, out, _) = said(&["route", "ct12eh"], "");
        assert!(ended);
        assert!(
            out.starts_with("routed: Canterbury and Coastal duty line (canterbury), 0300 790 0156: "),
            "{out}"
        );
        assert_eq!(out.lines().count(), 1);
        let (_, csv, _) = said(&["route", "--csv"], "ct12eh\n");
        let reason = csv.lines().nth(1).unwrap().split_once("canterbury,").unwrap().1;
        assert!(out.trim_end().ends_with(reason.trim_matches('"')), "{out} {csv}");
    }

    #[test]
    fn csv_is_exact() {
        let (ended, out, err) = said(&["route", "--csv"], "CT1 2EH\nZZ99 3VZ\nBT1 1AA\nnope\n");
        assert!(ended && err.is_empty());
        assert_eq!(out, include_str!("../../tests/cmd/route.csv"));
    }

    #[test]
    fn a_postcode_or_csv_and_not_both() {
        use clap::Parser;
        for wrong in [&["dutyline", "route"][..], &["dutyline", "route", "CT1 2EH", "--csv"]] {
            assert!(crate::cli::Cli::try_parse_from(wrong).is_err());
        }
    }
}
