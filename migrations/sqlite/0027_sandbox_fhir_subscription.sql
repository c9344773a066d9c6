-- How each Subscription of a sandbox stands: what its client may read, how far the log has been looked
-- through for it, and how far it has been told. What it asks for is the resource's own. See
-- sandbox::fhir::subscription.
CREATE TABLE sandbox_fhir_subscription (
    sandbox       TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    id            TEXT    NOT NULL,
    -- Who asked for it, and what their token allowed.
    client_id     TEXT    NOT NULL,
    person        TEXT    NOT NULL,
    patient       TEXT,
    encounter     TEXT,
    scopes        TEXT    NOT NULL,
    -- The headers of its notifications, as JSON: the resource shows them without their values.
    headers       TEXT    NOT NULL,
    -- requested, active, error or off.
    status        TEXT    NOT NULL,
    -- Why a notification did not get through.
    reason        TEXT,
    -- The number in the log up to which it has been matched.
    position      INTEGER NOT NULL,
    -- Events so far, and how many of them were told.
    events        INTEGER NOT NULL,
    delivered     INTEGER NOT NULL,
    -- How often the next notification was tried.
    attempts      INTEGER NOT NULL,
    -- When something is to be done however the log stands.
    due_at        INTEGER NOT NULL,
    -- Until then the endpoint is left alone.
    rests_until   INTEGER NOT NULL,
    last_sent_at  INTEGER NOT NULL,
    -- Which turn of which process works on it, and until when nobody else may.
    claim         TEXT    NOT NULL,
    claimed_until INTEGER NOT NULL,
    PRIMARY KEY (sandbox, id)
) STRICT;

-- The events of a subscription by their numbers; what happened is in the log.
CREATE TABLE sandbox_fhir_event (
    sandbox       TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    subscription  TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    resource_type TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    -- create, update or delete.
    action        TEXT    NOT NULL,
    PRIMARY KEY (sandbox, subscription, number)
) STRICT;

-- Tokens that bind a WebSocket to subscriptions, as SHA-256.
CREATE TABLE sandbox_fhir_binding (
    sandbox       TEXT    NOT NULL REFERENCES sandbox_sandbox (name) ON DELETE CASCADE,
    digest        BLOB NOT NULL,
    -- Their ids, as JSON.
    subscriptions TEXT    NOT NULL,
    expires_at    INTEGER NOT NULL,
    PRIMARY KEY (sandbox, digest)
) STRICT;
