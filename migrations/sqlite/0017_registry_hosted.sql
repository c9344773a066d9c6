-- What the last look at each hosted app that is bound by a manifest came to.
CREATE TABLE registry_hosted (
    software_id      TEXT    NOT NULL,
    software_version TEXT    NOT NULL,
    outcome          TEXT    NOT NULL CHECK (outcome IN ('same', 'differs', 'unreachable')),
    detail           TEXT    NOT NULL,
    -- How many times in a row something else was served.
    drifts           INTEGER NOT NULL,
    looked_at        INTEGER NOT NULL,
    -- When every byte was last the approved one.
    same_at          INTEGER,
    PRIMARY KEY (software_id, software_version),
    FOREIGN KEY (software_id, software_version)
        REFERENCES registry_version (software_id, software_version)
) STRICT;
