//! What is somebody's own answers them, and what is somebody else's is not there: every route of the
//! matrix, every role that may use it, over HTTP.
//!
//! Two people of each role stand in two offices and on two lines. Every object is made for the first;
//! both ask for it. What a form changes is made anew for each role.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dutyline::casework;
use dutyline::domain::family::Ask;
use dutyline::domain::form::Raw;
use dutyline::domain::ids::{MailId, ReferralId};
use dutyline::domain::opening::Purpose;
use dutyline::domain::people::{Person, Role};
use dutyline::pipeline::{Finding, drafts};
use dutyline::store::{covers, mails, openings, referrals};
use dutyline::web::Site;
use dutyline::web::routes::{Access, ROUTES, Route};

use super::{people, site, whose};
use crate::door::{Answer, Browser};
use crate::family::given_a_page;
use crate::stories::by_mail::when_it_arrives;
use crate::support::{Engine, World, form, given_a_draft, given_a_referral, organisation, person};

/// Pictures of forms that were signed on paper.
const PICTURES: [&str; 2] = ["/drafts/{id}/paper/{number}", "/referrals/{id}/signed-paper/{number}"];

/// Everything that asks and is asked for.
struct Town {
    world: World,
    site: Arc<Site>,
    owners: BTreeMap<Role, Person>,
    others: BTreeMap<Role, Person>,
    made: HashMap<(&'static str, Role), String>,
}

impl Town {
    async fn built() -> Self {
        let world = World::on(Engine::Sqlite).await;
        let site = site(&world);
        let owners = everybody(&world, "Own office", "canterbury").await;
        let others = everybody(&world, "Other office", "swale").await;
        Self { world, site, owners, others, made: HashMap::new() }
    }

    /// Whose the object is, and who has nothing to do with it.
    fn sides(&self, whose: &str, role: Role) -> (Person, Person) {
        let (own, other) = (self.owners[&role].clone(), self.others[&role].clone());
        // A referral is opened elsewhere by the lead of the other line.
        if whose == "opened-elsewhere" { (other, own) } else { (own, other) }
    }

    /// The address of a route's object; made anew when the route may change it.
    async fn path(&mut self, route: &Route, role: Role) -> String {
        let whose = whose(route.method, route.path);
        let key = (whose, role);
        if route.method == "POST" || !self.made.contains_key(&key) {
            let id = self.make(whose, role).await;
            self.made.insert(key, id);
        }
        let id = self.made[&key].clone();
        self.filled(route, &id).await
    }

    /// The address with what no desk has to do with.
    async fn placed(&self, route: &Route) -> String {
        let id = match whose(route.method, route.path) {
            "held-mail" => self.world.relay.fresh(MailId::new).to_string(),
            _ => given_a_referral(&self.world, &form(|_| {})).await.to_string(),
        };
        self.filled(route, &id).await
    }

    async fn filled(&self, route: &Route, id: &str) -> String {
        let reference = match route.path.contains("{reference}") {
            true => self.row(id.parse().expect("an id")).await.reference,
            false => String::new(),
        };
        let path = route.path.replace("{reference}", &reference).replace("{slug}", "child");
        let path = path.replace("{number}", "1").replace("{cover}", id).replace("{opening}", id);
        let path = match path.contains("{link}") {
            true => path.replace(
                "{link}",
                &given_a_page(&self.world, id.parse().expect("an id")).await.id.to_string(),
            ),
            false => path,
        };
        path.replace("{id}", id)
    }

    async fn make(&mut self, whose: &str, role: Role) -> String {
        let author = if role.in_setting() { role } else { Role::Practitioner };
        self.world.sender = self.owners[&author].clone();
        match whose {
            "own-draft" => self.draft().await,
            "own-referral" if role == Role::IntakeDesk => self.waiting().await.to_string(),
            "own-referral" => self.sent(role).await.to_string(),
            "waiting" => self.waiting().await.to_string(),
            "held-mail" => self.mail().await,
            "own-cover" => self.cover().await,
            "any-line" => "canterbury".to_owned(),
            "any-ask" => self.asked().await,
            "any-organisation" | "any-waiting" | "any-person" | "own-person" | "own-request"
            | "own-reset" | "own-passkey" => people::make(&self.world, &self.owners, whose, role).await,
            "opened-elsewhere" => self.opened_elsewhere().await.to_string(),
            "own-opening" => {
                let id = self.opened_elsewhere().await;
                let mut read = self.world.relay.store.read().await.expect("reads");
                let all = openings::of_line(&mut read, "canterbury").await.expect("reads");
                all.into_iter().find(|one| one.referral == id).expect("an opening").id
            }
            _ => String::new(),
        }
    }

