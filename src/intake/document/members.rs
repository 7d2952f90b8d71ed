//! An object's members as they were written, each name once.
//!
//! A map keeps the last of two members with one name and drops the other in silence; here the second is
//! a fault, so that nothing somebody wrote about a child is lost without a word.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// The members of an object, in order.
#[derive(Default)]
pub struct Members(pub Vec<(String, Member)>);

/// What a member holds.
pub enum Member {
    /// An object.
    Object(Members),
    /// Anything else; an object inside a list is one of the values in it.
    Value(Value),
}

struct OfObject;

impl<'de> Visitor<'de> for OfObject {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let (mut members, mut names) = (Vec::new(), HashSet::new());
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom("duplicate field"));
            }
            members.push((name, map.next_value()?));
        }
        Ok(Members(members))
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfObject)
    }
}

struct OfMember;

impl<'de> Visitor<'de> for OfMember {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Member, A::Error> {
        OfObject.visit_map(map).map(Member::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Member, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element::<Value>()? {
            values.push(value);
        }
        Ok(Member::Value(Value::Array(values)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Value(text.into()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Member, E> {
        Ok(Member::Value(value.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Member, E> {
        Ok(Member::Value(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Member, E> {
        Ok(Member::Value(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Member, E> {
        Ok(Member::Value(number.into()))
    }

    fn visit_unit<E: Error>(self) -> Result<Member, E> {
        Ok(Member::Value(Value::Null))
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfMember)
    }
}
