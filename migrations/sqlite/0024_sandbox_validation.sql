-- How strictly what apps write in a sandbox is held against the rules of FHIR and of the national profiles.
alter table sandbox_sandbox add column validation text not null default 'strict';
