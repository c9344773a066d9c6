-- What apps wrote in a sandbox, over the computed base population: see sandbox::fhir::overlay.
CREATE TABLE sandbox_fhir_resource (
    sandbox       TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    resource_type TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    -- 1 for the newest version of the resource, 0 for what it replaced.
    newest        BIGINT NOT NULL,
    -- The id of the patient whose compartment it is in, if any.
    patient       TEXT,
    updated_at    BIGINT NOT NULL,
    -- The resource as it is served: UTF-8 JSON.
    content       BYTEA NOT NULL,
    PRIMARY KEY (sandbox, resource_type, id, version)
);
CREATE INDEX sandbox_fhir_resource_newest
    ON sandbox_fhir_resource (sandbox, resource_type, newest, patient);
