//! Every URL with the access it needs, in one table. The router is built from it, so a route cannot
//! be there without its access; `access.matrix` says the same, reviewed like code, and a test
//! compares them and tries every route as every role.

use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, get, post};

use super::Site;
use super::pages::account::{self, set_up};
use super::pages::people::{change, import, lead, list as everybody, new, person, requests, waiting};
use super::pages::setting::{
    agreement, check, files, lawful, link, list, not_agreed, paper, part, phone, sent, sign, staff_only,
    tasks,
};
use super::pages::sign_in::{self, forgotten, second};
use super::pages::{
    admin, approve, counts, cover, demo, desk, elsewhere, evidence, family, governance, governance_asks,
    home, invitation, join, line, mailbox, passkeys, print, referral, resets, sessions, sso, still,
    taken_back, trail,
};
use crate::domain::people::Role;

/// Who may use a route at all; whose referral it is, is checked beside the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anyone,
    /// Whoever has begun to sign in: at the second step, setting up, or signed in.
    Begun,
    /// Anybody who is signed in.
    SignedIn,
    /// These roles.
    Roles(&'static [Role]),
    /// These roles, after a recent check of a second factor: exports, bulk printing, other lines'
    /// cases, keys.
    Fresh(&'static [Role]),
}

/// One route.
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with parameters in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    handler: fn() -> MethodRouter<Arc<Site>>,
}

mod groups {
    use crate::domain::people::Role::{self, *};

    pub const SETTING: &[Role] = &[Practitioner, Manager, SafeguardingLead];
    pub const LINE: &[Role] = &[Duty, DutyLead];
    pub const READERS: &[Role] =
        &[Practitioner, Manager, SafeguardingLead, Duty, DutyLead, IntakeDesk, IgLead];
    pub const RESTRICTED_READERS: &[Role] =
        &[Practitioner, Manager, SafeguardingLead, Duty, DutyLead, IgLead];
    pub const GIVERS: &[Role] = &[Practitioner, Manager, SafeguardingLead, Duty, DutyLead];
    pub const DESK: &[Role] = &[IntakeDesk];
    pub const AUDITOR: &[Role] = &[Auditor];
    pub const RESETS: &[Role] = &[Administrator, DutyLead, IgLead];
    pub const LEAD: &[Role] = &[DutyLead];
    pub const GOVERNANCE: &[Role] = &[IgLead];
    pub const COMMISSIONER: &[Role] = &[Commissioner];
    // Administering
    pub const ADMINISTRATOR: &[Role] = &[Administrator];
    pub const ADMINISTRATOR_AUDITOR: &[Role] = &[Administrator, Auditor];
    // Lawful route
    pub const DECIDERS: &[Role] = &[Manager, SafeguardingLead];
    // Joining
    pub const MANAGER: &[Role] = &[Manager];
    pub const APPROVERS: &[Role] = &[DutyLead, IgLead];
    pub const CHECKERS: &[Role] = &[DutyLead, Administrator];
}

macro_rules! routes {
    ($($method:ident $path:literal $access:expr => $handler:path;)+) => {
        /// Every route of the site.
        pub const ROUTES: &[Route] = &[$(Route {
            method: stringify!($method),
            path: $path,
            access: $access,
            handler: || routes!(@$method $handler),
        }),+];
    };
    (@GET $handler:path) => { get($handler) };
    (@POST $handler:path) => { post($handler) };
}

