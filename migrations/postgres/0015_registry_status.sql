-- What led to a change of standing; people's decisions say it in words.
ALTER TABLE registry_standing ADD COLUMN cause TEXT NOT NULL DEFAULT 'decision'
    CHECK (cause IN ('decision', 'content-drift', 'origin-lost'));

-- What a vendor is told about its apps and keys.
CREATE TABLE registry_notice (
    id               TEXT    NOT NULL PRIMARY KEY,
    orgnr            TEXT    NOT NULL REFERENCES registry_organisation (orgnr),
    kind             TEXT    NOT NULL,
    -- The app and version that it is about, if it is about one.
    software_id      TEXT,
    software_version TEXT,
    detail           TEXT    NOT NULL,
    created_at       BIGINT  NOT NULL
);

CREATE INDEX registry_notice_vendor ON registry_notice (orgnr, created_at);
