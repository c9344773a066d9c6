//! The verifier from outside: published vectors, properties, and every refusal it can give.
//! Unit tests of single functions stand beside them in the sources.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod authority;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod confusion;
#[cfg(test)]
mod ingest;
#[cfg(test)]
mod jose;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod launch;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod merkle;
#[cfg(test)]
mod mldsa_notes;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod pack;
#[cfg(test)]
mod published_jose;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod scopes;
#[cfg(test)]
mod status_lists;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trust_files;
#[cfg(test)]
mod tuf;
#[cfg(test)]
mod vectors;
