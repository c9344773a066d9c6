-- Where the private part of a key is: sealed here, in a file, or in a token.
ALTER TABLE registry_key ADD COLUMN store TEXT NOT NULL DEFAULT 'database'
    CHECK (store IN ('database', 'files', 'pkcs11'));
