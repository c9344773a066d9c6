-- Public keys of vendors and reviewers who keep the private part themselves.
CREATE TABLE registry_public_key (
    kid         TEXT    NOT NULL PRIMARY KEY,
    purpose     TEXT    NOT NULL CHECK (purpose IN ('release', 'review')),
    -- Organisation number of a vendor, subject of a reviewer.
    holder      TEXT    NOT NULL,
    public_key  BYTEA   NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('pending', 'active', 'retired', 'cancelled')),
    -- The person who asked for it.
    created_by  TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    -- A pending key becomes active when this moment has come and the organisation was verified.
    due_at      BIGINT,
    verified_by TEXT,
    verified_at BIGINT,
    active_at   BIGINT,
    ended_at    BIGINT
);

CREATE UNIQUE INDEX registry_public_key_vendor ON registry_public_key (holder, state)
    WHERE purpose = 'release' AND state IN ('pending', 'active');
CREATE INDEX registry_public_key_holder ON registry_public_key (purpose, holder);

-- What was signed to be sent once, until it has expired.
CREATE TABLE registry_spent_token (
    jti        TEXT    NOT NULL PRIMARY KEY,
    expires_at BIGINT  NOT NULL
);
