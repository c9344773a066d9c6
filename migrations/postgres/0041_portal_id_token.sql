-- The token of the login that a session began with: the issuer wants it back at logout, as a hint of
-- whose session ends there. Sessions that began before have none.
ALTER TABLE portal_session ADD COLUMN id_token TEXT;
