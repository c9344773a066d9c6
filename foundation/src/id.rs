//! Identifiers: a ULID with a prefix that tells what it names, made from the passed-in clock and
//! entropy, so that they sort by age and repeat in tests.

use ulid::Ulid;

use crate::{Clock, Entropy, Timestamp};

/// A text that is no identifier of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier of kind {kind}: it begins with `{kind}_` and 26 characters follow")]
pub struct InvalidId {
    /// The prefix that was expected.
    pub kind: &'static str,
}

/// Makes the text of a new identifier; what [`crate::id!`] types are built from.
pub fn generate(prefix: &str, clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let random = u128::from_be_bytes(crate::entropy::bytes::<16>(entropy));
    numbered(prefix, clock.now(), random)
}

/// The same from a number of 80 bits that the caller does not give twice.
pub(crate) fn numbered(prefix: &str, now: Timestamp, number: u128) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let mut text = format!("{prefix}_{}", Ulid::from_parts(millis, number));
    text.make_ascii_lowercase();
    text
}

/// Checks prefix and form; gives the text back when both are right.
pub fn parse(prefix: &'static str, text: &str) -> Result<String, InvalidId> {
    let invalid = InvalidId { kind: prefix };
    let rest = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .ok_or_else(|| invalid.clone())?;
    match Ulid::from_string(&rest.to_ascii_uppercase()) {
        Ok(_) if rest == rest.to_ascii_lowercase() => Ok(text.to_owned()),
        _ => Err(invalid),
    }
}

/// Defines an identifier type: `id!(/// Names an app. pub AppId, "app");`
#[macro_export]
macro_rules! id {
    ($(#[$doc:meta])* $visibility:vis $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name(String);

        impl $name {
            /// A new identifier at this moment.
            $visibility fn new(clock: &dyn $crate::Clock, entropy: &dyn $crate::Entropy) -> Self {
                Self($crate::id::generate($prefix, clock, entropy))
            }

            /// The text, prefix included.
            $visibility fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::id::InvalidId;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::id::parse($prefix, text).map(Self)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(::serde::de::Error::custom)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::clock::{ManualClock, Timestamp};
    use crate::entropy::SeededEntropy;

    crate::id!(
        /// For this test.
        ThingId,
        "thing"
    );

    #[test]
    fn an_identifier_reads_back_and_repeats() {
        let clock = ManualClock::at(Timestamp::from_seconds(1_790_000_000));
        let first = ThingId::new(&clock, &SeededEntropy::new(1));
        assert_eq!(first, ThingId::new(&clock, &SeededEntropy::new(1)));
        assert_eq!(first.as_str().parse::<ThingId>(), Ok(first.clone()));
    }

    #[test]
    fn a_wrong_prefix_or_form_is_refused() {
        for text in [
            "",
            "thing",
            "thing_",
            "app_01arz3ndektsv4rrffq69g5fav",
            "thing_01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert!(text.parse::<ThingId>().is_err(), "{text}");
        }
    }
}
