-- The sandboxes and their authorization servers: see sandbox::store. The base population is computed.
CREATE TABLE sandbox_sandbox (
    name            TEXT   NOT NULL PRIMARY KEY,
    title           TEXT   NOT NULL,
    -- Organisation number of whom it belongs to; nobody's when absent.
    owner           TEXT,
    dataset_version INTEGER NOT NULL,
    seed            INTEGER NOT NULL,
    size            INTEGER NOT NULL,
    municipality    TEXT   NOT NULL,
    -- The dataset's today, YYYY-MM-DD.
    as_of           TEXT   NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;

-- Keys that sign tokens; kept so that a restart finds them.
CREATE TABLE sandbox_key (
    -- smart or helseid.
    purpose    TEXT   NOT NULL PRIMARY KEY,
    -- PKCS #8 DER.
    private    BLOB  NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sandbox_client (
    sandbox       TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    client_id     TEXT   NOT NULL,
    name          TEXT   NOT NULL,
    auth_method   TEXT   NOT NULL,
    secret_digest BLOB,
    -- JSON: a JWK Set.
    jwks          TEXT,
    -- JSON: an array of exact addresses.
    redirect_uris TEXT   NOT NULL,
    launch_uri    TEXT,
    scope         TEXT   NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (sandbox, client_id)
) STRICT;

-- Where a client's scripts run: who may read answers across origins.
CREATE TABLE sandbox_client_origin (
    sandbox   TEXT NOT NULL,
    client_id TEXT NOT NULL,
    origin    TEXT NOT NULL,
    PRIMARY KEY (sandbox, client_id, origin),
    FOREIGN KEY (sandbox, client_id) REFERENCES sandbox_client (sandbox, client_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sandbox_client_origin_by_origin ON sandbox_client_origin (sandbox, origin);

CREATE TABLE sandbox_launch (
    id           TEXT   NOT NULL PRIMARY KEY,
    sandbox      TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    client_id    TEXT   NOT NULL,
    value_digest BLOB  NOT NULL UNIQUE,
    practitioner TEXT   NOT NULL,
    patient      TEXT,
    encounter    TEXT,
    -- JSON: see domain::behaviour.
    behaviour    TEXT   NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;

-- A standalone launch while its user chooses.
CREATE TABLE sandbox_interaction (
    value_digest BLOB  NOT NULL PRIMARY KEY,
    sandbox      TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    -- JSON: the checked authorization request.
    request      TEXT   NOT NULL,
    -- JSON: who logged in, and which patient was chosen.
    choice       TEXT   NOT NULL,
    expires_at   INTEGER NOT NULL
) STRICT;

-- What one authorization gave. Every token of it falls when it is revoked.
CREATE TABLE sandbox_grant (
    id             TEXT   NOT NULL PRIMARY KEY,
    sandbox        TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    client_id      TEXT   NOT NULL,
    launch         TEXT,
    fhir_user      TEXT   NOT NULL,
    patient        TEXT,
    encounter      TEXT,
    scope          TEXT   NOT NULL,
    nonce          TEXT,
    behaviour      TEXT   NOT NULL,
    authenticated_at INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    -- FHIR requests made with its tokens.
    requests       INTEGER NOT NULL,
    revoked_at     INTEGER,
    revoked_why    TEXT
) STRICT;

CREATE TABLE sandbox_code (
    value_digest   BLOB  NOT NULL PRIMARY KEY,
    grant_id       TEXT   NOT NULL REFERENCES sandbox_grant (id) ON DELETE CASCADE,
    redirect_uri   TEXT   NOT NULL,
    code_challenge TEXT   NOT NULL,
    expires_at     INTEGER NOT NULL,
    redeemed_at    INTEGER
) STRICT;

CREATE TABLE sandbox_token (
    value_digest BLOB  NOT NULL PRIMARY KEY,
    kind         TEXT   NOT NULL CHECK (kind IN ('access', 'refresh')),
    grant_id     TEXT   NOT NULL REFERENCES sandbox_grant (id) ON DELETE CASCADE,
    scope        TEXT   NOT NULL,
    issued_at    INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    -- How many refreshes lie between the authorization and this token.
    generation   INTEGER NOT NULL,
    -- When a refresh token was exchanged for the next.
    used_at      INTEGER
) STRICT;
CREATE INDEX sandbox_token_by_grant ON sandbox_token (grant_id);

-- Identifiers of client assertions that were used, until they expire.
CREATE TABLE sandbox_assertion (
    issuer     TEXT   NOT NULL,
    client_id  TEXT   NOT NULL,
    jti        TEXT   NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, client_id, jti)
) STRICT;

-- Everything that was asked of a sandbox, with secrets replaced by their marks.
CREATE TABLE sandbox_exchange (
    seq       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    sandbox   TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    at        INTEGER NOT NULL,
    client_id TEXT,
    launch    TEXT,
    -- JSON: see domain::exchange.
    content   TEXT   NOT NULL
) STRICT;
CREATE INDEX sandbox_exchange_by_sandbox ON sandbox_exchange (sandbox, seq);

-- What the EPJ of a sandbox keeps of the registry: see service::epj.
CREATE TABLE sandbox_epj_document (
    sandbox    TEXT   NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    -- trust, state, status:{uri} or approval:{software_id}:{version}.
    name       TEXT   NOT NULL,
    content    TEXT   NOT NULL,
    fetched_at INTEGER NOT NULL,
    PRIMARY KEY (sandbox, name)
) STRICT;

-- Codes and access tokens of the HelseID simulator.
CREATE TABLE sandbox_helseid_code (
    value_digest   BLOB  NOT NULL PRIMARY KEY,
    client_id      TEXT   NOT NULL,
    persona        TEXT   NOT NULL,
    redirect_uri   TEXT   NOT NULL,
    scope          TEXT   NOT NULL,
    nonce          TEXT,
    code_challenge TEXT   NOT NULL,
    expires_at     INTEGER NOT NULL,
    redeemed_at    INTEGER
) STRICT;

CREATE TABLE sandbox_helseid_token (
    value_digest BLOB  NOT NULL PRIMARY KEY,
    -- The code it came from: reuse of the code takes the token away.
    code_digest  BLOB  NOT NULL REFERENCES sandbox_helseid_code (value_digest) ON DELETE CASCADE,
    expires_at   INTEGER NOT NULL
) STRICT;
