-- A sandbox may be made for a time; what a killed check left behind goes by itself.
ALTER TABLE sandbox_sandbox ADD COLUMN expires_at BIGINT;
CREATE INDEX sandbox_sandbox_by_end ON sandbox_sandbox (expires_at);
