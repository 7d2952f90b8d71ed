//! Whose duty line? From the child's home postcode to a district, a locality and its line.
//!
//! ```text
//!  postcode ──> table (unit level) ──> district ──> locality ──> duty line
//!      │ not in the table
//!      └──> outward code's districts ──> out of area, or the intake desk with a suggestion
//! ```
//!
//! Everything here is pure: [`route::route`] answers from a table, the localities and the input,
//! and says which rule and which edition decided (DOMAIN section 4). Only whole postcodes route.
//! By outward code 8.5 % of Kent's postcodes would go to the wrong line, by sector 4.0 %, so the
//! coarse levels name councils and suggest, and never decide where a child's referral goes.
//! Nothing about Kent is in the logic; its tables are the files in `data/`.

mod build;

mod columns;

pub mod localities;

pub mod outcodes;

pub mod table;

pub mod decision;

pub mod route;

pub mod csv;

mod places;

pub use decision::{Decision, Outcome};
pub use localities::Localities;
pub use places::Places;
pub use route::{SecondOpinion, route, second_opinion};
pub use table::Table;
