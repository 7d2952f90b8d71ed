//! Times of day, as people type them: `10`, `10:30`, `14.00`, `2pm`, `noon`.
//!
//! A bare `2` could be either half of the day and is asked about, never guessed.

use jiff::civil::Time;

use super::kept::is_blank;

/// What is wrong with what was typed; the sentence stands beside the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Nothing was typed.
    #[error("Enter the time, such as 10:30 or 2pm")]
    Empty,
    /// Not a time in any known form.
    #[error("Enter the time as 10:30, 14.00 or 2pm")]
    Unreadable,
    /// An hour or minute that no clock shows.
    #[error("There is no such time: use 0 to 23 for the hour and 00 to 59 for the minutes")]
    NoSuchTime,
    /// 1 to 7 without a sign of which half of the day.
    #[error("Say whether it is {0}am or {0}pm")]
    Ambiguous(String),
}

/// Reads a time of day.
pub fn parse_time(text: &str) -> Result<Time, TimeError> {
    let bare: String = text.to_ascii_lowercase().chars().filter(|c| !is_blank(*c)).collect();
    match bare.as_str() {
        "" => return Err(TimeError::Empty),
        "noon" | "midday" | "12noon" => return Ok(Time::constant(12, 0, 0, 0)),
        _ => {}
    }
    let (clock, half) = split_half(&bare);
    let (hour, minute, plain) = figures(clock)?;
    let hour = match (half, hour) {
        (Some(_), 0 | 13..) => return Err(TimeError::NoSuchTime),
        (Some(Half::Morning), 12) => 0,
        (Some(Half::Afternoon), 1..=11) => hour + 12,
        (None, 1..=7) if plain => return Err(TimeError::Ambiguous(clock.to_owned())),
        _ => hour,
    };
    Time::new(hour, minute, 0, 0).map_err(|_| TimeError::NoSuchTime)
}

#[derive(Clone, Copy)]
enum Half {
    Morning,
    Afternoon,
}

fn split_half(bare: &str) -> (&str, Option<Half>) {
    let endings =
        [("a.m.", Half::Morning), ("am", Half::Morning), ("p.m.", Half::Afternoon), ("pm", Half::Afternoon)];
    let found =
        endings.iter().find_map(|(ending, half)| bare.strip_suffix(ending).map(|clock| (clock, Some(*half))));
    found.unwrap_or((bare, None))
}

/// Hour, minute, and whether the hour was written with one figure.
fn figures(clock: &str) -> Result<(i8, i8, bool), TimeError> {
    let (hour, minute) = match clock.split_once([':', '.']) {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        Some(_) => return Err(TimeError::Unreadable),
        None if matches!(clock.len(), 3 | 4) && clock.is_ascii() => clock.split_at(clock.len() - 2),
        None => (clock, "00"),
    };
    let sound = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !sound(hour) || !sound(minute) {
        return Err(TimeError::Unreadable);
    }
    let number = |text: &str| text.parse::<i8>().map_err(|_| TimeError::Unreadable);
    Ok((number(hour)?, number(minute)?, hour.len() == 1))
}

/// For people: `2pm`, `10:30am`, `midday`.
pub fn time_for_people(time: Time) -> String {
    let (hour, half) = match time.hour() {
        12 if time.minute() == 0 => return "midday".to_owned(),
        0 => (12, "am"),
        h @ 1..=11 => (h, "am"),
        12 => (12, "pm"),
        h => (h - 12, "pm"),
    };
    match time.minute() {
        0 => format!("{hour}{half}"),
        minute => format!("{hour}:{minute:02}{half}"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        for (typed, hour, minute) in [
            ("10", 10, 0),
            ("10:30", 10, 30),
            ("10.30 am", 10, 30),
            ("2pm", 14, 0),
            ("2:15 p.m.", 14, 15),
            ("14.00", 14, 0),
            ("1400", 14, 0),
            ("930", 9, 30),
            ("09:05", 9, 5),
            ("02:00", 2, 0),
            ("12", 12, 0),
            ("12am", 0, 0),
            ("12:30PM", 12, 30),
            ("Noon", 12, 0),
        ] {
            assert_eq!(parse_time(typed), Ok(time(hour, minute, 0, 0)), "{typed}");
        }
    }

    #[test]
    fn each_fault_has_its_own_sentence() {
        for (typed, fault) in [
            (" ", TimeError::Empty),
            ("ten", TimeError::Unreadable),
            ("10:3", TimeError::Unreadable),
            ("10:30:00", TimeError::Unreadable),
            ("24:00", TimeError::NoSuchTime),
            ("10:60", TimeError::NoSuchTime),
            ("13pm", TimeError::NoSuchTime),
            ("0am", TimeError::NoSuchTime),
        ] {
            assert_eq!(parse_time(typed).unwrap_err(), fault, "{typed}");
        }
        assert_eq!(parse_time("2:30").unwrap_err().to_string(), "Say whether it is 2:30am or 2:30pm");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_back(hour in 0i8..24, minute in 0i8..60) {
            let time = time(hour, minute, 0, 0);
            prop_assert_eq!(parse_time(&time_for_people(time)), Ok(time));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,8}") {
            if let Ok(time) = parse_time(&text) {
                prop_assert_eq!(time.second(), 0);
            }
        }
    }
}
