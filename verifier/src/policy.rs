//! C2SP tlog-policy: which logs and witnesses are known, and how many witnesses are enough.

use std::collections::{BTreeMap, BTreeSet};

use crate::note::{NoteError, SignatureType, VerifierKey};

/// A log or witness with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name used in the policy; a log's is its origin.
    pub name: String,
    /// The key.
    pub key: VerifierKey,
    /// Where it is reached, when the policy says so.
    pub url: Option<String>,
}

/// A parsed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    members: Vec<Member>,
    /// Position in `members`; `None` for `quorum none`.
    quorum: Option<usize>,
}

/// What a name in the policy stands for, by position so that evaluation needs no look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group { threshold: usize, of: Vec<usize> },
}

/// A policy that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// A line that is none of the five kinds, or lacks parts.
    #[error("line {0}: not a log, witness, group or quorum line")]
    Line(usize),
    /// A key that cannot be read or is of the wrong type.
    #[error("line {line}: {reason}")]
    Key {
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: NoteError,
    },
    /// The same key or name twice, a log's key among the witnesses' too.
    #[error("line {0}: a key or name that was given before")]
    Duplicate(usize),
    /// A name that no earlier line defines.
    #[error("line {0}: a name that no earlier line defines")]
    Undefined(usize),
    /// A threshold outside 1 to the number of members.
    #[error("line {0}: the threshold must be from 1 to the number of members")]
    Threshold(usize),
    /// No quorum line, or two.
    #[error("exactly one quorum line is needed")]
    Quorum,
    /// A control character.
    #[error("control characters are not allowed")]
    Control,
    /// Too large to be meant.
    #[error("more than 64 logs, witnesses or groups")]
    TooLarge,
}

impl Policy {
    /// Reads a policy.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let control = |byte: u8| (byte < 0x20 && byte != b'\n' && byte != b'\t') || byte == 0x7f;
        if text.bytes().any(control) {
            return Err(PolicyError::Control);
        }
        let mut reader = Reader::default();
        for (position, line) in text.split('\n').enumerate() {
            reader.line(position + 1, line)?;
        }
        let quorum = match reader.quorum.ok_or(PolicyError::Quorum)? {
            Quorum::None => None,
            Quorum::Member(at) => Some(at),
        };
        Ok(Self {
            logs: reader.logs,
            witnesses: reader.witnesses,
            members: reader.members,
            quorum,
        })
    }

    /// The logs whose origin this is. Several keys may share an origin during a rotation.
    pub fn logs<'a>(&'a self, origin: &'a str) -> impl Iterator<Item = &'a Party> {
        self.logs.iter().filter(move |log| log.key.name() == origin)
    }

    /// Every log.
    pub fn all_logs(&self) -> &[Party] {
        &self.logs
    }

    /// Every witness.
    pub fn witnesses(&self) -> &[Party] {
        &self.witnesses
    }

    /// Whether these witnesses, by position in [`Policy::witnesses`], are enough.
    pub fn is_met_by(&self, cosigned: &BTreeSet<usize>) -> bool {
        // Members refer to earlier members only, so one pass in order decides them all.
        let mut met: Vec<bool> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let yes = match member {
                Member::Witness(position) => cosigned.contains(position),
                Member::Group { threshold, of } => {
                    of.iter().filter(|at| met.get(**at) == Some(&true)).count() >= *threshold
                }
            };
            met.push(yes);
        }
        self.quorum.is_none_or(|at| met.get(at) == Some(&true))
    }
}

#[derive(Default)]
struct Reader {
    logs: Vec<Party>,
    witnesses: Vec<Party>,
    members: Vec<Member>,
    names: BTreeMap<String, usize>,
    listed: BTreeSet<usize>,
    quorum: Option<Quorum>,
}

