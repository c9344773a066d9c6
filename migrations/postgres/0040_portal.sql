-- Logins and sessions of the pages: see portal::store.
CREATE TABLE portal_session (
    -- SHA-256 of the cookie's token; the token itself is nowhere but with its holder.
    token_digest      TEXT    NOT NULL PRIMARY KEY,
    person            TEXT    NOT NULL,
    name              TEXT    NOT NULL,
    organisation      TEXT    NOT NULL,
    organisation_name TEXT    NOT NULL,
    -- JSON array of roles.
    roles             TEXT    NOT NULL,
    created_at        BIGINT  NOT NULL,
    expires_at        BIGINT  NOT NULL
);

CREATE INDEX portal_session_expiry ON portal_session (expires_at);

CREATE TABLE portal_login (
    -- SHA-256 of the state that the authorization request carries.
    state_digest   TEXT    NOT NULL PRIMARY KEY,
    -- SHA-256 of the cookie that ties the answer to the browser that asked.
    browser_digest TEXT    NOT NULL,
    nonce          TEXT    NOT NULL,
    code_verifier  TEXT    NOT NULL,
    return_to      TEXT    NOT NULL,
    expires_at     BIGINT  NOT NULL
);

CREATE INDEX portal_login_expiry ON portal_login (expires_at);
