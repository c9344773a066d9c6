-- The trust repository (TUF): every version of every role's document, as it was signed and served.
CREATE TABLE registry_trust_metadata (
    role       TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    content    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (role, version)
) STRICT;

-- Its target files, by digest: what any version of the targets document has listed.
CREATE TABLE registry_trust_target (
    digest     TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    content    TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (digest, name)
) STRICT;

-- What was published stays as it was published.
CREATE TRIGGER registry_trust_metadata_no_update BEFORE UPDATE ON registry_trust_metadata
BEGIN
    SELECT RAISE(ABORT, 'registry_trust_metadata is append-only');
END;
CREATE TRIGGER registry_trust_metadata_no_delete BEFORE DELETE ON registry_trust_metadata
BEGIN
    SELECT RAISE(ABORT, 'registry_trust_metadata is append-only');
END;
CREATE TRIGGER registry_trust_target_no_update BEFORE UPDATE ON registry_trust_target
BEGIN
    SELECT RAISE(ABORT, 'registry_trust_target is append-only');
END;
CREATE TRIGGER registry_trust_target_no_delete BEFORE DELETE ON registry_trust_target
BEGIN
    SELECT RAISE(ABORT, 'registry_trust_target is append-only');
END;

DROP TABLE registry_trust_config;
