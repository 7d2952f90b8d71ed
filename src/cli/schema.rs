//! `dutyline schema`: the JSON Schema of a sealed referral (2020-12), made from the list of all fields,
//! so that form, document and schema cannot drift apart. `docs/referral.schema.json` is its output,
//! and a test compares the two.

use serde_json::{Map, Value, json};

use super::{Ended, Terminal};
use crate::domain::agreement::{MOST_POINTS, Method, ParentalResponsibility, Signatory};
use crate::domain::form::{FIELDS, Field, Kind, Part};
use crate::domain::{email, name, phone, urn};
use crate::intake::attachment;
use crate::intake::document::{FORMAT, VERSION};

/// Prints the schema.
pub(super) fn run(terminal: &mut Terminal<'_>) -> anyhow::Result<Ended> {
    writeln!(terminal.out, "{:#}", schema())?;
    Ok(Ended::Done)
}

/// The schema of a referral that is complete: what it refuses, the relay would hold.
pub fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:dutyline:referral:1",
        "title": "dutyline referral",
        "description": "A referral to a health visiting duty line, as it is sealed with age. See referral-format.md.",
        "type": "object",
        "additionalProperties": false,
        "required": ["format", "version", "submission_id", "answers", "restricted", "agreement", "referrer_signature"],
        "properties": {
            "format": { "const": FORMAT },
            "version": { "const": VERSION },
            "submission_id": {
                "description": "The sender's own id of this submission: the same one twice is one referral.",
                "type": "string", "pattern": "^[!-~]{1,100}$"
            },
            "sender_key": {
                "description": "The setting's sender key, when the mail's address is not a registered one.",
                "type": "string"
            },
            "answers": answers(),
            "restricted": group(|part| part == Part::Restricted),
            "agreement": agreement(),
            "referrer_signature": referrer_signature(),
            "attachments": attachments(),
        },
    })
}

/// The family part: all fields but the restricted ones, and what depends on what.
fn answers() -> Value {
    let mut answers = group(|part| part != Part::Restricted);
    answers["allOf"] = json!([
        {
            "if": member("carer", json!({ "properties": { "postcode_known": { "const": "yes" } } })),
            "then": member("carer", json!({ "required": ["postcode"] })),
        },
        {
            "if": member("request", json!({ "properties": { "kind": { "const": "referral-and-meeting" } } })),
            "then": {
                "required": ["meeting"],
                "properties": { "meeting": { "required": ["slot_1", "slot_2", "slot_3"] } },
            },
        },
        member("carer", any_of(&["phone", "other_phone", "mother_phone", "young_person_phone", "email", "contact"])),
        member("referrer", any_of(&["phone", "email"])),
    ]);
    answers
}

fn member(name: &str, rule: Value) -> Value {
    json!({ "properties": { name: rule } })
}

fn any_of(names: &[&str]) -> Value {
    json!({ "anyOf": names.iter().map(|name| json!({ "required": [name] })).collect::<Vec<_>>() })
}

/// The fields of some parts, nested at the dots.
fn group(part: impl Fn(Part) -> bool) -> Value {
    let mut groups: Vec<(&str, Vec<&Field>)> = Vec::new();
    for field in FIELDS.iter().filter(|field| part(field.part)) {
        let (group, _) = field.path.split_once('.').unwrap_or((field.path, ""));
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, fields)) => fields.push(field),
            None => groups.push((group, vec![field])),
        }
    }
    let required: Vec<&str> = groups
        .iter()
        .filter(|(_, fields)| fields.iter().any(|f| f.required))
        .map(|(name, _)| *name)
        .collect();
    let members: Map<String, Value> =
        groups.iter().map(|(name, fields)| ((*name).to_owned(), object(fields))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": members })
}

fn object(fields: &[&Field]) -> Value {
    let last = |field: &Field| field.path.rsplit('.').next().unwrap_or_default().to_owned();
    let required: Vec<String> =
        fields.iter().filter(|field| field.required).map(|field| last(field)).collect();
    let members: Map<String, Value> = fields.iter().map(|field| (last(field), one(field))).collect();
    json!({ "type": "object", "additionalProperties": false, "required": required, "properties": members })
}

fn one(field: &Field) -> Value {
    let mut value = kind(field.kind);
    value["title"] = field.label.into();
    if !field.hint.is_empty() {
        value["description"] = field.hint.into();
    }
    if field.required && value["type"] == "string" && value["enum"].is_null() {
        value["minLength"] = 1.into();
    }
    value
}