routes! {
    // For anybody
    GET "/" Access::Anyone => home::show;
    GET "/assets/{name}" Access::Anyone => still::asset;
    GET "/accessibility" Access::Anyone => still::accessibility;
    GET "/privacy" Access::Anyone => still::privacy;
    GET "/keys" Access::Anyone => still::keys;
    GET "/healthz" Access::Anyone => still::healthz;
    GET "/readyz" Access::Anyone => still::readyz;
    GET "/sign-in" Access::Anyone => sign_in::show;
    POST "/sign-in/demo" Access::Anyone => sign_in::demo;
    GET "/sign-in/link/{token}" Access::Anyone => sign_in::link;
    POST "/sign-in/link/{token}" Access::Anyone => sign_in::use_link;
    POST "/sign-out" Access::Begun => sign_in::out;
    GET "/session" Access::Anyone => sessions::left;
    POST "/session/stay" Access::SignedIn => sessions::stay;
    GET "/account/sessions" Access::SignedIn => sessions::show;
    POST "/account/sessions/end-others" Access::SignedIn => sessions::end_others;
    POST "/account/sessions/{id}/end" Access::SignedIn => sessions::end;
    // Password and second factors
    POST "/sign-in/password" Access::Anyone => sign_in::password;
    GET "/sign-in/forgotten" Access::Anyone => forgotten::ask;
    POST "/sign-in/forgotten" Access::Anyone => forgotten::send;
    GET "/sign-in/reset/{token}" Access::Anyone => forgotten::look;
    POST "/sign-in/reset/{token}" Access::Anyone => forgotten::open;
    GET "/sign-in/second" Access::Begun => second::show;
    POST "/sign-in/second" Access::Begun => second::send;
    GET "/sign-in/again" Access::Begun => second::again;
    POST "/sign-in/again" Access::Begun => second::send_again;
    POST "/sign-in/code" Access::Begun => second::mail;
    GET "/account/set-up" Access::Begun => set_up::show;
    POST "/account/set-up/password" Access::Begun => set_up::set_password;
    GET "/account/set-up/authenticator" Access::Begun => set_up::app;
    POST "/account/set-up/authenticator" Access::Begun => set_up::add_app;
    POST "/account/set-up/codes" Access::Begun => set_up::codes;
    POST "/account/set-up/done" Access::Begun => set_up::done;
    GET "/account" Access::SignedIn => account::show;
    GET "/account/password" Access::Fresh(Role::ALL) => account::password::show;
    POST "/account/password" Access::Fresh(Role::ALL) => account::password::change;
    GET "/account/authenticator" Access::Fresh(Role::ALL) => account::authenticator::show;
    POST "/account/authenticator" Access::Fresh(Role::ALL) => account::authenticator::add;
    POST "/account/authenticator/remove" Access::Fresh(Role::ALL) => account::authenticator::remove;
    GET "/account/recovery-codes" Access::Fresh(Role::ALL) => account::codes::show;
    POST "/account/recovery-codes" Access::Fresh(Role::ALL) => account::codes::make;
    GET "/people/resets" Access::Fresh(groups::RESETS) => resets::list;
    GET "/people/resets/{id}" Access::Fresh(groups::RESETS) => resets::show;
    POST "/people/resets/{id}" Access::Fresh(groups::RESETS) => resets::decide;

    // Single sign-on
    POST "/sign-in/sso/{provider}" Access::Anyone => sso::begin;
    GET "/sign-in/sso/{provider}/callback" Access::Anyone => sso::callback;
    POST "/sign-in/sso/{provider}/again" Access::Begun => sso::again;
    // For settings
    GET "/referrals" Access::Roles(groups::SETTING) => list::show;
    POST "/referrals" Access::Roles(groups::SETTING) => list::begin;
    GET "/referrals/{id}/sent" Access::Roles(groups::SETTING) => sent::show;
    GET "/drafts/{id}" Access::Roles(groups::SETTING) => tasks::show;
    GET "/drafts/{id}/out-of-area" Access::Roles(groups::SETTING) => part::out_of_area;
    GET "/drafts/{id}/files" Access::Roles(groups::SETTING) => files::show;
    POST "/drafts/{id}/files" Access::Roles(groups::SETTING) => files::add;
    POST "/drafts/{id}/files/{number}/remove" Access::Roles(groups::SETTING) => files::remove;
    GET "/drafts/{id}/check" Access::Roles(groups::SETTING) => check::show;
    GET "/drafts/{id}/agreement" Access::Roles(groups::SETTING) => agreement::show;
    POST "/drafts/{id}/agreement" Access::Roles(groups::SETTING) => agreement::save;
    // Ways to sign: who, how, who is present; then this screen, or told to staff
    GET "/drafts/{id}/how" Access::Roles(groups::SETTING) => agreement::how;
    POST "/drafts/{id}/how" Access::Roles(groups::SETTING) => agreement::save_how;
    GET "/drafts/{id}/present" Access::Roles(groups::SETTING) => agreement::present;
    POST "/drafts/{id}/present" Access::Roles(groups::SETTING) => agreement::save_present;
    GET "/drafts/{id}/screen" Access::Roles(groups::SETTING) => agreement::screen::show;
    POST "/drafts/{id}/screen" Access::Roles(groups::SETTING) => agreement::screen::save;
    GET "/drafts/{id}/told" Access::Roles(groups::SETTING) => agreement::told::show;
    POST "/drafts/{id}/told" Access::Roles(groups::SETTING) => agreement::told::save;
    GET "/drafts/{id}/phone" Access::Roles(groups::SETTING) => phone::show;
    POST "/drafts/{id}/phone" Access::Roles(groups::SETTING) => phone::stand;
    GET "/drafts/{id}/phone/state" Access::Roles(groups::SETTING) => phone::state;
    POST "/drafts/{id}/phone/cancel" Access::Roles(groups::SETTING) => phone::cancel;
    GET "/drafts/{id}/link" Access::Roles(groups::SETTING) => link::show;
    POST "/drafts/{id}/link" Access::Roles(groups::SETTING) => link::save;
    POST "/drafts/{id}/link/again" Access::Roles(groups::SETTING) => link::again;
    POST "/drafts/{id}/link/cancel" Access::Roles(groups::SETTING) => link::cancel;
    POST "/drafts/{id}/link/code" Access::Roles(groups::SETTING) => link::code;
    // The lawful route without agreement
    GET "/drafts/{id}/lawful" Access::Roles(groups::SETTING) => lawful::show;
    POST "/drafts/{id}/lawful" Access::Roles(groups::SETTING) => lawful::save;
    POST "/drafts/{id}/lawful/check" Access::Roles(groups::DECIDERS) => lawful::check;
    GET "/setting/decisions" Access::Roles(groups::DECIDERS) => lawful::list;
    GET "/drafts/{id}/not-agreed" Access::Roles(groups::SETTING) => not_agreed::show;
    POST "/drafts/{id}/not-agreed" Access::Roles(groups::SETTING) => not_agreed::record;
    GET "/drafts/{id}/sign" Access::Roles(groups::SETTING) => sign::show;
    POST "/drafts/{id}/sign" Access::Roles(groups::SETTING) => sign::save;
    // On paper
    GET "/drafts/{id}/paper" Access::Roles(groups::SETTING) => paper::show;
    POST "/drafts/{id}/paper" Access::Roles(groups::SETTING) => paper::send;
    GET "/drafts/{id}/paper.pdf" Access::Roles(groups::SETTING) => paper::pdf;
    GET "/drafts/{id}/paper/form" Access::Roles(groups::SETTING) => paper::twin;
    GET "/drafts/{id}/paper/confirm" Access::Roles(groups::SETTING) => paper::confirm;
    POST "/drafts/{id}/paper/confirm" Access::Roles(groups::SETTING) => paper::confirm_save;
    GET "/drafts/{id}/paper/{number}" Access::Roles(groups::SETTING) => paper::picture;
    GET "/drafts/{id}/staff-only" Access::Roles(groups::SETTING) => staff_only::show;
    POST "/drafts/{id}/staff-only" Access::Roles(groups::SETTING) => staff_only::send;
    GET "/drafts/{id}/{slug}" Access::Roles(groups::SETTING) => part::show;
    POST "/drafts/{id}/{slug}" Access::Roles(groups::SETTING) => part::save;

    // For whoever may read a referral; whose it is, is checked beside the data
    GET "/referrals/{id}" Access::Roles(groups::READERS) => referral::show;
    GET "/referrals/by-reference/{reference}" Access::Roles(groups::READERS) => referral::by_reference;
    GET "/referrals/{id}/files/{number}" Access::Roles(groups::READERS) => referral::file;
    GET "/referrals/{id}/signed-paper/{number}" Access::Roles(groups::READERS) => referral::signed_paper;
    POST "/referrals/{id}/restricted" Access::Roles(groups::RESTRICTED_READERS) => referral::restricted::open;
    GET "/referrals/{id}/print" Access::Roles(groups::READERS) => print::referral;
    GET "/referrals/{id}/approve" Access::Roles(groups::READERS) => approve::ask;
    POST "/referrals/{id}/approve" Access::Roles(groups::READERS) => approve::approve;
    GET "/referrals/{id}/red-book" Access::Roles(groups::READERS) => print::red_book;
    GET "/referrals/{id}/copy" Access::Roles(groups::READERS) => print::copy;
    GET "/referrals/{id}/referral.pdf" Access::Roles(groups::READERS) => print::referral_pdf;
    GET "/referrals/{id}/red-book.pdf" Access::Roles(groups::READERS) => print::red_book_pdf;
    GET "/referrals/{id}/red-book-2up.pdf" Access::Roles(groups::READERS) => print::red_book_two_up;
    GET "/referrals/{id}/copy.pdf" Access::Roles(groups::READERS) => print::copy_pdf;

    // For duty lines
    GET "/inbox" Access::Roles(groups::LINE) => line::inbox;
    GET "/inbox/held" Access::Roles(groups::LINE) => line::held;
    GET "/inbox/acknowledged" Access::Roles(groups::LINE) => line::acknowledged;
    POST "/referrals/{id}/restricted-sheet" Access::Roles(groups::LINE) => print::restricted_sheet;
    POST "/referrals/{id}/acknowledge" Access::Roles(groups::LINE) => referral::acknowledge;

    // For the intake desk
    GET "/desk" Access::Roles(groups::DESK) => desk::list;
    GET "/desk/referrals/{id}" Access::Roles(groups::DESK) => desk::show;
    POST "/desk/referrals/{id}" Access::Roles(groups::DESK) => desk::choose;
    GET "/desk/mails" Access::Roles(groups::DESK) => desk::mails::list;
    GET "/desk/mails/{id}" Access::Roles(groups::DESK) => desk::mails::show;
    POST "/desk/mails/{id}/close" Access::Roles(groups::DESK) => desk::mails::close;

    // For auditors
    GET "/trail" Access::Roles(groups::AUDITOR) => trail::show;
    GET "/trail/verify" Access::Roles(groups::AUDITOR) => trail::verify::ask;
    POST "/trail/verify" Access::Roles(groups::AUDITOR) => trail::verify::run;

    // See what is theirs: cover, other lines' referrals, governance, look-ups, counts
    GET "/line/cover" Access::Roles(groups::LEAD) => cover::show;
    GET "/line/cover/grant" Access::Roles(groups::LEAD) => cover::ask;
    POST "/line/cover/grant" Access::Roles(groups::LEAD) => cover::grant;
    POST "/line/cover/{cover}/end" Access::Roles(groups::LEAD) => cover::end;
    GET "/line/opened-elsewhere" Access::Roles(groups::LEAD) => elsewhere::list;
    POST "/line/opened-elsewhere/{opening}" Access::Roles(groups::LEAD) => elsewhere::reason;
    GET "/break-glass" Access::Fresh(groups::LEAD) => elsewhere::ask;
    POST "/break-glass" Access::Fresh(groups::LEAD) => elsewhere::open;
    POST "/break-glass/{id}/restricted" Access::Fresh(groups::LEAD) => referral::restricted::open_elsewhere;
    GET "/governance" Access::Roles(groups::GOVERNANCE) => governance::ask;
    POST "/governance" Access::Roles(groups::GOVERNANCE) => governance::open;
    GET "/trail/children" Access::Roles(groups::AUDITOR) => trail::children::ask;
    POST "/trail/children" Access::Roles(groups::AUDITOR) => trail::children::look;
    GET "/counts" Access::Roles(groups::COMMISSIONER) => counts::show;
    // Administering
    GET "/admin" Access::Roles(groups::ADMINISTRATOR) => admin::start::show;
    GET "/admin/organisations" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::list;
    GET "/admin/organisations/add" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::ask_new;
    POST "/admin/organisations/add" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::add;
    GET "/admin/organisations/{id}" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::show;
    GET "/admin/organisations/{id}/change" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::ask;
    POST "/admin/organisations/{id}/change" Access::Roles(groups::ADMINISTRATOR) => admin::organisations::save;
    GET "/admin/lines" Access::Roles(groups::ADMINISTRATOR_AUDITOR) => admin::lines::list;
    GET "/admin/lines/new" Access::Roles(groups::ADMINISTRATOR) => admin::lines::open::ask;
    POST "/admin/lines/new" Access::Roles(groups::ADMINISTRATOR) => admin::lines::open::save;
    GET "/admin/lines/{id}" Access::Roles(groups::ADMINISTRATOR_AUDITOR) => admin::lines::show;
    GET "/admin/lines/{id}/change" Access::Roles(groups::ADMINISTRATOR) => admin::lines::ask;
    POST "/admin/lines/{id}/change" Access::Roles(groups::ADMINISTRATOR) => admin::lines::save;
    POST "/admin/lines/{id}/take-back" Access::Roles(groups::ADMINISTRATOR) => admin::lines::take_back;
    POST "/admin/lines/{id}/test" Access::Roles(groups::ADMINISTRATOR) => admin::lines::test;
    GET "/admin/numbers" Access::Roles(groups::ADMINISTRATOR_AUDITOR) => admin::numbers::show;
    GET "/admin/numbers/signatures" Access::Roles(groups::ADMINISTRATOR) => admin::numbers::ask_signatures;
    POST "/admin/numbers/signatures" Access::Roles(groups::ADMINISTRATOR) => admin::numbers::save_signatures;
    GET "/admin/numbers/meetings" Access::Roles(groups::ADMINISTRATOR) => admin::numbers::ask_meetings;
    POST "/admin/numbers/meetings" Access::Roles(groups::ADMINISTRATOR) => admin::numbers::save_meetings;
    POST "/admin/numbers/take-back" Access::Roles(groups::ADMINISTRATOR) => admin::numbers::take_back;
    GET "/admin/calendar" Access::Roles(groups::ADMINISTRATOR) => admin::calendar::show;
    GET "/admin/calendar/close" Access::Roles(groups::ADMINISTRATOR) => admin::calendar::ask;
    POST "/admin/calendar/close" Access::Roles(groups::ADMINISTRATOR) => admin::calendar::close;
    POST "/admin/calendar/open" Access::Roles(groups::ADMINISTRATOR) => admin::calendar::open;
    GET "/admin/statements" Access::Roles(groups::ADMINISTRATOR) => admin::statements::show;
    GET "/admin/keys" Access::Fresh(groups::ADMINISTRATOR) => admin::keys::show;

    // For whoever has the link of a test notice
    GET "/confirm-mailbox/{token}" Access::Anyone => mailbox::ask;
    POST "/confirm-mailbox/{token}" Access::Anyone => mailbox::confirm;

    // Passkeys: signing in, the second step and the check again, one's own
    POST "/sign-in/passkey/begin" Access::Anyone => passkeys::sign_in::begin;
    POST "/sign-in/passkey/finish" Access::Anyone => passkeys::sign_in::finish;
    POST "/sign-in/passkey/check/begin" Access::Begun => passkeys::check::begin;
    POST "/sign-in/passkey/check/finish" Access::Begun => passkeys::check::finish;
    GET "/account/passkeys" Access::SignedIn => passkeys::show;
    POST "/account/passkeys/begin" Access::Begun => passkeys::add::begin;
    POST "/account/passkeys/finish" Access::Begun => passkeys::add::finish;
    POST "/account/passkeys/{id}/remove" Access::Fresh(Role::ALL) => passkeys::remove;
    // Joining: invitations, people, settings that sign themselves up, lists
    GET "/invitation/{token}" Access::Anyone => invitation::ask;
    POST "/invitation/{token}" Access::Anyone => invitation::accept;
    GET "/join" Access::Anyone => join::ask;
    POST "/join/setting" Access::Anyone => join::setting;
    POST "/join/you" Access::Anyone => join::you;
    POST "/join/send" Access::Anyone => join::send;
    GET "/join/confirm/{token}" Access::Anyone => join::look;
    POST "/join/confirm/{token}" Access::Anyone => join::confirm;
    GET "/people/requests" Access::Fresh(groups::APPROVERS) => requests::show;
    GET "/people/requests/{id}" Access::Fresh(groups::APPROVERS) => requests::ask;
    POST "/people/requests/{id}" Access::Fresh(groups::APPROVERS) => requests::decide;
    GET "/people/import" Access::Roles(groups::ADMINISTRATOR) => import::ask;
    POST "/people/import" Access::Roles(groups::ADMINISTRATOR) => import::look;
    POST "/people/import/apply" Access::Roles(groups::ADMINISTRATOR) => import::apply;
    POST "/people/search" Access::Roles(groups::ADMINISTRATOR) => everybody::search;
    GET "/setting/people/lead" Access::Roles(groups::MANAGER) => lead::ask;
    POST "/setting/people/lead" Access::Roles(groups::MANAGER) => lead::name;
    GET "/people" Access::Roles(groups::ADMINISTRATOR) => everybody::show;
    GET "/people/new" Access::Roles(groups::ADMINISTRATOR) => new::ask;
    POST "/people/new" Access::Roles(groups::ADMINISTRATOR) => new::invite;
    GET "/people/{id}" Access::Roles(groups::ADMINISTRATOR) => person::show;
    GET "/people/{id}/details" Access::Roles(groups::ADMINISTRATOR) => change::details;
    POST "/people/{id}/details" Access::Roles(groups::ADMINISTRATOR) => change::save_details;
    GET "/people/{id}/rights" Access::Roles(groups::ADMINISTRATOR) => change::rights;
    POST "/people/{id}/rights" Access::Roles(groups::ADMINISTRATOR) => change::save_rights;
    GET "/people/{id}/end" Access::Roles(groups::ADMINISTRATOR) => change::end;
    POST "/people/{id}/end" Access::Roles(groups::ADMINISTRATOR) => change::end_access;
    POST "/people/{id}/invite" Access::Roles(groups::ADMINISTRATOR) => person::invite;
    POST "/people/{id}/withdraw" Access::Roles(groups::ADMINISTRATOR) => person::withdraw;
    GET "/setting/people" Access::Roles(groups::MANAGER) => everybody::show;
    GET "/setting/people/new" Access::Roles(groups::MANAGER) => new::ask;
    POST "/setting/people/new" Access::Roles(groups::MANAGER) => new::invite;
    GET "/setting/people/{id}" Access::Roles(groups::MANAGER) => person::show;
    GET "/setting/people/{id}/details" Access::Roles(groups::MANAGER) => change::details;
    POST "/setting/people/{id}/details" Access::Roles(groups::MANAGER) => change::save_details;
    GET "/setting/people/{id}/rights" Access::Roles(groups::MANAGER) => change::rights;
    POST "/setting/people/{id}/rights" Access::Roles(groups::MANAGER) => change::save_rights;
    GET "/setting/people/{id}/end" Access::Roles(groups::MANAGER) => change::end;
    POST "/setting/people/{id}/end" Access::Roles(groups::MANAGER) => change::end_access;
    POST "/setting/people/{id}/invite" Access::Roles(groups::MANAGER) => person::invite;
    POST "/setting/people/{id}/withdraw" Access::Roles(groups::MANAGER) => person::withdraw;
    GET "/organisations/waiting" Access::Roles(groups::CHECKERS) => waiting::show;
    GET "/organisations/waiting/{id}" Access::Roles(groups::CHECKERS) => waiting::ask;
    POST "/organisations/waiting/{id}" Access::Roles(groups::CHECKERS) => waiting::decide;

    // The evidence of the signatures
    GET "/referrals/{id}/evidence" Access::Roles(groups::RESTRICTED_READERS) => evidence::show;
    GET "/referrals/{id}/evidence.pdf" Access::Roles(groups::RESTRICTED_READERS) => evidence::pdf;

    // In the demo only
    // The family
    GET "/referrals/{id}/family" Access::Roles(groups::GIVERS) => referral::family::show;
    POST "/referrals/{id}/family" Access::Roles(groups::GIVERS) => referral::family::give;
    POST "/referrals/{id}/family/{link}/end" Access::Roles(groups::GIVERS) => referral::family::end;
    POST "/referrals/{id}/safety" Access::Roles(groups::GIVERS) => referral::safety::write;
    GET "/inbox/taken-back" Access::Roles(groups::LINE) => taken_back::show;
    GET "/governance/asks" Access::Roles(groups::GOVERNANCE) => governance_asks::list;
    GET "/governance/asks/{id}" Access::Roles(groups::GOVERNANCE) => governance_asks::show;
    POST "/governance/asks/{id}" Access::Roles(groups::GOVERNANCE) => governance_asks::settle;
    GET "/sign" Access::Anyone => family::short::ask;
    POST "/sign" Access::Anyone => family::short::find;
    GET "/sign/done" Access::Anyone => family::sign::done;
    GET "/family/{token}" Access::Anyone => family::door::first;
    POST "/family/{token}/code" Access::Anyone => family::door::ask;
    POST "/family/{token}/open" Access::Anyone => family::door::open;
    POST "/family/{token}/close" Access::Anyone => family::door::close;
    GET "/family/{token}/sign" Access::Anyone => family::sign::read;
    POST "/family/{token}/sign" Access::Anyone => family::sign::answer;
    GET "/family/{token}/copy" Access::Anyone => family::papers::copy;
    GET "/family/{token}/copy.pdf" Access::Anyone => family::papers::copy_pdf;
    GET "/family/{token}/red-book" Access::Anyone => family::papers::red_book;
    GET "/family/{token}/red-book.pdf" Access::Anyone => family::papers::red_book_pdf;
    GET "/family/{token}/withdraw" Access::Anyone => family::withdraw::ask;
    POST "/family/{token}/withdraw" Access::Anyone => family::withdraw::take_back;
    GET "/family/{token}/ask" Access::Anyone => family::ask::form;
    POST "/family/{token}/ask" Access::Anyone => family::ask::send;
    GET "/demo/mail" Access::SignedIn => demo::list;
    GET "/demo/mail/{letter}" Access::SignedIn => demo::show;
}

/// The router, built from the table.
pub(super) fn table() -> Router<Arc<Site>> {
    let router =
        ROUTES.iter().fold(Router::new(), |router, route| router.route(route.path, (route.handler)()));
    router.fallback(super::error::not_found)
}

/// The access that a matched route needs.
pub fn access_of(method: &str, path: &str) -> Option<Access> {
    let method = if method == "HEAD" { "GET" } else { method };
    ROUTES.iter().find(|route| route.method == method && route.path == path).map(|route| route.access)
}
