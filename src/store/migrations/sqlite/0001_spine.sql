-- In clear: ids, reference, state, locality, times, an urgency band 0-3. Everything else is sealed.
-- Times are whole microseconds since 1970; 0 means "not yet". Ids are text.

CREATE TABLE meta (
    name  TEXT NOT NULL CONSTRAINT meta_pk PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE organisation (
    id       TEXT NOT NULL CONSTRAINT organisation_pk PRIMARY KEY,
    kind     TEXT NOT NULL,
    name     TEXT NOT NULL,
    urn      TEXT NOT NULL,
    postcode TEXT NOT NULL,
    phone    TEXT NOT NULL,
    -- Checked by whom and when; not yet: 0 and empty. Declined: somebody else than the setting asked.
    verified_at BIGINT NOT NULL,
    verified_by TEXT NOT NULL,
    declined_at BIGINT NOT NULL
);
CREATE INDEX organisation_by_urn ON organisation (urn);

CREATE TABLE person (
    id              TEXT NOT NULL CONSTRAINT person_pk PRIMARY KEY,
    organisation_id TEXT NOT NULL CONSTRAINT person_organisation REFERENCES organisation (id),
    name            TEXT NOT NULL,
    role            TEXT NOT NULL,
    lines           TEXT NOT NULL,
    email           TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    disabled_at     BIGINT NOT NULL,
    signed_in_at    BIGINT NOT NULL,
    address_changed_at BIGINT NOT NULL
);
CREATE INDEX person_by_email ON person (email);
CREATE INDEX person_by_organisation ON person (organisation_id);

CREATE TABLE session (
    token_hash BLOB NOT NULL CONSTRAINT session_pk PRIMARY KEY,
    id         TEXT NOT NULL CONSTRAINT session_id UNIQUE,
    person_id  TEXT NOT NULL CONSTRAINT session_person REFERENCES person (id),
    stage      TEXT NOT NULL,
    method     TEXT NOT NULL,
    browser    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    checked_at BIGINT NOT NULL
);
CREATE INDEX session_by_person ON session (person_id, created_at);

CREATE TABLE sign_in_link (
    token_hash BLOB NOT NULL CONSTRAINT sign_in_link_pk PRIMARY KEY,
    person_id  TEXT NOT NULL CONSTRAINT sign_in_link_person REFERENCES person (id),
    purpose    TEXT NOT NULL,
    ends_at    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);

CREATE INDEX sign_in_link_by_person ON sign_in_link (person_id);

-- A lead lets somebody work another line until a date.
CREATE TABLE cover (
    id         TEXT NOT NULL CONSTRAINT cover_pk PRIMARY KEY,
    person_id  TEXT NOT NULL CONSTRAINT cover_person REFERENCES person (id),
    locality   TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    from_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);
CREATE INDEX cover_by_person ON cover (person_id, ends_at);
CREATE INDEX cover_by_line ON cover (locality, ends_at);

CREATE TABLE sender_key (
    key_hash        BLOB NOT NULL CONSTRAINT sender_key_pk PRIMARY KEY,
    organisation_id TEXT NOT NULL CONSTRAINT sender_key_organisation REFERENCES organisation (id),
    created_at      BIGINT NOT NULL,
    revoked_at      BIGINT NOT NULL
);

-- What administrators decided about a duty line, one row a decision, never changed afterwards but for
-- the click that confirms its mailbox. On a day holds the last decision whose day has come.
CREATE TABLE locality_change (
    id           TEXT NOT NULL CONSTRAINT locality_change_pk PRIMARY KEY,
    locality     TEXT NOT NULL,
    version      BIGINT NOT NULL,
    valid_from   TEXT NOT NULL,
    name         TEXT NOT NULL,
    phones       TEXT NOT NULL,
    mailbox      TEXT NOT NULL,
    address      TEXT NOT NULL,
    lad_codes    TEXT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    decided_by   TEXT NOT NULL,
    decided_at   BIGINT NOT NULL,
    CONSTRAINT locality_change_version UNIQUE (locality, version)
);

CREATE TABLE mailbox_test (
    token_hash BLOB NOT NULL CONSTRAINT mailbox_test_pk PRIMARY KEY,
    locality   TEXT NOT NULL,
    mailbox    TEXT NOT NULL,
    ends_at    BIGINT NOT NULL
);

CREATE TABLE postcode_edition (
    edition   TEXT NOT NULL CONSTRAINT postcode_edition_pk PRIMARY KEY,
    loaded_at BIGINT NOT NULL,
    live      BLOB NOT NULL,
    retired   BLOB NOT NULL
);

-- One case file per draft, referral or mail: the key to all that is sealed about it.
CREATE TABLE case_file (
    case_id    TEXT NOT NULL CONSTRAINT case_file_pk PRIMARY KEY,
    bytes      BLOB NOT NULL,
    digest     BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    erased_at  BIGINT NOT NULL
);

CREATE TABLE sealed_object (
    id         TEXT NOT NULL CONSTRAINT sealed_object_pk PRIMARY KEY,
    case_id    TEXT NOT NULL CONSTRAINT sealed_object_case REFERENCES case_file (case_id),
    kind       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    digest     BLOB NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT sealed_object_version UNIQUE (case_id, kind, version)
);

CREATE TABLE sealed_chunk (
    object_id TEXT NOT NULL,
    n         BIGINT NOT NULL,
    bytes     BLOB NOT NULL,
    CONSTRAINT sealed_chunk_pk PRIMARY KEY (object_id, n)
);

CREATE TABLE draft (
    id              TEXT NOT NULL CONSTRAINT draft_pk PRIMARY KEY,
    case_id         TEXT NOT NULL CONSTRAINT draft_case REFERENCES case_file (case_id),
    person_id       TEXT NOT NULL CONSTRAINT draft_person REFERENCES person (id),
    organisation_id TEXT NOT NULL,
    version         BIGINT NOT NULL,
    sent_as         TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);
CREATE INDEX draft_by_case ON draft (case_id);
CREATE INDEX draft_by_person ON draft (person_id, updated_at);

CREATE TABLE referral (
    id              TEXT NOT NULL CONSTRAINT referral_pk PRIMARY KEY,
    reference       TEXT NOT NULL CONSTRAINT referral_reference UNIQUE,
    case_id         TEXT NOT NULL CONSTRAINT referral_case REFERENCES case_file (case_id),
    organisation_id TEXT NOT NULL,
    person_id       TEXT NOT NULL,
    door            TEXT NOT NULL,
    state           TEXT NOT NULL,
    locality        TEXT NOT NULL,
    urgency         BIGINT NOT NULL,
    content_version BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    submitted_at    BIGINT NOT NULL,
    delivered_at    BIGINT NOT NULL,
    opened_at       BIGINT NOT NULL,
    acknowledged_at BIGINT NOT NULL,
    acknowledged_by TEXT NOT NULL,
    restricted_read_at BIGINT NOT NULL,
    print_approved_by  TEXT NOT NULL,
    -- The family took its agreement back: when, and whether for everything; 0 and empty before.
    withdrawn_at       BIGINT NOT NULL,
    withdrawn          TEXT NOT NULL,
    without_agreement  BIGINT NOT NULL
);
CREATE UNIQUE INDEX referral_by_case ON referral (case_id);
CREATE INDEX referral_by_line ON referral (locality, state, urgency, submitted_at);
CREATE INDEX referral_by_setting ON referral (organisation_id, submitted_at);
CREATE INDEX referral_by_state ON referral (state, submitted_at);

CREATE TABLE child_index (
    mac         BLOB NOT NULL,
    kind        TEXT NOT NULL,
    key_version BIGINT NOT NULL,
    referral_id TEXT NOT NULL CONSTRAINT child_index_referral REFERENCES referral (id),
    CONSTRAINT child_index_pk PRIMARY KEY (mac, kind, referral_id)
);

CREATE TABLE idempotency (
    key         BLOB NOT NULL CONSTRAINT idempotency_pk PRIMARY KEY,
    tag         BLOB NOT NULL,
    referral_id TEXT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE letter (
    id           TEXT NOT NULL CONSTRAINT letter_pk PRIMARY KEY,
    kind         TEXT NOT NULL,
    recipient    TEXT NOT NULL,
    locality     TEXT NOT NULL,
    reference    TEXT NOT NULL,
    params       TEXT NOT NULL,
    state        TEXT NOT NULL,
    due_at       BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    lease        TEXT NOT NULL,
    attempts     BIGINT NOT NULL,
    last_code    TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    sent_at      BIGINT NOT NULL
);
CREATE INDEX letter_by_due ON letter (state, due_at);
CREATE INDEX letter_by_reference ON letter (reference);

CREATE TABLE mail_in (
    id              TEXT NOT NULL CONSTRAINT mail_in_pk PRIMARY KEY,
    case_id         TEXT NOT NULL CONSTRAINT mail_in_case REFERENCES case_file (case_id),
    state           TEXT NOT NULL,
    tls             TEXT NOT NULL,
    size            BIGINT NOT NULL,
    organisation_id TEXT NOT NULL,
    referral_id     TEXT NOT NULL,
    code            TEXT NOT NULL,
    received_at     BIGINT NOT NULL,
    leased_until    BIGINT NOT NULL,
    lease           TEXT NOT NULL,
    attempts        BIGINT NOT NULL
);
CREATE INDEX mail_in_by_state ON mail_in (state, leased_until);

CREATE TABLE audit_event (
    seq          BIGINT NOT NULL CONSTRAINT audit_event_pk PRIMARY KEY,
    bytes        BLOB NOT NULL,
    leaf         BLOB NOT NULL,
    at           BIGINT NOT NULL,
    act          TEXT NOT NULL,
    actor_id     TEXT NOT NULL,
    actor_role   TEXT NOT NULL,
    organisation TEXT NOT NULL,
    object_kind  TEXT NOT NULL,
    object_id    TEXT NOT NULL,
    reference    TEXT NOT NULL
);
CREATE INDEX audit_event_by_reference ON audit_event (reference, seq);
CREATE INDEX audit_event_by_actor ON audit_event (actor_id, seq);
CREATE INDEX audit_event_by_at ON audit_event (at, seq);

-- Which cases a list showed: the event's number and each case.
CREATE TABLE seen_case (
    case_id TEXT NOT NULL,
    seq     BIGINT NOT NULL,
    CONSTRAINT seen_case_pk PRIMARY KEY (case_id, seq)
);
CREATE INDEX seen_case_by_seq ON seen_case (seq);

CREATE TABLE audit_head (
    id      BIGINT NOT NULL CONSTRAINT audit_head_pk PRIMARY KEY,
    size    BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    edge    BLOB NOT NULL
);

CREATE TABLE checkpoint (
    size BIGINT NOT NULL CONSTRAINT checkpoint_pk PRIMARY KEY,
    note TEXT NOT NULL,
    at   BIGINT NOT NULL
);

-- Signing in by password: passwords, second factors, devices, tries, resets.
CREATE TABLE password (
    person_id  TEXT NOT NULL CONSTRAINT password_pk PRIMARY KEY
               CONSTRAINT password_person REFERENCES person (id),
    phc        TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- An authenticator app's secret, sealed to the relay: `pending` until a code of it was shown, then `live`.
CREATE TABLE totp (
    person_id TEXT NOT NULL CONSTRAINT totp_person REFERENCES person (id),
    state     TEXT NOT NULL,
    session   TEXT NOT NULL,
    sealed    BLOB NOT NULL,
    last_step BIGINT NOT NULL,
    made_at   BIGINT NOT NULL,
    CONSTRAINT totp_pk PRIMARY KEY (person_id, state)
);

CREATE TABLE recovery_code (
    person_id TEXT NOT NULL CONSTRAINT recovery_code_person REFERENCES person (id),
    mac       BLOB NOT NULL,
    used_at   BIGINT NOT NULL,
    CONSTRAINT recovery_code_pk PRIMARY KEY (person_id, mac)
);

-- A code by mail: the code itself is worked out from the letter's id and stands nowhere.
CREATE TABLE mailed_code (
    letter_id TEXT NOT NULL CONSTRAINT mailed_code_pk PRIMARY KEY,
    person_id TEXT NOT NULL CONSTRAINT mailed_code_person REFERENCES person (id),
    session   TEXT NOT NULL,
    made_at   BIGINT NOT NULL,
    ends_at   BIGINT NOT NULL,
    tries     BIGINT NOT NULL,
    used_at   BIGINT NOT NULL
);
CREATE INDEX mailed_code_by_person ON mailed_code (person_id, made_at);

-- A browser in which somebody signed in before.
CREATE TABLE device (
    token_hash BLOB NOT NULL CONSTRAINT device_pk PRIMARY KEY,
    person_id  TEXT NOT NULL CONSTRAINT device_person REFERENCES person (id),
    made_at    BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL
);
CREATE INDEX device_by_person ON device (person_id);

-- How often somebody tried, and when they may try again; the key is an HMAC.
CREATE TABLE throttle (
    key     BLOB NOT NULL CONSTRAINT throttle_pk PRIMARY KEY,
    tries   BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- Strangers' refusals since they were last told to the trail.
CREATE TABLE refusal (
    kind    TEXT NOT NULL CONSTRAINT refusal_pk PRIMARY KEY,
    n       BIGINT NOT NULL,
    told_at BIGINT NOT NULL
);

-- Somebody of a strong role cannot sign in and asks for a reset; another person decides.
CREATE TABLE reset_request (
    person_id  TEXT NOT NULL CONSTRAINT reset_request_pk PRIMARY KEY
               CONSTRAINT reset_request_person REFERENCES person (id),
    id         TEXT NOT NULL CONSTRAINT reset_request_id UNIQUE,
    state      TEXT NOT NULL,
    asked_at   BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
-- Passkeys, and the ceremonies (WebAuthn) that add or use one. A removed passkey's row stays, without
-- its key: the trail speaks of it.
CREATE TABLE passkey (
    id            TEXT NOT NULL CONSTRAINT passkey_pk PRIMARY KEY,
    person_id     TEXT NOT NULL CONSTRAINT passkey_person REFERENCES person (id),
    name          TEXT NOT NULL,
    credential_id BLOB NOT NULL CONSTRAINT passkey_credential UNIQUE,
    key_hash      TEXT NOT NULL,
    credential    TEXT NOT NULL,
    created_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL,
    removed_at    BIGINT NOT NULL
);
CREATE INDEX passkey_by_person ON passkey (person_id, created_at);

CREATE TABLE ceremony (
    handle_hash BLOB NOT NULL CONSTRAINT ceremony_pk PRIMARY KEY,
    kind        TEXT NOT NULL,
    person_id   TEXT NOT NULL,
    state       TEXT NOT NULL,
    ends_at     BIGINT NOT NULL
);
CREATE INDEX ceremony_by_end ON ceremony (ends_at);
-- See what is theirs: a referral opened by reason, a lead's of another line or the governance lead's.
CREATE TABLE opening (
    id          TEXT NOT NULL CONSTRAINT opening_pk PRIMARY KEY,
    person_id   TEXT NOT NULL CONSTRAINT opening_person REFERENCES person (id),
    referral_id TEXT NOT NULL CONSTRAINT opening_referral REFERENCES referral (id),
    locality    TEXT NOT NULL,
    purpose     TEXT NOT NULL,
    part        TEXT NOT NULL,
    note        BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL
);
CREATE INDEX opening_by_person ON opening (person_id, ends_at);
CREATE INDEX opening_by_line ON opening (locality, purpose, at);
CREATE INDEX referral_by_delivery ON referral (delivered_at);
-- Single sign-on: who a person is at an identity provider.
CREATE TABLE identity (
    id         TEXT NOT NULL CONSTRAINT identity_pk PRIMARY KEY,
    person_id  TEXT NOT NULL CONSTRAINT identity_person REFERENCES person (id),
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT identity_subject UNIQUE (issuer, subject)
);
CREATE INDEX identity_by_person ON identity (person_id, issuer);

-- Single sign-on: what is under way, as hashes only.
CREATE TABLE sso_ceremony (
    state_hash   BLOB NOT NULL CONSTRAINT sso_ceremony_pk PRIMARY KEY,
    browser_hash BLOB NOT NULL,
    provider     TEXT NOT NULL,
    session_hash BLOB NOT NULL,
    next         TEXT NOT NULL,
    begun_at     BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL
);
CREATE INDEX sso_ceremony_by_end ON sso_ceremony (ends_at);
-- Administering: the gate's numbers and the meeting times, one row a decision; the last whose day has
-- come holds.
CREATE TABLE rules_change (
    id             TEXT NOT NULL CONSTRAINT rules_change_pk PRIMARY KEY,
    version        BIGINT NOT NULL CONSTRAINT rules_change_version UNIQUE,
    valid_from     TEXT NOT NULL,
    signature_days BIGINT NOT NULL,
    methods        TEXT NOT NULL,
    oldest_months  BIGINT NOT NULL,
    opens          TEXT NOT NULL,
    closes         TEXT NOT NULL,
    notice_days    BIGINT NOT NULL,
    horizon_months BIGINT NOT NULL,
    busy           TEXT NOT NULL,
    busy_is_wall   BIGINT NOT NULL,
    decided_by     TEXT NOT NULL,
    decided_at     BIGINT NOT NULL
);

-- Administering: what an organisation's details were before each change.
CREATE TABLE organisation_change (
    id              TEXT NOT NULL CONSTRAINT organisation_change_pk PRIMARY KEY,
    organisation_id TEXT NOT NULL CONSTRAINT organisation_change_of REFERENCES organisation (id),
    version         BIGINT NOT NULL,
    name            TEXT NOT NULL,
    urn             TEXT NOT NULL,
    postcode        TEXT NOT NULL,
    phone           TEXT NOT NULL,
    decided_by      TEXT NOT NULL,
    decided_at      BIGINT NOT NULL,
    CONSTRAINT organisation_change_version UNIQUE (organisation_id, version)
);

-- Administering: days on which one duty line does not work, besides weekends and bank holidays; the last
-- decision about a day holds.
CREATE TABLE closing_day (
    id         TEXT NOT NULL CONSTRAINT closing_day_pk PRIMARY KEY,
    locality   TEXT NOT NULL,
    day        TEXT NOT NULL,
    version    BIGINT NOT NULL,
    closed     BIGINT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    CONSTRAINT closing_day_version UNIQUE (locality, day, version)
);
-- Joining: rights that wait for an approval, Ofsted's register, settings that sign themselves up.
CREATE TABLE right_request (
    id              TEXT NOT NULL CONSTRAINT right_request_pk PRIMARY KEY,
    person_id       TEXT NOT NULL,
    organisation_id TEXT NOT NULL CONSTRAINT right_request_organisation REFERENCES organisation (id),
    name            TEXT NOT NULL,
    email           TEXT NOT NULL,
    role            TEXT NOT NULL,
    line            TEXT NOT NULL,
    asked_by        TEXT NOT NULL,
    asked_at        BIGINT NOT NULL,
    decided_by      TEXT NOT NULL,
    decided_at      BIGINT NOT NULL,
    outcome         TEXT NOT NULL,
    reason          TEXT NOT NULL
);
CREATE INDEX right_request_by_person ON right_request (person_id);
CREATE INDEX right_request_by_decided ON right_request (decided_at, asked_at);

CREATE TABLE register_setting (
    urn      TEXT NOT NULL CONSTRAINT register_setting_pk PRIMARY KEY,
    name     TEXT NOT NULL,
    postcode TEXT NOT NULL,
    phone    TEXT NOT NULL
);

-- Sign-ups whose address is not confirmed yet; gone when they end.
CREATE TABLE sign_up (
    token_hash BLOB NOT NULL CONSTRAINT sign_up_pk PRIMARY KEY,
    urn        TEXT NOT NULL,
    setting    TEXT NOT NULL,
    postcode   TEXT NOT NULL,
    phone      TEXT NOT NULL,
    name       TEXT NOT NULL,
    email      TEXT NOT NULL,
    role       TEXT NOT NULL,
    ends_at    BIGINT NOT NULL,
    used_at    BIGINT NOT NULL
);

-- Who tried to sign up lately: keyed hashes of network address and URN, for an hour.
CREATE TABLE sign_up_try (
    id BIGINT NOT NULL CONSTRAINT sign_up_try_pk PRIMARY KEY,
    mac BLOB NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX sign_up_try_by_mac ON sign_up_try (mac, at);

-- The family: links to sign or to see what was shared. To whom they went is sealed to the case. A link
-- that has ended says only when: why could tell what it is kept from.
CREATE TABLE family_link (
    id           TEXT NOT NULL CONSTRAINT family_link_pk PRIMARY KEY,
    case_id      TEXT NOT NULL CONSTRAINT family_link_case REFERENCES case_file (case_id),
    purpose      TEXT NOT NULL,
    token_hash   BLOB NOT NULL CONSTRAINT family_link_token UNIQUE,
    short_mac    BLOB NOT NULL,
    made_by      TEXT NOT NULL,
    created_at   BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL,
    opened_at    BIGINT NOT NULL,
    browser_hash BLOB NOT NULL,
    open_until   BIGINT NOT NULL,
    code_id      TEXT NOT NULL,
    code_ends_at BIGINT NOT NULL,
    codes        BIGINT NOT NULL,
    tries        BIGINT NOT NULL,
    reminded     BIGINT NOT NULL
);
CREATE INDEX family_link_by_case ON family_link (case_id, created_at);
CREATE INDEX family_link_by_short ON family_link (short_mac, ends_at);
CREATE INDEX family_link_by_end ON family_link (ended_at, purpose, ends_at);

-- What a family asked for; the words are sealed to the case.
CREATE TABLE family_ask (
    id          TEXT NOT NULL CONSTRAINT family_ask_pk PRIMARY KEY,
    referral_id TEXT NOT NULL CONSTRAINT family_ask_referral REFERENCES referral (id),
    link_id     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    note        BIGINT NOT NULL,
    asked_at    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    settled_at  BIGINT NOT NULL,
    settled_by  TEXT NOT NULL
);
CREATE INDEX family_ask_by_settled ON family_ask (settled_at, due_at);
CREATE INDEX family_ask_by_referral ON family_ask (referral_id);
-- The lawful route: drafts that wait for a decision or its check.
CREATE TABLE lawful_route (
    draft_id        TEXT NOT NULL CONSTRAINT lawful_route_pk PRIMARY KEY,
    organisation_id TEXT NOT NULL,
    state           TEXT NOT NULL,
    changed_by      TEXT NOT NULL,
    changed_at      BIGINT NOT NULL
);
CREATE INDEX lawful_route_by_setting ON lawful_route (organisation_id, changed_at);
