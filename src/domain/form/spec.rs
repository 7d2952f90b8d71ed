//! The list of all fields, in the order of the paper form.

/// A group of fields: one page of the web form, one heading of the print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Where the child lives: asked first, it decides who can help.
    Home,
    /// The child.
    Child,
    /// The parent or carer.
    Carer,
    /// GP, needs, other agencies.
    Support,
    /// Why the referral is made.
    Reason,
    /// Three times for a meeting.
    Meeting,
    /// Who refers.
    Referrer,
    /// Staff only: safeguarding and domestic abuse.
    Restricted,
}

impl Part {
    /// The family part's groups, in order. The restricted part is not among them.
    pub const FAMILY: &[Part] =
        &[Part::Home, Part::Child, Part::Carer, Part::Support, Part::Reason, Part::Meeting, Part::Referrer];

    /// The heading for people.
    pub const fn heading(self) -> &'static str {
        match self {
            Part::Home => "Where the child lives",
            Part::Child => "The child",
            Part::Carer => "Parent or carer",
            Part::Support => "GP, needs and other agencies",
            Part::Reason => "Reason for the request",
            Part::Meeting => "Meeting",
            Part::Referrer => "Who refers",
            Part::Restricted => "Staff only: safeguarding",
        }
    }

    /// The last part of its page's address.
    pub const fn slug(self) -> &'static str {
        match self {
            Part::Home => "postcode",
            Part::Child => "child",
            Part::Carer => "carer",
            Part::Support => "support",
            Part::Reason => "reason",
            Part::Meeting => "meeting",
            Part::Referrer => "you",
            Part::Restricted => "staff-only",
        }
    }

    /// The family part with this slug.
    pub fn from_slug(slug: &str) -> Option<Part> {
        Part::FAMILY.iter().copied().find(|part| part.slug() == slug)
    }
}

/// A code that is stored and the words that stand for it.
pub type Option_ = (&'static str, &'static str);

/// What may be written in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line, at most so many characters.
    Line(usize),
    /// Several lines, at most so many characters.
    Text(usize),
    /// A person's name, any script.
    Name,
    /// A birth date: in the past.
    Birth,
    /// Any real date that is not in the future.
    PastDate,
    /// A UK postcode.
    Postcode,
    /// An NHS number.
    NhsNumber,
    /// A UK telephone number.
    Phone,
    /// An email address.
    Email,
    /// An Ofsted unique reference number.
    Urn,
    /// A date and a time for a meeting.
    Slot,
    /// One of a list.
    One(&'static [Option_]),
    /// Any of a list.
    Any(&'static [Option_]),
}

/// One field of the form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Dotted path: the name in the web form and in the sealed document.
    pub path: &'static str,
    /// The words beside the field and in print.
    pub label: &'static str,
    /// A hint below the label, or empty.
    pub hint: &'static str,
    /// The group it stands in.
    pub part: Part,
    /// What may be written.
    pub kind: Kind,
    /// Must be answered, always.
    pub required: bool,
    /// The sentence when it is missing; there is one for every field that may be asked for.
    pub ask: &'static str,
    /// HTML autocomplete token for the sender's own details, or empty: a child's details are
    /// never offered by a shared computer.
    pub autocomplete: &'static str,
}

const fn f(path: &'static str, label: &'static str, part: Part, kind: Kind) -> Field {
    Field { path, label, hint: "", part, kind, required: false, ask: "", autocomplete: "off" }
}

impl Field {
    const fn must(mut self, ask: &'static str) -> Self {
        self.required = true;
        self.asks(ask)
    }

    /// The sentence for a field that is wanted only after some other answer.
    const fn asks(mut self, ask: &'static str) -> Self {
        self.ask = ask;
        self
    }

    const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    const fn autocomplete(mut self, token: &'static str) -> Self {
        self.autocomplete = token;
        self
    }
}

/// Longest one-line answer, in characters.
pub const LINE: usize = 200;
/// Longest long answer, in characters.
pub const LONG: usize = 4_000;

