-- Bulk exports: what was asked for and how far the counting has come. The files are computed from it as
-- they are read. See sandbox::fhir::export.
CREATE TABLE sandbox_fhir_export (
    sandbox    TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    id         TEXT    NOT NULL,
    client_id  TEXT    NOT NULL,
    -- The scopes of the token that asked for it.
    scopes     TEXT    NOT NULL,
    -- What was asked for, as JSON.
    ask        TEXT    NOT NULL,
    -- How many changes of the sandbox's log it sees.
    position   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    -- People counted so far.
    walked     INTEGER NOT NULL,
    finished   INTEGER NOT NULL,
    -- How many resources each file has, as JSON.
    counts     TEXT    NOT NULL,
    PRIMARY KEY (sandbox, id)
) STRICT;
