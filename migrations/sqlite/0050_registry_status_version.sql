-- Which version an approval is of: what is decided about a version is about each of its approvals.
ALTER TABLE registry_status_entry ADD COLUMN software_id TEXT;
ALTER TABLE registry_status_entry ADD COLUMN software_version TEXT;

UPDATE registry_status_entry SET
    software_id = (SELECT issuance.software_id FROM registry_issuance AS issuance
                   WHERE issuance.jti = registry_status_entry.jti),
    software_version = (SELECT issuance.software_version FROM registry_issuance AS issuance
                        WHERE issuance.jti = registry_status_entry.jti);

CREATE INDEX registry_status_entry_version ON registry_status_entry (software_id, software_version);
