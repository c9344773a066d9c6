-- Checks of app versions and what their watchers are told: see conformance::store.
CREATE TABLE conformance_check (
    id           TEXT    NOT NULL PRIMARY KEY,
    app          TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    release      TEXT    NOT NULL,
    organisation TEXT    NOT NULL,
    -- What was checked, as the registry described it then (JSON).
    subject      TEXT    NOT NULL,
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'passed', 'failed', 'broken')),
    code         TEXT,
    attempt      BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    created_by   TEXT    NOT NULL,
    started_at   BIGINT,
    finished_at  BIGINT,
    suite        TEXT,
    evidence     TEXT,
    report       TEXT
);

CREATE INDEX conformance_check_version ON conformance_check (app, version, created_at);
CREATE INDEX conformance_check_release ON conformance_check (release, finished_at);
CREATE UNIQUE INDEX conformance_check_unfinished ON conformance_check (app, version)
    WHERE state IN ('waiting', 'running');

-- Pictures and whatever else belongs to the evidence of a check.
CREATE TABLE conformance_attachment (
    check_id TEXT NOT NULL REFERENCES conformance_check (id),
    digest   TEXT NOT NULL,
    PRIMARY KEY (check_id, digest)
);

CREATE TABLE conformance_progress (
    check_id TEXT    NOT NULL REFERENCES conformance_check (id),
    seq      BIGINT  NOT NULL,
    at       BIGINT  NOT NULL,
    kind     TEXT    NOT NULL,
    data     TEXT    NOT NULL,
    PRIMARY KEY (check_id, seq)
);
