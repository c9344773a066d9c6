-- The durable job queue: see foundation::jobs.
CREATE TABLE foundation_job (
    id          TEXT    NOT NULL PRIMARY KEY,
    kind        TEXT    NOT NULL,
    -- At most one unfinished job per kind and key.
    dedup_key   TEXT,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    attempts    INTEGER NOT NULL,
    run_at      INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE INDEX foundation_job_due ON foundation_job (state, run_at);
CREATE UNIQUE INDEX foundation_job_dedup ON foundation_job (kind, dedup_key)
    WHERE state IN ('waiting', 'running');
