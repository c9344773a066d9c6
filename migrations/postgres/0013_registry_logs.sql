-- Logs. One is open at a time; a frozen one takes nothing more, and its proofs stay valid.
CREATE TABLE registry_log (
    -- The last part of its origin, and the folder of its files.
    name         TEXT    NOT NULL PRIMARY KEY,
    origin       TEXT    NOT NULL UNIQUE,
    -- How many entries have been sequenced.
    tree_size    BIGINT NOT NULL,
    -- The newest checkpoint that enough witnesses have cosigned: what the world sees.
    note         TEXT,
    note_size    BIGINT NOT NULL,
    witnessed_at BIGINT NOT NULL,
    -- The log whose final checkpoint is this one's first entry.
    successor_of TEXT REFERENCES registry_log (name),
    frozen_at    BIGINT,
    created_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX registry_log_open ON registry_log ((frozen_at IS NULL)) WHERE frozen_at IS NULL;

-- What a database that was read in again from the log lacks, in words: nothing is served before
-- people have accepted it.
CREATE TABLE registry_log_loss (
    what TEXT NOT NULL PRIMARY KEY
);

-- By role of the trust repository: the newest version that may have been out when the database was
-- lost. The next one is higher.
CREATE TABLE registry_trust_floor (
    role    TEXT    NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);

-- The entries from before are kept, with or without a checkpoint. The key that signed their
-- checkpoints is not the log's from here on, so proofs from before do not verify: approvals from
-- before have to be issued again.
INSERT INTO registry_log (name, origin, tree_size, note, note_size, witnessed_at, created_at)
SELECT 'log0', COALESCE(checkpoint.origin, 'log0'), entries.number, checkpoint.note,
       COALESCE(checkpoint.tree_size, 0), COALESCE(checkpoint.witnessed_at, 0), 0
FROM (SELECT COUNT(*) AS number FROM registry_log_entry) AS entries
LEFT JOIN registry_log_checkpoint AS checkpoint ON TRUE
WHERE entries.number > 0;

ALTER TABLE registry_log_entry RENAME TO registry_log_entry_before;
CREATE TABLE registry_log_entry (
    log        TEXT    NOT NULL REFERENCES registry_log (name),
    position   BIGINT NOT NULL,
    -- What the entry is for: appending it again, to whichever log, changes nothing.
    entry_key  TEXT    NOT NULL UNIQUE,
    content    BYTEA   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (log, position)
);
INSERT INTO registry_log_entry (log, position, entry_key, content, created_at)
SELECT log.name, entry.position, entry.entry_key, entry.content, entry.created_at
FROM registry_log_entry_before AS entry, registry_log AS log;
DROP TABLE registry_log_entry_before;

ALTER TABLE registry_log_node RENAME TO registry_log_node_before;
CREATE TABLE registry_log_node (
    log      TEXT    NOT NULL REFERENCES registry_log (name),
    level    BIGINT NOT NULL,
    position BIGINT NOT NULL,
    hash     BYTEA   NOT NULL,
    PRIMARY KEY (log, level, position)
);
INSERT INTO registry_log_node (log, level, position, hash)
SELECT log.name, node.level, node.position, node.hash
FROM registry_log_node_before AS node, registry_log AS log;
DROP TABLE registry_log_node_before;

DROP TABLE registry_log_checkpoint;
-- Witnesses are parties of their own, with a memory of their own.
DROP TABLE registry_witness;
DELETE FROM registry_key WHERE purpose = 'witness';
