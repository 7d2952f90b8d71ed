//! One question on a page, with what was typed and what is wrong with it.
//!
//! The macros in `templates/macros/form.html` take these and write labels, hints and errors
//! that belong together by id, so that no page has to get that right by hand. The name a form
//! sends is the id. [`error_list`] makes the summary out of the same structs: what is said at
//! the top cannot differ from what is said beside the field.

use crate::domain::form::grouped;

/// A hint's id, an error's id and a limit's id, for `aria-describedby`.
fn described_by(id: &str, hint: Option<&String>, error: Option<&String>) -> String {
    let mut ids = Vec::new();
    ids.extend(hint.map(|_| format!("{id}-hint")));
    ids.extend(error.map(|_| format!("{id}-error")));
    ids.join(" ")
}

/// Something a form asks, which may have an error to point at.
pub trait Asked {
    /// The id of the control to go to, and the sentence; `None` when nothing is wrong.
    fn fault(&self) -> Option<(String, String)>;
}

/// What the error summary lists, in the order in which the questions stand.
pub fn error_list(asked: &[&dyn Asked]) -> Vec<(String, String)> {
    asked.iter().filter_map(|one| one.fault()).collect()
}

/// A question answered by typing: a line, a long answer or a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Unique on the page; also the name that the form sends.
    pub id: String,
    pub label: String,
    pub hint: Option<String>,
    pub value: String,
    pub error: Option<String>,
    /// The input's `type`; empty means `text`.
    pub kind: &'static str,
    /// `numeric`, `tel`, `email`; empty for none.
    pub inputmode: &'static str,
    /// The `autocomplete` purpose; empty for none. Use `off` for what is about a child.
    pub autocomplete: &'static str,
    /// Width in characters: 2, 3, 4, 5, 10, 20 or 30; 0 for the whole line.
    pub width: u8,
    /// Lines shown of a long answer; 0 means 5.
    pub rows: u8,
    /// Most characters of a long answer, said beside it; 0 for no note. Not enforced by the
    /// browser, which would cut what is pasted without a word.
    pub limit: u32,
    /// `s`, `m`, `l`; empty for plain.
    pub label_size: &'static str,
}

impl Field {
    /// An empty line of text.
    pub fn new(id: impl Into<String>, label: impl Into<String>) -> Self {
        Field { id: id.into(), label: label.into(), ..Field::default() }
    }

    /// With a sentence that helps to answer.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Field { hint: Some(hint.into()), ..self }
    }

    /// With what was typed before.
    pub fn value(self, value: impl Into<String>) -> Self {
        Field { value: value.into(), ..self }
    }

    /// With what is wrong, when something is.
    pub fn error(self, error: Option<impl Into<String>>) -> Self {
        Field { error: error.map(Into::into), ..self }
    }

    /// As wide as this many characters: 2, 3, 4, 5, 10, 20 or 30.
    pub fn width(self, characters: u8) -> Self {
        Field { width: characters, ..self }
    }

    /// For digits: a number pad on phones, ten characters wide unless said otherwise.
    pub fn numeric(self) -> Self {
        Field { inputmode: "numeric", width: if self.width == 0 { 10 } else { self.width }, ..self }
    }

    /// For an email address.
    pub fn email(self) -> Self {
        Field { kind: "email", ..self }
    }

    /// For a telephone number.
    pub fn telephone(self) -> Self {
        Field { kind: "tel", width: 20, ..self }
    }

    /// For a password or a code: what is typed is hidden, and never sent back into the page.
    pub fn password(self) -> Self {
        Field { kind: "password", value: String::new(), ..self }
    }

    /// What browsers may fill in.
    pub fn autocomplete(self, purpose: &'static str) -> Self {
        Field { autocomplete: purpose, ..self }
    }

    /// Lines shown of a long answer.
    pub fn rows(self, rows: u8) -> Self {
        Field { rows, ..self }
    }

    /// Most characters of a long answer.
    pub fn limit(self, characters: u32) -> Self {
        Field { limit: characters, ..self }
    }

    /// A larger label: `s`, `m` or `l`.
    pub fn label_size(self, size: &'static str) -> Self {
        Field { label_size: size, ..self }
    }

    /// The limit as people write it.
    pub fn limit_in_words(&self) -> String {
        grouped(usize::try_from(self.limit).unwrap_or(usize::MAX))
    }

    /// The ids that describe the control, separated by spaces.
    pub fn described_by(&self) -> String {
        let ids = described_by(&self.id, self.hint.as_ref(), self.error.as_ref());
        if self.limit == 0 { ids } else { format!("{ids} {}-limit", self.id).trim_start().to_owned() }
    }
}

