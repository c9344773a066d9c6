-- When another key took a key's place, and why if that is not told elsewhere.
ALTER TABLE registry_key ADD COLUMN ended_at BIGINT;
ALTER TABLE registry_key ADD COLUMN end_reason TEXT
    CHECK (end_reason IN ('unspecified', 'compromised', 'superseded'));
