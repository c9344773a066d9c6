-- What was written in a sandbox is a log, in the order of its sequence numbers; what is current is its
-- view. See sandbox::fhir::overlay.
CREATE TABLE sandbox_fhir_change (
    sandbox       TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    seq           INTEGER NOT NULL,
    resource_type TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    -- The resource as it is served: UTF-8 JSON. Absent where this version is its deletion.
    content       BLOB,
    PRIMARY KEY (sandbox, seq)
) STRICT;
CREATE UNIQUE INDEX sandbox_fhir_change_by_version
    ON sandbox_fhir_change (sandbox, resource_type, id, version);

-- Where each log ends. The epoch changes when the log begins anew, so that nobody goes on from an old view.
CREATE TABLE sandbox_fhir_head (
    sandbox TEXT    NOT NULL PRIMARY KEY REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    epoch   INTEGER NOT NULL,
    seq     INTEGER NOT NULL
) STRICT;

INSERT INTO sandbox_fhir_change
SELECT sandbox,
       row_number() OVER (PARTITION BY sandbox ORDER BY updated_at, resource_type, id, version),
       resource_type, id, version, updated_at, content
FROM sandbox_fhir_resource;
INSERT INTO sandbox_fhir_head
SELECT sandbox, 1, max(seq) FROM sandbox_fhir_change GROUP BY sandbox;
DROP TABLE sandbox_fhir_resource;