/// The four answers of the safeguarding and abuse questions (DOMAIN section 2).
pub const FOUR: &[Option_] =
    &[("no", "No"), ("yes", "Yes"), ("not-asked", "Not asked"), ("not-safe", "Not safe to ask")];
const YES_NO_UNKNOWN: &[Option_] = &[("yes", "Yes"), ("no", "No"), ("not-known", "Not known")];
const YES_NO: &[Option_] = &[("yes", "Yes"), ("no", "No")];
const GENDER: &[Option_] =
    &[("girl", "Girl"), ("boy", "Boy"), ("other", "Another way"), ("not-known", "Not known")];
const ASK: &[Option_] = &[
    ("referral", "A health referral"),
    ("referral-and-meeting", "A health referral and an Integrated Review Meeting"),
];
const POSTCODE_KNOWN: &[Option_] = &[("yes", "Yes"), ("no", "No, or the family has no fixed address")];
const THROUGH_SETTING: &[Option_] = &[("through-setting", "Contact the family through our setting")];
const CATEGORIES: &[Option_] = &[
    ("toileting", "Toileting"),
    ("behaviour", "Behaviour"),
    ("healthy-weight", "Healthy weight"),
    ("sleep", "Sleep"),
    ("oral-health", "Dental or oral health"),
    ("communication", "Social, communication or emotional difficulties"),
];
const AREAS: &[Option_] = &[
    ("personal-social-emotional", "Personal, social and emotional development"),
    ("physical", "Physical development"),
    ("communication-language", "Communication and language"),
];
const TOOLS: &[Option_] = &[
    ("milestone-assessment", "Milestone Assessment"),
    ("development-matters", "Development Matters"),
    ("birth-to-5-matters", "Birth to 5 Matters"),
    ("what-to-expect-when", "What to Expect, When?"),
    ("portage", "Portage"),
    ("national-strategies", "National Strategies monitoring tool"),
    ("asq", "ASQ"),
];
const URGENCY: &[Option_] =
    &[("routine", "Routine"), ("soon", "Soon"), ("this-week", "This week"), ("today", "Today")];

/// What stands below a choice on the page: path, code, words. The spans of time are \[ours\], to be
/// confirmed by a trust.
const CHOICE_HINTS: &[(&str, &str, &str)] = &[
    ("request.urgency", "routine", "No hurry"),
    ("request.urgency", "soon", "Within two weeks"),
    ("request.urgency", "today", "Also ring the duty line now"),
];

