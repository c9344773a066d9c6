-- The key in whose place this one is to come, until it does: whoever steals that one may have this one.
ALTER TABLE registry_key ADD COLUMN follows TEXT;
UPDATE registry_key SET follows = substr(holder, 6) WHERE holder LIKE 'next %';
