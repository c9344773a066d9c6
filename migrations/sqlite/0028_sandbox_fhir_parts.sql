-- A log of what was written can begin where another was: a snapshot, a clone and a reset cost a row each,
-- whatever the sandbox holds. See sandbox::fhir::overlay.
CREATE TABLE sandbox_fhir_log (
    id     INTEGER NOT NULL PRIMARY KEY,
    -- The log that it goes on from, up to and with the sequence number `begins`.
    parent INTEGER REFERENCES sandbox_fhir_log (id),
    begins INTEGER NOT NULL
) STRICT;
CREATE INDEX sandbox_fhir_log_by_parent ON sandbox_fhir_log (parent);
INSERT INTO sandbox_fhir_log
SELECT row_number() OVER (ORDER BY sandbox), NULL, 0 FROM sandbox_fhir_head;

-- Where the log of each sandbox ends.
CREATE TABLE sandbox_fhir_end (
    sandbox TEXT    NOT NULL PRIMARY KEY REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    log     INTEGER NOT NULL REFERENCES sandbox_fhir_log (id),
    seq     INTEGER NOT NULL
) STRICT;
CREATE INDEX sandbox_fhir_end_by_log ON sandbox_fhir_end (log);
INSERT INTO sandbox_fhir_end
SELECT sandbox, row_number() OVER (ORDER BY sandbox), seq FROM sandbox_fhir_head;

CREATE TABLE sandbox_fhir_written (
    log           INTEGER NOT NULL REFERENCES sandbox_fhir_log (id) ON DELETE CASCADE,
    seq           INTEGER NOT NULL,
    resource_type TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    -- The resource as it is served: UTF-8 JSON. Absent where this version is its deletion.
    content       BLOB,
    PRIMARY KEY (log, seq)
) STRICT;
INSERT INTO sandbox_fhir_written
SELECT log, sandbox_fhir_change.seq, resource_type, id, version, updated_at, content
FROM sandbox_fhir_change JOIN sandbox_fhir_end USING (sandbox);
DROP TABLE sandbox_fhir_change;
DROP TABLE sandbox_fhir_head;
ALTER TABLE sandbox_fhir_written RENAME TO sandbox_fhir_change;
ALTER TABLE sandbox_fhir_end RENAME TO sandbox_fhir_head;
CREATE UNIQUE INDEX sandbox_fhir_change_by_version
    ON sandbox_fhir_change (log, resource_type, id, version);

-- What a sandbox was at a moment, to be gone back to and begun from.
CREATE TABLE sandbox_snapshot (
    sandbox    TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    -- Absent where nothing was written.
    log        INTEGER REFERENCES sandbox_fhir_log (id),
    seq        INTEGER NOT NULL,
    -- The dataset's today, YYYY-MM-DD.
    as_of      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (sandbox, name)
) STRICT;
CREATE INDEX sandbox_snapshot_by_log ON sandbox_snapshot (log);

-- Other organisations that may use a sandbox.
CREATE TABLE sandbox_share (
    sandbox      TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    organisation TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (sandbox, organisation)
) STRICT;
CREATE INDEX sandbox_share_by_organisation ON sandbox_share (organisation);

-- The key that signs the tokens of a sandbox; made when it is first needed.
CREATE TABLE sandbox_signing_key (
    sandbox    TEXT    NOT NULL PRIMARY KEY REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    -- PKCS #8 DER.
    private    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO sandbox_signing_key
SELECT 'demo', private, sandbox_key.created_at FROM sandbox_key, sandbox_sandbox
WHERE purpose = 'smart' AND name = 'demo';
DELETE FROM sandbox_key WHERE purpose = 'smart';
