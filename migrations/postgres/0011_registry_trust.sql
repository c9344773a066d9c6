-- Keys: one per use and holder; private parts are sealed with the installation's secret.
CREATE TABLE registry_key (
    kid        TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    -- Organisation number of a vendor, subject of a reviewer, empty for the registry's own.
    holder     TEXT    NOT NULL,
    public_key BYTEA    NOT NULL,
    sealed     BYTEA    NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (purpose, holder)
);

-- The transparency log: entries as they were signed, and the hash of every complete subtree.
CREATE TABLE registry_log_entry (
    position   BIGINT NOT NULL PRIMARY KEY,
    -- What the entry is for: appending it again changes nothing.
    entry_key  TEXT    NOT NULL UNIQUE,
    content    BYTEA    NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE registry_log_node (
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash     BYTEA    NOT NULL,
    PRIMARY KEY (level, position)
);

-- The newest checkpoint that the witness has cosigned; what the world sees.
CREATE TABLE registry_log_checkpoint (
    origin       TEXT    NOT NULL PRIMARY KEY,
    tree_size    BIGINT NOT NULL,
    note         TEXT    NOT NULL,
    witnessed_at BIGINT NOT NULL
);

-- The witness's own memory: the newest checkpoint it has cosigned for each log.
CREATE TABLE registry_witness (
    origin    TEXT    NOT NULL PRIMARY KEY,
    tree_size BIGINT NOT NULL,
    root      BYTEA    NOT NULL
);

-- Status list entries that were given out. An index is used once, for ever.
CREATE TABLE registry_status_entry (
    list       BIGINT NOT NULL,
    position   BIGINT NOT NULL,
    value      BIGINT NOT NULL,
    jti        TEXT    NOT NULL UNIQUE,
    PRIMARY KEY (list, position)
);

CREATE TABLE registry_status_list (
    list       BIGINT NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL,
    token      TEXT    NOT NULL,
    issued_at  BIGINT NOT NULL
);

CREATE TABLE registry_trust_config (
    version    BIGINT NOT NULL PRIMARY KEY,
    token      TEXT    NOT NULL,
    expires_at BIGINT NOT NULL
);

-- An approval on its way: signed once, then carried through step by step.
CREATE TABLE registry_issuance (
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    jti              TEXT    NOT NULL UNIQUE,
    jws              TEXT    NOT NULL,
    status_list      BIGINT NOT NULL,
    status_position  BIGINT NOT NULL,
    issued_at        BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    PRIMARY KEY (software_id, software_version)
);