impl Asked for Field {
    fn fault(&self) -> Option<(String, String)> {
        self.error.clone().map(|said| (self.id.clone(), said))
    }
}

/// A date in three parts, sent as `<id>-day`, `<id>-month` and `<id>-year`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateField {
    pub id: String,
    pub legend: String,
    pub hint: Option<String>,
    /// As typed, whatever that was.
    pub day: String,
    pub month: String,
    pub year: String,
    pub error: Option<String>,
    /// `s`, `m`, `l`.
    pub legend_size: &'static str,
    /// The date of birth of the person filling in the form may be filled by the browser.
    pub birthday: bool,
}

impl DateField {
    /// An empty date.
    pub fn new(id: impl Into<String>, legend: impl Into<String>) -> Self {
        DateField { id: id.into(), legend: legend.into(), legend_size: "s", ..DateField::default() }
    }

    /// With a sentence that helps to answer.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        DateField { hint: Some(hint.into()), ..self }
    }

    /// With what was typed before.
    pub fn typed(self, day: impl Into<String>, month: impl Into<String>, year: impl Into<String>) -> Self {
        DateField { day: day.into(), month: month.into(), year: year.into(), ..self }
    }

    /// With what is wrong, when something is.
    pub fn error(self, error: Option<impl Into<String>>) -> Self {
        DateField { error: error.map(Into::into), ..self }
    }

    /// The ids that describe the group, separated by spaces.
    pub fn described_by(&self) -> String {
        described_by(&self.id, self.hint.as_ref(), self.error.as_ref())
    }

    /// Name, label, value and width of the three parts, for the macro.
    pub fn parts(&self) -> [(&'static str, &'static str, &str, u8); 3] {
        [("day", "Day", &self.day, 2), ("month", "Month", &self.month, 2), ("year", "Year", &self.year, 4)]
    }
}

impl Asked for DateField {
    fn fault(&self) -> Option<(String, String)> {
        let empty = self.parts().into_iter().find(|(_, _, typed, _)| typed.is_empty());
        let part = empty.map_or("day", |(name, ..)| name);
        self.error.clone().map(|said| (format!("{}-{part}", self.id), said))
    }
}

/// One answer of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub value: String,
    pub label: String,
    pub hint: Option<String>,
}

impl Answer {
    /// An answer without a hint.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Answer { value: value.into(), label: label.into(), hint: None }
    }

    /// With a sentence below it.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Answer { hint: Some(hint.into()), ..self }
    }
}

/// A question answered by choosing: radios (one) or checkboxes (any number).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub id: String,
    pub legend: String,
    pub hint: Option<String>,
    pub answers: Vec<Answer>,
    /// The values chosen before. Nothing is chosen unless the person chose it.
    pub chosen: Vec<String>,
    pub error: Option<String>,
    /// `s`, `m`, `l`.
    pub legend_size: &'static str,
    /// Side by side: for two short answers only.
    pub inline: bool,
}

impl Choice {
    /// A question with its answers, none of them chosen.
    pub fn new(id: impl Into<String>, legend: impl Into<String>, answers: Vec<Answer>) -> Self {
        Choice { id: id.into(), legend: legend.into(), answers, legend_size: "s", ..Choice::default() }
    }