/// What the quorum line says.
enum Quorum {
    None,
    Member(usize),
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), PolicyError> {
        let words: Vec<&str> = line
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key, url @ ..] if url.len() <= 1 => self.log(number, key, url.first()),
            ["witness", name, key, url @ ..] if url.len() <= 1 => {
                self.witness(number, name, key, url.first())
            }
            ["group", name, threshold, first, rest @ ..] => {
                let members: Vec<&str> = std::iter::once(*first)
                    .chain(rest.iter().copied())
                    .collect();
                self.group(number, name, threshold, &members)
            }
            ["quorum", name] => self.set_quorum(number, name),
            _ => Err(PolicyError::Line(number)),
        }
    }

    fn log(&mut self, line: usize, key: &str, url: Option<&&str>) -> Result<(), PolicyError> {
        let key = typed_key(line, key, SignatureType::is_of_a_log)?;
        let party = Party {
            name: key.name().to_owned(),
            key,
            url: url.map(|url| (*url).to_owned()),
        };
        add(&mut self.logs, &self.witnesses, line, party)
    }

    fn witness(
        &mut self,
        line: usize,
        name: &str,
        key: &str,
        url: Option<&&str>,
    ) -> Result<(), PolicyError> {
        let key = typed_key(line, key, SignatureType::is_of_a_witness)?;
        let party = Party {
            name: name.to_owned(),
            key,
            url: url.map(|url| (*url).to_owned()),
        };
        add(&mut self.witnesses, &self.logs, line, party)?;
        self.define(line, name, Member::Witness(self.witnesses.len() - 1))
    }

    fn group(
        &mut self,
        line: usize,
        name: &str,
        threshold: &str,
        members: &[&str],
    ) -> Result<(), PolicyError> {
        let mut of = Vec::with_capacity(members.len());
        for member in members {
            let at = *self
                .names
                .get(*member)
                .ok_or(PolicyError::Undefined(line))?;
            // A name is a member once in the whole policy, so a witness counts in one way only.
            if !self.listed.insert(at) {
                return Err(PolicyError::Duplicate(line));
            }
            of.push(at);
        }
        let threshold = match threshold {
            "any" => 1,
            "all" => of.len(),
            number => crate::checkpoint::decimal(number)
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| (1..=of.len()).contains(number))
                .ok_or(PolicyError::Threshold(line))?,
        };
        self.define(line, name, Member::Group { threshold, of })
    }

    fn set_quorum(&mut self, line: usize, name: &str) -> Result<(), PolicyError> {
        let quorum = if name == "none" {
            Quorum::None
        } else {
            Quorum::Member(*self.names.get(name).ok_or(PolicyError::Undefined(line))?)
        };
        if self.quorum.replace(quorum).is_some() {
            return Err(PolicyError::Quorum);
        }
        Ok(())
    }

    fn define(&mut self, line: usize, name: &str, member: Member) -> Result<(), PolicyError> {
        if name == "none"
            || self
                .names
                .insert(name.to_owned(), self.members.len())
                .is_some()
        {
            return Err(PolicyError::Duplicate(line));
        }
        self.members.push(member);
        if self.members.len() > MAX_PARTIES * 2 {
            return Err(PolicyError::TooLarge);
        }
        Ok(())
    }
}

fn typed_key(
    line: usize,
    key: &str,
    wanted: fn(SignatureType) -> bool,
) -> Result<VerifierKey, PolicyError> {
    let key: VerifierKey = key
        .parse()
        .map_err(|reason| PolicyError::Key { line, reason })?;
    if wanted(key.signature_type()) {
        Ok(key)
    } else {
        Err(PolicyError::Key {
            line,
            reason: NoteError::Type,
        })
    }
}

/// Adds a party whose key stands nowhere before: a log's among the witnesses would let the log be its
/// own witness.
fn add(
    parties: &mut Vec<Party>,
    across: &[Party],
    line: usize,
    party: Party,
) -> Result<(), PolicyError> {
    let same = |other: &Party| other.key.public_key() == party.key.public_key();
    if parties.iter().chain(across).any(same) {
        return Err(PolicyError::Duplicate(line));
    }
    if parties.len() == MAX_PARTIES {
        return Err(PolicyError::TooLarge);
    }
    parties.push(party);
    Ok(())
}

/// The most logs, witnesses or groups; the specification asks for at least 32.
const MAX_PARTIES: usize = 64;
