-- Keys: one per use and holder; private parts are sealed with the installation's secret.
CREATE TABLE registry_key (
    kid        TEXT    NOT NULL PRIMARY KEY,
    purpose    TEXT    NOT NULL,
    -- Organisation number of a vendor, subject of a reviewer, empty for the registry's own.
    holder     TEXT    NOT NULL,
    public_key BLOB    NOT NULL,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (purpose, holder)
) STRICT;

-- The transparency log: entries as they were signed, and the hash of every complete subtree.
CREATE TABLE registry_log_entry (
    position   INTEGER NOT NULL PRIMARY KEY,
    -- What the entry is for: appending it again changes nothing.
    entry_key  TEXT    NOT NULL UNIQUE,
    content    BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE registry_log_node (
    level    INTEGER NOT NULL,
    position INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    PRIMARY KEY (level, position)
) STRICT;

-- The newest checkpoint that the witness has cosigned; what the world sees.
CREATE TABLE registry_log_checkpoint (
    origin       TEXT    NOT NULL PRIMARY KEY,
    tree_size    INTEGER NOT NULL,
    note         TEXT    NOT NULL,
    witnessed_at INTEGER NOT NULL
) STRICT;

-- The witness's own memory: the newest checkpoint it has cosigned for each log.
CREATE TABLE registry_witness (
    origin    TEXT    NOT NULL PRIMARY KEY,
    tree_size INTEGER NOT NULL,
    root      BLOB    NOT NULL
) STRICT;

-- Status list entries that were given out. An index is used once, for ever.
CREATE TABLE registry_status_entry (
    list       INTEGER NOT NULL,
    position   INTEGER NOT NULL,
    value      INTEGER NOT NULL,
    jti        TEXT    NOT NULL UNIQUE,
    PRIMARY KEY (list, position)
) STRICT;

CREATE TABLE registry_status_list (
    list       INTEGER NOT NULL PRIMARY KEY,
    generation INTEGER NOT NULL,
    token      TEXT    NOT NULL,
    issued_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE registry_trust_config (
    version    INTEGER NOT NULL PRIMARY KEY,
    token      TEXT    NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

-- An approval on its way: signed once, then carried through step by step.
CREATE TABLE registry_issuance (
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    jti              TEXT    NOT NULL UNIQUE,
    jws              TEXT    NOT NULL,
    status_list      INTEGER NOT NULL,
    status_position  INTEGER NOT NULL,
    issued_at        INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    PRIMARY KEY (software_id, software_version)
) STRICT;