    /// With a sentence that helps to answer.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Choice { hint: Some(hint.into()), ..self }
    }

    /// With what was chosen before; radios take the first.
    pub fn chosen<T: Into<String>>(self, values: impl IntoIterator<Item = T>) -> Self {
        Choice { chosen: values.into_iter().map(Into::into).collect(), ..self }
    }

    /// With what is wrong, when something is.
    pub fn error(self, error: Option<impl Into<String>>) -> Self {
        Choice { error: error.map(Into::into), ..self }
    }

    /// Side by side.
    pub fn inline(self) -> Self {
        Choice { inline: true, ..self }
    }

    /// A larger legend: `m` or `l`.
    pub fn legend_size(self, size: &'static str) -> Self {
        Choice { legend_size: size, ..self }
    }

    /// The ids that describe the group, separated by spaces.
    pub fn described_by(&self) -> String {
        described_by(&self.id, self.hint.as_ref(), self.error.as_ref())
    }

    /// Whether this value was chosen before.
    pub fn is_chosen(&self, value: &str) -> bool {
        self.chosen.iter().any(|one| one == value)
    }

    /// The answers with the id of each control: `id`, `id-2`, `id-3`, …
    pub fn numbered(&self) -> Vec<(String, &Answer)> {
        let name = |at| if at == 0 { self.id.clone() } else { format!("{}-{}", self.id, at + 1) };
        self.answers.iter().enumerate().map(|(at, answer)| (name(at), answer)).collect()
    }
}

impl Asked for Choice {
    fn fault(&self) -> Option<(String, String)> {
        self.error.clone().map(|said| (self.id.clone(), said))
    }
}

/// A signature: drawn (sent as `<id>-strokes`, see docs/front-end.md) or typed (`<id>-typed`).
/// Both may arrive; either is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureField {
    pub id: String,
    pub legend: String,
    pub hint: Option<String>,
    /// The strokes as they were sent, shown again after an error elsewhere; empty for none.
    pub strokes: String,
    pub typed: String,
    pub error: Option<String>,
}

impl SignatureField {
    /// An empty place to sign.
    pub fn new(id: impl Into<String>, legend: impl Into<String>) -> Self {
        SignatureField { id: id.into(), legend: legend.into(), ..SignatureField::default() }
    }

    /// With a sentence that helps.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        SignatureField { hint: Some(hint.into()), ..self }
    }

    /// With what was drawn and typed before.
    pub fn signed(self, strokes: impl Into<String>, typed: impl Into<String>) -> Self {
        SignatureField { strokes: strokes.into(), typed: typed.into(), ..self }
    }

    /// With what is wrong, when something is.
    pub fn error(self, error: Option<impl Into<String>>) -> Self {
        SignatureField { error: error.map(Into::into), ..self }
    }

    /// The ids that describe the group, separated by spaces.
    pub fn described_by(&self) -> String {
        described_by(&self.id, self.hint.as_ref(), self.error.as_ref())
    }
}

impl Asked for SignatureField {
    fn fault(&self) -> Option<(String, String)> {
        self.error.clone().map(|said| (format!("{}-typed", self.id), said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_described_by_what_it_has() {
        let plain = Field::new("gp", "GP");
        assert_eq!(plain.described_by(), "");
        assert_eq!(plain.clone().limit(10).described_by(), "gp-limit");
        let full = plain.hint("Name").error(Some("Enter a name")).limit(10);
        assert_eq!(full.described_by(), "gp-hint gp-error gp-limit");
        assert_eq!(full.limit(4_000).limit_in_words(), "4,000");
    }

    #[test]
    fn a_summary_points_at_the_control_to_mend_and_leaves_out_what_is_right() {
        let name = Field::new("name", "Name").error(Some("Enter a name"));
        let fine = Field::new("gp", "GP");
        let born =
            DateField::new("born", "Date of birth").typed("1", "", "2024").error(Some("Enter a month"));
        let sen = Choice::new("sen", "SEN need", vec![Answer::new("yes", "Yes")]).error(Some("Choose one"));
        let sign = SignatureField::new("sign", "Signature").error(Some("Sign"));
        let ids: Vec<String> =
            error_list(&[&name, &fine, &born, &sen, &sign]).into_iter().map(|(id, _)| id).collect();
        assert_eq!(ids, ["name", "born-month", "sen", "sign-typed"]);
    }

    #[test]
    fn a_password_is_never_sent_back_into_a_page() {
        assert_eq!(Field::new("password", "Password").value("guessed").password().value, "");
    }
}