    async fn draft(&self) -> String {
        let draft = given_a_draft(&self.world, &form(|_| {})).await;
        let png = b"\x89PNG\r\n\x1a\n";
        drafts::attach(&self.world.relay, &self.world.sender, draft, "a.png", png).await.expect("attached");
        draft.to_string()
    }

    /// Sent by its owner to Canterbury's line, with a file; the governance lead has opened it by reason.
    async fn sent(&self, role: Role) -> ReferralId {
        let id = self.referral(&form(|_| {})).await;
        if role == Role::IgLead {
            let reference = self.row(id).await.reference;
            let (relay, who) = (&self.world.relay, &self.owners[&role]);
            casework::govern(relay, who, &reference, Purpose::Complaint, "They rang.").await.expect("opens");
        }
        id
    }

    async fn waiting(&self) -> ReferralId {
        self.referral(&form(|raw| raw.set("carer.postcode_known", "no"))).await
    }

    /// Sent, with a file.
    async fn referral(&self, raw: &Raw) -> ReferralId {
        let (relay, sender) = (&self.world.relay, &self.world.sender);
        let draft = given_a_draft(&self.world, raw).await;
        drafts::attach(relay, sender, draft, "a.png", b"\x89PNG\r\n\x1a\n").await.expect("attached");
        crate::support::when_both_sign(&self.world, draft, "Niamh Sample").await;
        dutyline::pipeline::submit(relay, sender, draft).await.expect("is sent")
    }

    async fn mail(&self) -> String {
        let word = self.world.relay.fresh(MailId::new);
        let raw = format!("From: {}\r\n\r\nHello {word}", self.world.sender.email);
        let found = when_it_arrives(&self.world, raw.as_bytes()).await;
        assert!(matches!(found, Finding::Held(_)), "{found:?}");
        let mut read = self.world.relay.store.read().await.expect("reads");
        mails::held(&mut read, 0).await.expect("reads").pop().expect("a mail").id.to_string()
    }

    async fn asked(&self) -> String {
        let relay = &self.world.relay;
        let link = given_a_page(&self.world, given_a_referral(&self.world, &form(|_| {})).await).await;
        dutyline::family::ask(relay, &link, Ask::Complaint, "It was late.").await.expect("is kept");
        let asked = dutyline::family::asked(relay, &link).await.expect("reads");
        asked.first().expect("one").id.to_string()
    }

    async fn cover(&self) -> String {
        let (relay, lead) = (&self.world.relay, &self.owners[&Role::DutyLead]);
        let who = person(relay, &office(&self.world).await, "Cover", Role::Duty, "swale", "").await;
        let today = relay.clock.now().day();
        dutyline::people::grant_cover(relay, lead, "canterbury", who.id, today).await.expect("granted");
        let mut read = relay.store.read().await.expect("reads");
        let all = covers::of_line(&mut read, "canterbury", relay.clock.now()).await.expect("reads");
        all.into_iter().find(|one| one.cover.person == who.id).expect("a cover").cover.id
    }

    async fn opened_elsewhere(&self) -> ReferralId {
        let id = given_a_referral(&self.world, &form(|_| {})).await;
        let (relay, lead) = (&self.world.relay, &self.others[&Role::DutyLead]);
        let reference = self.row(id).await.reference;
        casework::break_glass(relay, lead, &reference, "They moved.").await.expect("opens");
        id
    }

    async fn row(&self, id: ReferralId) -> referrals::Referral {
        let mut read = self.world.relay.store.read().await.expect("reads");
        referrals::find(&mut read, id).await.expect("reads").expect("there")
    }

