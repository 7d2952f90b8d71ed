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
    signed_in_at    BIGINT NOT NULL
);
CREATE INDEX person_by_email ON person (email);
CREATE INDEX person_by_organisation ON person (organisation_id);

CREATE TABLE session (
    token_hash BYTEA NOT NULL CONSTRAINT session_pk PRIMARY KEY,
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
    token_hash BYTEA NOT NULL CONSTRAINT sign_in_link_pk PRIMARY KEY,
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

CREATE TABLE sender_key (
    key_hash        BYTEA NOT NULL CONSTRAINT sender_key_pk PRIMARY KEY,
    organisation_id TEXT NOT NULL CONSTRAINT sender_key_organisation REFERENCES organisation (id),
    created_at      BIGINT NOT NULL,
    revoked_at      BIGINT NOT NULL
);

CREATE TABLE locality (
    id           TEXT NOT NULL CONSTRAINT locality_pk PRIMARY KEY,
    name         TEXT NOT NULL,
    phones       TEXT NOT NULL,
    mailbox      TEXT NOT NULL,
    lad_codes    TEXT NOT NULL,
    confirmed_at BIGINT NOT NULL
);

CREATE TABLE mailbox_test (
    token_hash BYTEA NOT NULL CONSTRAINT mailbox_test_pk PRIMARY KEY,
    locality   TEXT NOT NULL CONSTRAINT mailbox_test_locality REFERENCES locality (id),
    mailbox    TEXT NOT NULL,
    ends_at    BIGINT NOT NULL
);

CREATE TABLE postcode_edition (
    edition   TEXT NOT NULL CONSTRAINT postcode_edition_pk PRIMARY KEY,
    loaded_at BIGINT NOT NULL,
    live      BYTEA NOT NULL,
    retired   BYTEA NOT NULL
);

-- One case file per draft, referral or mail: the key to all that is sealed about it.
CREATE TABLE case_file (
    case_id    TEXT NOT NULL CONSTRAINT case_file_pk PRIMARY KEY,
    bytes      BYTEA NOT NULL,
    digest     BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    erased_at  BIGINT NOT NULL
);

CREATE TABLE sealed_object (
    id         TEXT NOT NULL CONSTRAINT sealed_object_pk PRIMARY KEY,
    case_id    TEXT NOT NULL CONSTRAINT sealed_object_case REFERENCES case_file (case_id),
    kind       TEXT NOT NULL,
    version    BIGINT NOT NULL,
    digest     BYTEA NOT NULL,
    size       BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    CONSTRAINT sealed_object_version UNIQUE (case_id, kind, version)
);

CREATE TABLE sealed_chunk (
    object_id TEXT NOT NULL,
    n         BIGINT NOT NULL,
    bytes     BYTEA NOT NULL,
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
    print_approved_by  TEXT NOT NULL
);
CREATE UNIQUE INDEX referral_by_case ON referral (case_id);
CREATE INDEX referral_by_line ON referral (locality, state, urgency, submitted_at);
CREATE INDEX referral_by_setting ON referral (organisation_id, submitted_at);
CREATE INDEX referral_by_state ON referral (state, submitted_at);

CREATE TABLE child_index (
    mac         BYTEA NOT NULL,
    kind        TEXT NOT NULL,
    key_version BIGINT NOT NULL,
    referral_id TEXT NOT NULL CONSTRAINT child_index_referral REFERENCES referral (id),
    CONSTRAINT child_index_pk PRIMARY KEY (mac, kind, referral_id)
);

CREATE TABLE idempotency (
    key         BYTEA NOT NULL CONSTRAINT idempotency_pk PRIMARY KEY,
    tag         BYTEA NOT NULL,
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
    bytes        BYTEA NOT NULL,
    leaf         BYTEA NOT NULL,
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
    edge    BYTEA NOT NULL
);

CREATE TABLE checkpoint (
    size BIGINT NOT NULL CONSTRAINT checkpoint_pk PRIMARY KEY,
    note TEXT NOT NULL,
    at   BIGINT NOT NULL
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
    token_hash BYTEA NOT NULL CONSTRAINT sign_up_pk PRIMARY KEY,
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
    mac BYTEA NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX sign_up_try_by_mac ON sign_up_try (mac, at);
