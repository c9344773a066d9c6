//! The body of `add-checkpoint` (C2SP tlog-witness): the size that the witness is thought to have
//! seen last, the proof that the new tree continues it, and the new checkpoint.

use std::fmt;

use crate::base64url;
use crate::checkpoint::decimal;
use crate::merkle::{Hash, MAX_PROOF};
use crate::note;

/// A request to a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint<'a> {
    /// The size of the checkpoint that the proof begins with.
    pub old: u64,
    /// The consistency proof.
    pub proof: Vec<Hash>,
    /// The checkpoint, a signed note, verbatim.
    pub checkpoint: &'a str,
}

/// A body that is no such request: 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRequest {
    /// No `old` line, or no size in it.
    #[error("the first line is not \"old\" and a size")]
    Old,
    /// A line of the proof is no hash.
    #[error("a line of the proof is not 32 bytes of base64")]
    Hash,
    /// More hashes than any tree needs.
    #[error("more than 63 lines of proof")]
    TooMany,
    /// No empty line with a checkpoint after it.
    #[error("the checkpoint is missing")]
    Checkpoint,
    /// Longer than is read.
    #[error("the request is too long")]
    TooLong,
}

impl<'a> AddCheckpoint<'a> {
    /// Reads a request. The checkpoint inside is not looked into.
    pub fn parse(text: &'a str) -> Result<Self, BadRequest> {
        if text.len() > MAX_LEN {
            return Err(BadRequest::TooLong);
        }
        // Without proof lines the empty line follows the first at once.
        let (head, checkpoint) = text.split_once("\n\n").ok_or(BadRequest::Checkpoint)?;
        if checkpoint.is_empty() {
            return Err(BadRequest::Checkpoint);
        }
        let mut lines = head.split('\n');
        let old = lines
            .next()
            .and_then(|line| line.strip_prefix("old "))
            .and_then(decimal)
            .ok_or(BadRequest::Old)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF {
                return Err(BadRequest::TooMany);
            }
            proof.push(base64url::decode_standard_array(line).ok_or(BadRequest::Hash)?);
        }
        Ok(Self {
            old,
            proof,
            checkpoint,
        })
    }
}

impl fmt::Display for AddCheckpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", base64url::encode_standard(hash))?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The body of a 409: the size that the witness has seen, in decimal, and a newline.
pub fn parse_size(body: &str) -> Option<u64> {
    decimal(body.strip_suffix('\n')?)
}

/// The media type of a 409's body.
pub const SIZE_TYPE: &str = "text/x.tlog.size";
/// The longest request that is read: a full note and a proof of 63 hashes.
pub const MAX_LEN: usize = note::MAX_LEN + 4 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of C2SP tlog-witness; its keys are not published.
    const EXAMPLE: &str = "old 20852014\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\njrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

    #[test]
    fn the_specifications_example_reads_and_writes_back() {
        let request = AddCheckpoint::parse(EXAMPLE).unwrap();
        assert_eq!((request.old, request.proof.len()), (20_852_014, 4));
        assert!(
            request
                .checkpoint
                .starts_with("example.com/behind-the-sofa\n20852163\n")
        );
        assert_eq!(request.to_string(), EXAMPLE);
        let first = "old 0\n\na\n0\n\n\u{2014} x AAAA\n";
        let request = AddCheckpoint::parse(first).unwrap();
        assert_eq!((request.old, request.proof.len()), (0, 0));
        assert_eq!(request.to_string(), first);
    }

    #[test]
    fn malformed_requests_are_told_apart() {
        let hash = "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=";
        let many = format!("old 1\n{}\nx\n", format!("{hash}\n").repeat(64));
        let cases = [
            (String::new(), BadRequest::Checkpoint),
            ("old 1\n".to_owned(), BadRequest::Checkpoint),
            ("old 1\n\n".to_owned(), BadRequest::Checkpoint),
            (EXAMPLE.replacen("old ", "Old ", 1), BadRequest::Old),
            (EXAMPLE.replacen("old 2", "old 02", 1), BadRequest::Old),
            (EXAMPLE.replacen("old 2", "old -2", 1), BadRequest::Old),
            (EXAMPLE.replacen("old 2", "old  2", 1), BadRequest::Old),
            (EXAMPLE.replacen("kaw=\n", "kaw\n", 1), BadRequest::Hash),
            (EXAMPLE.replacen("kaw=\n", "kax=\n", 1), BadRequest::Hash),
            (EXAMPLE.replacen("kaw=\n", "kaw=\r\n", 1), BadRequest::Hash),
            (many, BadRequest::TooMany),
            ("x".repeat(MAX_LEN + 1), BadRequest::TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(AddCheckpoint::parse(&text), Err(error), "{text:.80}");
        }
        assert_eq!(parse_size("12\n"), Some(12));
        for bad in ["12", "012\n", "12\n\n", "", "-1\n"] {
            assert_eq!(parse_size(bad), None, "{bad:?}");
        }
    }
}