    /// What is wrong when both sides ask.
    async fn tries(&mut self, route: &Route, role: Role) -> Vec<String> {
        let mut wrong = Vec::new();
        let whose = whose(route.method, route.path);
        let (own, other) = self.sides(whose, role);
        let path = self.path(route, role).await;
        let said = format!("{} {} as {}", route.method, route.path, role.code());
        if !whose.is_empty() && !shared(whose, role) && !sent_on(route, role) {
            let theirs = match role {
                // Whatever waits is every desk's: what waits no more is not.
                Role::IntakeDesk => self.ask(&own, route, &self.placed(route).await).await,
                _ => self.ask(&other, route, &path).await,
            };
            if theirs.status != 404 {
                wrong.push(format!("{said}, somebody else's: {} {}", theirs.status, theirs.location));
            }
        }
        let own = self.ask(&own, route, &path).await;
        // A form that lacks something comes back to whoever may send it; one closing day is named in the form.
        let lacking = matches!(own.status, 400 | 422) || route.path == "/admin/calendar/open";
        // These forms were not signed on paper: who opens whose pictures is tried in `paper::way`.
        let no_picture = own.status == 404 && PICTURES.contains(&route.path);
        let answered = no_picture || matches!(own.status, 200 | 303) || route.method == "POST" && lacking;
        if !answered || own.location.starts_with("/sign-in") {
            wrong.push(format!("{said}, their own: {} {}", own.status, own.location));
        }
        wrong
    }

    async fn ask(&self, who: &Person, route: &Route, path: &str) -> Answer {
        let browser = Browser::of(&self.site, who).await;
        match route.path {
            "/drafts/{id}/files" | "/drafts/{id}/paper" if route.method == "POST" => {
                browser.upload(path, "%PDF-1.4\n").await
            }
            "/desk/mails/{id}/close" => browser.post(path, "end=spam").await,
            "/break-glass/{id}/restricted" => browser.post(path, "reason=They+moved.").await,
            _ => browser.ask(route.method, path, "").await,
        }
    }
}

async fn office(world: &World) -> dutyline::store::people::Organisation {
    organisation(&world.relay, "Another service", "service").await
}

async fn everybody(world: &World, name: &str, line: &str) -> BTreeMap<Role, Person> {
    let office = organisation(&world.relay, name, "trust").await;
    let mut all = BTreeMap::new();
    for role in Role::ALL {
        let line = if role.on_line() { line } else { "" };
        let address = format!("{}@{line}{}.example", role.code(), name.replace(' ', "-"));
        let address = address.to_lowercase();
        all.insert(*role, person(&world.relay, &office, "A Person", *role, line, &address).await);
    }
    all
}

fn roles_of(route: &Route) -> &'static [Role] {
    match route.access {
        Access::Roles(roles) | Access::Fresh(roles) => roles,
        _ => &[],
    }
}

#[test]
fn every_route_with_a_parameter_says_whose_it_must_be() {
    let known = [
        "own-draft",
        "own-referral",
        "opened-elsewhere",
        "own-cover",
        "own-opening",
        "waiting",
        "held-mail",
        "own-passkey",
        "own-session",
        "own-reset",
        "own-request",
        "own-person",
        "any-person",
        "any-organisation",
        "any-waiting",
        "any-line",
        "any-ask",
        "public",
    ];
    for route in ROUTES {
        let whose = whose(route.method, route.path);
        assert_eq!(route.path.contains('{'), !whose.is_empty(), "{} {}: whose?", route.method, route.path);
        assert!(whose.is_empty() || known.contains(&whose), "{whose} is not in the list");
        let checked =
            whose != "public" || matches!(route.access, Access::Anyone | Access::Begun | Access::SignedIn);
        assert!(checked, "{} {} is for some roles: whose is it?", route.method, route.path);
    }
}

#[tokio::test]
async fn what_is_a_settings_own_answers_it_and_what_is_not_is_not_there() {
    tried(Role::in_setting).await;
}

#[tokio::test]
async fn what_is_a_lines_own_answers_it_and_what_is_not_is_not_there() {
    tried(Role::on_line).await;
}

#[tokio::test]
async fn what_is_any_other_roles_own_answers_it_and_what_is_not_is_not_there() {
    tried(|role| !role.in_setting() && !role.on_line()).await;
}

/// Every route as these roles, with what is theirs and with what is not.
async fn tried(roles: fn(Role) -> bool) {
    let mut town = Town::built().await;
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for route in ROUTES {
        for role in roles_of(route).iter().filter(|role| roles(**role)) {
            tried += 1;
            wrong.extend(town.tries(route, *role).await);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 0);
}

/// What everybody of a role looks after: there is nobody of that role whose it is not.
fn shared(whose: &str, role: Role) -> bool {
    let everybodys = matches!(role, Role::Administrator | Role::IgLead);
    whose.starts_with("any-") || everybodys && matches!(whose, "own-reset" | "own-request")
}

/// The desk is sent to its own page of a referral, there or not.
fn sent_on(route: &Route, role: Role) -> bool {
    route.method == "GET" && route.path == "/referrals/{id}" && role == Role::IntakeDesk
}