/// Every field of the guide and the optional additions (DOMAIN section 2).
pub const FIELDS: &[Field] = &[
    f("request.kind", "What are you asking for?", Part::Home, Kind::One(ASK))
        .must("Choose what you are asking for"),
    f(
        "carer.postcode_known",
        "Do you know the child's home postcode?",
        Part::Home,
        Kind::One(POSTCODE_KNOWN),
    )
    .must("Say if you know the child's home postcode"),
    f("carer.postcode", "Child's home postcode", Part::Home, Kind::Postcode)
        .asks("Enter the child's home postcode")
        .hint("It decides which duty line can help. For example, CT1 2EH"),
    f("child.forename", "First name", Part::Child, Kind::Name).must("Enter the child's first name"),
    f("child.surname", "Last name", Part::Child, Kind::Name).must("Enter the child's last name"),
    f("child.date_of_birth", "Date of birth", Part::Child, Kind::Birth)
        .must("Enter the child's date of birth")
        .hint("For example, 31 3 2024"),
    f("child.gender", "Gender", Part::Child, Kind::One(GENDER)),
    f("child.nhs_number", "NHS number", Part::Child, Kind::NhsNumber)
        .hint("Optional. 10 digits, in the Red Book. For example, 999 000 0018"),
    f("child.pre_school", "Pre-school, nursery or childminder", Part::Child, Kind::Line(LINE)),
    f("carer.name", "Parent or carer's full name", Part::Carer, Kind::Name)
        .must("Enter the parent or carer's full name"),
    f("carer.address", "Home address", Part::Carer, Kind::Text(500)),
    f("carer.phone", "Contact number", Part::Carer, Kind::Phone),
    f("carer.other_phone", "Another contact number", Part::Carer, Kind::Phone),
    f("carer.mother_phone", "Mother's number", Part::Carer, Kind::Phone).hint("If it is another one"),
    f("carer.young_person_phone", "Young person's number", Part::Carer, Kind::Phone)
        .hint("Only if the referral is about a young person"),
    f("carer.email", "Email address", Part::Carer, Kind::Email),
    f("carer.contact", "No number or email to give?", Part::Carer, Kind::Any(THROUGH_SETTING)),
    f("gp.name", "GP's name", Part::Support, Kind::Line(LINE)),
    f("gp.address", "Surgery address", Part::Support, Kind::Text(500)),
    f("gp.phone", "Surgery telephone", Part::Support, Kind::Phone),
    f("needs.sen", "Special educational need or disability", Part::Support, Kind::Text(1_000)),
    f("needs.interpreter", "Interpreter needed?", Part::Support, Kind::One(YES_NO)),
    f("needs.language", "Language", Part::Support, Kind::Line(100)).hint("If an interpreter is needed"),
    f("needs.engagement", "Anything that helps to work with the family", Part::Support, Kind::Text(1_000))
        .hint("For example, the best days to call"),
    f("needs.agencies", "Other agencies involved", Part::Support, Kind::Text(1_000)),
    f("reason.concerns", "Concerns", Part::Reason, Kind::Text(LONG))
        .must("Write what you are concerned about")
        .hint("What you and the family have noticed. The parent will read and sign this"),
    f("reason.categories", "What are the concerns about?", Part::Reason, Kind::Any(CATEGORIES))
        .hint("Choose all that apply, even if already referred to speech and language therapy"),
    f("reason.areas", "Prime areas of concern", Part::Reason, Kind::Any(AREAS)),
    f("reason.tools", "Assessment used", Part::Reason, Kind::Any(TOOLS))
        .hint("From 24 to 36 months, use the 24-month criteria first"),
    f(
        "reason.strengths",
        "Strengths: what is in place and what has been tried",
        Part::Reason,
        Kind::Text(LONG),
    ),
    f("reason.parent_goals", "What the parent or carer hopes for", Part::Reason, Kind::Text(LONG)),
    f("reason.referrer_goals", "What the setting hopes for", Part::Reason, Kind::Text(LONG)),
    f("meeting.slot_1", "First choice", Part::Meeting, Kind::Slot)
        .asks("Enter a date and a time for the first choice"),
    f("meeting.slot_2", "Second choice", Part::Meeting, Kind::Slot)
        .asks("Enter a date and a time for the second choice"),
    f("meeting.slot_3", "Third choice", Part::Meeting, Kind::Slot)
        .asks("Enter a date and a time for the third choice"),
    f("meeting.notes", "Anything about the meeting", Part::Meeting, Kind::Text(1_000))
        .hint("For example, who should come, or if online is better"),
    f("referrer.name", "Name of the person who refers", Part::Referrer, Kind::Name)
        .must("Enter the name of the person who refers")
        .autocomplete("name"),
    f("referrer.designation", "Role in the setting", Part::Referrer, Kind::Line(LINE))
        .autocomplete("organization-title"),
    f("referrer.setting", "Setting", Part::Referrer, Kind::Line(LINE)).autocomplete("organization"),
    f("referrer.urn", "Ofsted URN", Part::Referrer, Kind::Urn),
    f("referrer.phone", "Telephone", Part::Referrer, Kind::Phone).autocomplete("work tel"),
    f("referrer.email", "Email address", Part::Referrer, Kind::Email).autocomplete("work email"),
    f("referrer.date", "Date of referral", Part::Referrer, Kind::PastDate)
        .must("Enter the date of the referral"),
    f("team.base_address", "Base address of the team you are writing to", Part::Referrer, Kind::Text(500))
        .hint("Optional. Leave empty if you do not know it"),
    f("safeguarding.concerns", "Are there any safeguarding concerns?", Part::Restricted, Kind::One(FOUR))
        .must("Say if there are safeguarding concerns"),
    f("safeguarding.detail", "What are the concerns?", Part::Restricted, Kind::Text(LONG)),
    f(
        "safeguarding.referred",
        "Referred to children's social care?",
        Part::Restricted,
        Kind::One(YES_NO_UNKNOWN),
    ),
    f("safeguarding.referred_on", "Date of the referral to social care", Part::Restricted, Kind::PastDate),
    f("safeguarding.outcome", "What social care decided", Part::Restricted, Kind::Text(1_000)),
    f("abuse.concerns", "Are there concerns about domestic abuse?", Part::Restricted, Kind::One(FOUR))
        .must("Say if there are concerns about domestic abuse"),
    f("abuse.safe_contact", "Safe contact number", Part::Restricted, Kind::Phone)
        .hint("A number that only the parent at risk answers"),
    f("abuse.safe_times", "When and how it is safe to make contact", Part::Restricted, Kind::Line(LINE)),
    f("abuse.perpetrator_name", "Alleged perpetrator's name", Part::Restricted, Kind::Name),
    f("abuse.perpetrator_birth", "Alleged perpetrator's date of birth", Part::Restricted, Kind::Birth),
    f("abuse.at_home", "Are they living at the home address?", Part::Restricted, Kind::One(YES_NO_UNKNOWN)),
    f("request.urgency", "How soon should the duty line look at this?", Part::Restricted, Kind::One(URGENCY))
        .must("Say how soon the duty line should look at this")
        .hint("The family does not see this in their copy"),
];