fn kind(kind: Kind) -> Value {
    let codes = || kind.options().iter().map(|(code, _)| *code).collect::<Vec<_>>();
    match kind {
        Kind::Line(most) | Kind::Text(most) => json!({ "type": "string", "maxLength": most }),
        Kind::Name => json!({ "type": "string", "maxLength": name::MAX }),
        Kind::Birth | Kind::PastDate => json!({ "type": "string", "format": "date" }),
        Kind::Postcode => json!({ "type": "string", "examples": ["CT1 2EH"] }),
        Kind::NhsNumber => json!({ "type": "string", "examples": ["999 000 0018"] }),
        Kind::Phone => {
            json!({ "type": "string", "maxLength": phone::MAX_TYPED, "examples": ["01632 960123"] })
        }
        Kind::Email => json!({ "type": "string", "maxLength": email::MAX, "format": "email" }),
        Kind::Urn => json!({ "type": "string", "maxLength": urn::MAX, "examples": ["EY123456"] }),
        Kind::Slot => json!({
            "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$",
            "examples": ["2026-12-08T10:00"]
        }),
        Kind::One(_) => json!({ "type": "string", "enum": codes() }),
        Kind::Any(_) => {
            json!({ "type": "array", "uniqueItems": true, "items": { "type": "string", "enum": codes() } })
        }
    }
}

fn agreement() -> Value {
    let codes: Vec<&str> = Method::ALL.iter().map(|method| method.code()).collect();
    let signatory: Vec<&str> = Signatory::ALL.iter().map(|one| one.code()).collect();
    let responsibility: Vec<&str> = ParentalResponsibility::ALL.iter().map(|one| one.code()).collect();
    let point = json!({
        "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "number", "minimum": 0, "maximum": 1 }
    });
    json!({
        "description": "The parent's, carer's or young person's agreement.",
        "type": "object",
        "additionalProperties": false,
        "required": ["given"],
        "properties": {
            "given": { "type": "boolean", "description": "false when the parent or carer refused." },
            "printed_name": { "type": "string" },
            "relationship": { "type": "string" },
            "signatory": { "type": "string", "enum": signatory },
            "parental_responsibility": { "type": "string", "enum": responsibility },
            "method": { "type": "string", "enum": codes },
            "strokes": {
                "description": format!("A drawn signature: strokes of points, at most {MOST_POINTS} in all."),
                "type": "array", "items": { "type": "array", "items": point }
            },
            "statement_version": { "type": "string" },
            "statement_language": { "type": "string" },
            "signed_on": { "type": "string", "format": "date" },
            "present": { "type": "string" },
            "checked_how": { "type": "string" },
            "taken_by": { "type": "string" },
            "witness": { "type": "string" },
            "interpreter": { "type": "string" },
            "spoken": { "type": "string" },
            "content_sha256": { "type": "string", "pattern": "^([0-9a-f]{64})?$" },
        },
        "if": { "properties": { "given": { "const": true } } },
        "then": {
            "required": ["printed_name", "method", "statement_version", "statement_language", "signed_on"],
            "if": { "properties": { "method": { "const": "drawn" } } },
            "then": { "required": ["strokes"] },
        },
    })
}

fn referrer_signature() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["printed_name", "signed_on"],
        "properties": {
            "printed_name": { "type": "string", "minLength": 1 },
            "signed_on": { "type": "string", "format": "date" },
        },
    })
}

fn attachments() -> Value {
    json!({
        "description": "PDF, JPEG or PNG, each 10 MiB or less before base64.",
        "type": "array",
        "maxItems": attachment::MOST,
        "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["name", "base64"],
            "properties": {
                "name": { "type": "string" },
                "base64": { "type": "string", "contentEncoding": "base64" },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_schema_is_the_one_the_fields_make() {
        let published: Value = serde_json::from_str(include_str!("../../docs/referral.schema.json")).unwrap();
        assert!(published == schema(), "run `dutyline schema > docs/referral.schema.json`");
    }

    #[test]
    fn every_field_stands_in_its_part_and_nowhere_else() {
        let schema = schema();
        for field in FIELDS {
            let pointer = |place: &str| {
                let path = field.path.replace('.', "/properties/");
                schema.pointer(&format!("/properties/{place}/properties/{path}")).is_some()
            };
            let restricted = field.part == Part::Restricted;
            assert_eq!(
                (pointer("answers"), pointer("restricted")),
                (!restricted, restricted),
                "{}",
                field.path
            );
        }
    }
}
