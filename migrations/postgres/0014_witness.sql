-- A witness's memory: for each log the newest checkpoint that it has cosigned. It only grows.
CREATE TABLE witness_log (
    origin       TEXT    NOT NULL PRIMARY KEY,
    -- SHA-256 of the origin in hexadecimal, by which monitors ask.
    origin_hash  TEXT    NOT NULL UNIQUE,
    tree_size    BIGINT NOT NULL,
    root         BYTEA   NOT NULL,
    -- The checkpoint with the log's signatures and the witness's own.
    note         TEXT    NOT NULL,
    cosigned_at  BIGINT NOT NULL
);

-- What a log has signed that contradicts what the witness saw, beside what it saw: both notes
-- together prove the log's misbehaviour.
CREATE TABLE witness_evidence (
    origin    TEXT    NOT NULL,
    tree_size BIGINT NOT NULL,
    root      BYTEA   NOT NULL,
    note      TEXT    NOT NULL,
    -- The witness's own note of that size; empty for a tree without entries that has a root.
    seen      TEXT    NOT NULL,
    seen_at   BIGINT NOT NULL,
    PRIMARY KEY (origin, tree_size, root)
);
