-- The trust repository (TUF): every version of every role's document, as it was signed and served.
CREATE TABLE registry_trust_metadata (
    role       TEXT   NOT NULL,
    version    BIGINT NOT NULL,
    content    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (role, version)
);

-- Its target files, by digest: what any version of the targets document has listed.
CREATE TABLE registry_trust_target (
    digest     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (digest, name)
);

-- What was published stays as it was published.
CREATE FUNCTION registry_trust_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END;
$$;
CREATE TRIGGER registry_trust_metadata_append_only
    BEFORE UPDATE OR DELETE ON registry_trust_metadata
    FOR EACH ROW EXECUTE FUNCTION registry_trust_append_only();
CREATE TRIGGER registry_trust_target_append_only
    BEFORE UPDATE OR DELETE ON registry_trust_target
    FOR EACH ROW EXECUTE FUNCTION registry_trust_append_only();

DROP TABLE registry_trust_config;
