//! What is counted for the whole area: referrals that reached a duty line within three months.
//!
//! Everything is told as it stood at the end of those months, from times that are written once, so that
//! the same question has the same answer for ever (`domain::counts` says why that matters).

use super::{Sees, StoreError};
use crate::domain::time::Instant;

/// How many referrals have all three in common.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Cell {
    /// The line that they reached.
    pub locality: String,
    /// In the first, second or third month: 0, 1 or 2.
    pub month: i64,
    /// How far they were at the end: 0 not opened, 1 opened, 2 acknowledged.
    pub stage: i64,
    /// 1 when nobody agreed (the lawful route), else 0.
    pub without_agreement: i64,
    /// How many.
    pub count: i64,
}

/// Counts the referrals that reached a line from the first of `months` on and before the last: the
/// beginnings of three months, and of the one after.
pub async fn reached(door: &mut impl Sees, months: [Instant; 4]) -> Result<Vec<Cell>, StoreError> {
    let [first, second, third, end] = months.map(Instant::micros);
    all!(
        door,
        Cell,
        "SELECT locality,
           CAST(CASE WHEN delivered_at < $2 THEN 0 WHEN delivered_at < $3 THEN 1 ELSE 2 END AS BIGINT) AS month,
           CAST(CASE WHEN acknowledged_at <> 0 AND acknowledged_at < $4 THEN 2
                     WHEN opened_at <> 0 AND opened_at < $4 THEN 1 ELSE 0 END AS BIGINT) AS stage,
           without_agreement,
           COUNT(*) AS count
         FROM referral WHERE delivered_at >= $1 AND delivered_at < $4
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        first,
        second,
        third,
        end
    )
}