/// The field with this path.
pub fn field(path: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.path == path)
}

/// What stands below this choice of a field, or nothing.
pub fn choice_hint(path: &str, code: &str) -> &'static str {
    let hint = CHOICE_HINTS.iter().find(|(field, choice, _)| *field == path && *choice == code);
    hint.map_or("", |(_, _, words)| words)
}

/// The fields of one part, in order.
pub fn fields_of(part: Part) -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(move |field| field.part == part)
}

impl Kind {
    /// The choices of a field that has some.
    pub const fn options(&self) -> &'static [Option_] {
        match self {
            Kind::One(options) | Kind::Any(options) => options,
            _ => &[],
        }
    }

    /// Free words that a person typed: what has to be read before it is printed for a family
    /// when there is a reason to be careful (DOMAIN section 3).
    pub const fn free_text(&self) -> bool {
        matches!(self, Kind::Text(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_there_once_and_every_choice_has_a_code() {
        for (n, one) in FIELDS.iter().enumerate() {
            assert!(!FIELDS[n + 1..].iter().any(|other| other.path == one.path), "{} twice", one.path);
            assert!(
                one.path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || ".__".contains(c))
            );
            assert!(one.kind.options().iter().all(|(code, words)| !code.is_empty() && !words.is_empty()));
        }
    }

    #[test]
    fn every_field_that_may_be_asked_for_says_so_in_a_sentence_of_its_own() {
        let wanted = |one: &&Field| one.required || one.kind == Kind::Slot || one.path == "carer.postcode";
        let asks: Vec<&str> = FIELDS.iter().filter(wanted).map(|one| one.ask).collect();
        let begins = ["Enter ", "Say ", "Choose ", "Write "];
        assert!(asks.iter().all(|ask| begins.iter().any(|begin| ask.starts_with(begin))), "{asks:?}");
        assert!(asks.iter().all(|ask| !ask.contains(':')), "{asks:?}");
    }

    #[test]
    fn every_hint_of_a_choice_belongs_to_one() {
        for (path, code, words) in CHOICE_HINTS {
            let options = field(path).expect("in the list").kind.options();
            assert!(options.iter().any(|(known, _)| known == code), "{path} {code}");
            assert_eq!(choice_hint(path, code), *words);
        }
        assert_eq!(choice_hint("request.urgency", "this-week"), "");
    }

    #[test]
    fn fields_stand_together_by_part() {
        let mut parts: Vec<Part> = FIELDS.iter().map(|field| field.part).collect();
        parts.dedup();
        let mut once = parts.clone();
        once.sort();
        once.dedup();
        assert_eq!(parts.len(), once.len(), "a part is scattered");
    }
}
