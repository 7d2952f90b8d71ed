//! The limits of lent rights: what cannot work, and what is read.

use super::*;
use crate::domain::rights::RightsRules;
use crate::domain::time::HOUR;

#[test]
fn the_limits_of_lent_rights_are_read() {
    let (_dir, text) = working();
    assert_eq!(Config::from_text(&text).unwrap().rights.rules(), RightsRules::default(), "as in the example");
    let some = Config::from_text("[rights]\ncover_days = 7\nopening_hours = 2\n").unwrap().rights.rules();
    assert_eq!(some, RightsRules { cover_days: 7, opening: 2 * HOUR, ..RightsRules::default() });
}

#[test]
fn each_limit_that_cannot_work_has_its_sentence() {
    let (_dir, text) = working();
    for (from, to, start) in [
        ("cover_days = 28", "cover_days = 0", "rights.cover_days: write 1 to 366 days"),
        ("opening_hours = 24", "opening_hours = 200", "rights.opening_hours: write 1 to 168 hours"),
        ("look_ups = 50", "look_ups = 0", "rights.look_ups: write 1 to 1000 children"),
        ("look_ups = 50", "look_up = 50", "rights.look_up: there is no such setting"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let said = faults(&changed);
        assert!(said.len() == 1 && said[0].starts_with(start), "{start}: {said:?}");
    }
}
