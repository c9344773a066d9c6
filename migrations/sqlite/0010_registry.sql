-- Who takes part, their apps, the frozen versions, decisions and what the catalogue shows.
CREATE TABLE registry_organisation (
    orgnr      TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    -- JSON array of roles.
    roles      TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE registry_person (
    subject      TEXT    NOT NULL,
    orgnr        TEXT    NOT NULL REFERENCES registry_organisation (orgnr),
    name         TEXT    NOT NULL,
    roles        TEXT    NOT NULL,
    review_roles TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (subject, orgnr)
) STRICT;

CREATE TABLE registry_token (
    id         TEXT    NOT NULL PRIMARY KEY,
    digest     TEXT    NOT NULL UNIQUE,
    subject    TEXT    NOT NULL,
    orgnr      TEXT    NOT NULL,
    label      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    FOREIGN KEY (subject, orgnr) REFERENCES registry_person (subject, orgnr)
) STRICT;

CREATE INDEX registry_token_holder ON registry_token (subject, orgnr);

CREATE TABLE registry_app (
    software_id TEXT    NOT NULL PRIMARY KEY,
    orgnr       TEXT    NOT NULL REFERENCES registry_organisation (orgnr),
    entry       TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX registry_app_vendor ON registry_app (orgnr);

-- A name belongs to the vendor that used it, or anything confusable with it, first (UTS #39).
CREATE TABLE registry_name (
    skeleton TEXT NOT NULL PRIMARY KEY,
    orgnr    TEXT NOT NULL,
    name     TEXT NOT NULL
) STRICT;

CREATE TABLE registry_bundle (
    digest      TEXT    NOT NULL PRIMARY KEY,
    software_id TEXT    NOT NULL REFERENCES registry_app (software_id),
    integrity   TEXT    NOT NULL,
    size        INTEGER NOT NULL,
    unpacked    INTEGER NOT NULL,
    files       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE registry_bundle_file (
    bundle     TEXT    NOT NULL REFERENCES registry_bundle (digest),
    path       TEXT    NOT NULL,
    digest     TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    media_type TEXT    NOT NULL,
    PRIMARY KEY (bundle, path)
) STRICT;

CREATE TABLE registry_version (
    software_id      TEXT    NOT NULL REFERENCES registry_app (software_id),
    software_version TEXT    NOT NULL,
    -- Written once: the digest of the release document.
    release_digest   TEXT    NOT NULL UNIQUE,
    manifest         TEXT    NOT NULL,
    manifest_digest  TEXT    NOT NULL,
    bundle           TEXT REFERENCES registry_bundle (digest),
    integrity        TEXT,
    size             INTEGER,
    state            TEXT    NOT NULL CHECK (state IN ('draft', 'submitted', 'issuing', 'approved',
                                                       'returned', 'suspended', 'revoked', 'withdrawn')),
    -- Counts submissions; reviews belong to one.
    round            INTEGER NOT NULL,
    -- What was submitted, as it was then.
    entry            TEXT,
    verdict          TEXT,
    release_jws      TEXT,
    -- What was published, when it was approved.
    approval         TEXT,
    created_by       TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    submitted_at     INTEGER,
    approved_at      INTEGER,
    expires_at       INTEGER,
    PRIMARY KEY (software_id, software_version)
) STRICT;

CREATE INDEX registry_version_state ON registry_version (state);
CREATE INDEX registry_version_bundle ON registry_version (bundle);

-- Append only; each entry carries the hash of the one before it.
CREATE TABLE registry_history (
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    seq              INTEGER NOT NULL,
    entry            TEXT    NOT NULL,
    hash             TEXT    NOT NULL,
    PRIMARY KEY (software_id, software_version, seq)
) STRICT;

CREATE TABLE registry_review (
    id               TEXT    NOT NULL PRIMARY KEY,
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    round            INTEGER NOT NULL,
    subject          TEXT    NOT NULL,
    orgnr            TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    role             TEXT    NOT NULL,
    decision         TEXT    NOT NULL,
    reason           TEXT    NOT NULL,
    jws              TEXT    NOT NULL,
    decided_at       INTEGER NOT NULL,
    UNIQUE (software_id, software_version, round, subject),
    UNIQUE (software_id, software_version, round, orgnr),
    FOREIGN KEY (software_id, software_version) REFERENCES registry_version (software_id, software_version)
) STRICT;

-- A change of an approval's standing: decided here, carried out once it is logged.
CREATE TABLE registry_standing (
    id               TEXT    NOT NULL PRIMARY KEY,
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    action           TEXT    NOT NULL CHECK (action IN ('suspend', 'reinstate', 'revoke')),
    progress         TEXT    NOT NULL CHECK (progress IN ('gathering', 'decided', 'applied', 'lapsed')),
    reason           TEXT    NOT NULL,
    created_at       INTEGER NOT NULL,
    decided_at       INTEGER,
    applied_at       INTEGER,
    FOREIGN KEY (software_id, software_version) REFERENCES registry_version (software_id, software_version)
) STRICT;

CREATE UNIQUE INDEX registry_standing_open ON registry_standing (software_id, software_version, action)
    WHERE progress = 'gathering';
CREATE UNIQUE INDEX registry_standing_decided ON registry_standing (software_id, software_version)
    WHERE progress = 'decided';

CREATE TABLE registry_standing_voice (
    standing   TEXT    NOT NULL REFERENCES registry_standing (id),
    subject    TEXT    NOT NULL,
    orgnr      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (standing, subject)
) STRICT;

-- What the catalogue shows: derived from the tables above, one row per listed app.
CREATE TABLE registry_listing (
    software_id      TEXT    NOT NULL PRIMARY KEY REFERENCES registry_app (software_id),
    software_version TEXT    NOT NULL,
    search           TEXT    NOT NULL,
    listing          TEXT    NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
