//! A search as it was asked: conditions, order, page size, what to include, and where it goes on.
//! What is not understood is refused when the client prefers strict handling, else left out of the
//! self link, as R4 §3.1.1.3 asks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::criterion::{Criterion, Surroundings};
use super::error::FhirError;
use super::parameter::{Kind, Parameter, TypeInfo};
use super::value::Unreadable;

/// Page size without `_count`.
const USUAL_COUNT: usize = 100;
/// The largest page.
const MOST_COUNT: usize = 500;

/// A search of one type.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) info: &'static TypeInfo,
    pub(crate) criteria: Vec<Criterion>,
    /// Parameters to sort by, and whether the greatest comes first.
    pub(crate) sort: Vec<(&'static Parameter, bool)>,
    pub(crate) count: usize,
    /// Only the number is asked for.
    pub(crate) number_only: bool,
    /// Reference parameters whose targets are to come along.
    pub(crate) includes: Vec<&'static Parameter>,
    /// What was understood, as it was written.
    pub(crate) pairs: Vec<(String, String)>,
    pub(crate) from: Position,
}

/// Where a page begins: within all matches, or within those of one drawer of a walk over everybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    #[serde(rename = "d")]
    pub(crate) drawer: u32,
    #[serde(rename = "o")]
    pub(crate) offset: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct PageToken {
    q: Vec<(String, String)>,
    #[serde(flatten)]
    at: Position,
}

impl Query {
    /// Reads a search from its parameters.
    pub(crate) fn parse(
        info: &'static TypeInfo,
        pairs: Vec<(String, String)>,
        strict: bool,
        around: &dyn Surroundings,
    ) -> Result<Self, FhirError> {
        let page = pairs
            .iter()
            .find(|(name, _)| name == "_page")
            .map(|(_, token)| read_page(token));
        let (pairs, from) = match page {
            Some(token) => token.map(|token| (token.q, token.at))?,
            None => (pairs, Position::default()),
        };
        let mut query = Self {
            info,
            criteria: Vec::new(),
            sort: Vec::new(),
            count: USUAL_COUNT,
            number_only: false,
            includes: Vec::new(),
            pairs: Vec::new(),
            from,
        };
        for (name, value) in pairs {
            match query.take(&name, &value, around) {
                Ok(()) => query.pairs.push((name, value)),
                Err(refused) if strict || !refused.is_about_an_unknown() => {
                    return Err(refused.error(info, &name));
                }
                Err(_) => {}
            }
        }
        Ok(query)
    }

    fn take(&mut self, name: &str, value: &str, around: &dyn Surroundings) -> Result<(), Refused> {
        match name {
            "_format" | "_pretty" | "_total" => Ok(()),
            "_count" => {
                let count: usize = value.parse().map_err(|_| Refused::Value("a number"))?;
                self.number_only |= count == 0;
                self.count = count.clamp(1, MOST_COUNT);
                Ok(())
            }
            "_include" => self.include(value),
            "_sort" => self.sort_by(value),
            "_summary" => match value {
                "count" => {
                    self.number_only = true;
                    Ok(())
                }
                "false" => Ok(()),
                _ => Err(Refused::Unknown),
            },
            _ if value.is_empty() => Err(Refused::Unknown),
            _ => {
                self.criteria
                    .push(Criterion::parse(self.info, name, value, around)?);
                Ok(())
            }
        }
    }

    fn include(&mut self, value: &str) -> Result<(), Refused> {
        let references = self
            .info
            .parameters
            .iter()
            .filter(|one| one.kind == Kind::Reference);
        if value == "*" || value == format!("{}:*", self.info.name) {
            self.includes.extend(references);
            return Ok(());
        }
        let mut parts = value.split(':');
        let of_type = parts.next() == Some(self.info.name);
        let name = parts.next().unwrap_or_default();
        let found = references.filter(|_| of_type).find(|one| one.name == name);
        self.includes.push(found.ok_or(Refused::Unknown)?);
        Ok(())
    }

    fn sort_by(&mut self, value: &str) -> Result<(), Refused> {
        for name in value.split(',') {
            let (name, descending) = match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let parameter = self.info.parameter(name).ok_or(Refused::Unknown)?;
            if parameter.kind == Kind::Reference {
                return Err(Refused::Unknown);
            }
            self.sort.push((parameter, descending));
        }
        Ok(())
    }

    /// The address of this search, or of its page at a position.
    pub(crate) fn address(&self, base: &str, at: Option<Position>) -> String {
        let pairs = match at {
            None => self.pairs.clone(),
            Some(at) => {
                let token = PageToken {
                    q: self.pairs.clone(),
                    at,
                };
                let json = serde_json::to_vec(&token).unwrap_or_default();
                vec![("_page".to_owned(), URL_SAFE_NO_PAD.encode(json))]
            }
        };
        let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{base}/{}{mark}{query}", self.info.name)
    }
}

fn read_page(token: &str) -> Result<PageToken, FhirError> {
    let json = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| FhirError::BadPage)?;
    serde_json::from_slice(&json).map_err(|_| FhirError::BadPage)
}

/// Why one parameter was not taken.
enum Refused {
    Modifier(String),
    Unknown,
    Value(&'static str),
}

impl Refused {
    fn is_about_an_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    fn error(self, info: &'static TypeInfo, name: &str) -> FhirError {
        let name: String = name.chars().take(60).collect();
        match self {
            Self::Modifier(modifier) => FhirError::Modifier { name, modifier },
            Self::Unknown => FhirError::UnknownParameter {
                name,
                resource_type: info.name,
            },
            Self::Value(takes) => FhirError::BadValue { name, takes },
        }
    }
}

impl From<Unreadable> for Refused {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Modifier(modifier) => Self::Modifier(modifier),
            Unreadable::Unknown => Self::Unknown,
            Unreadable::Value(takes) => Self::Value(takes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::criterion_tests::Anywhere;
    use super::*;

    fn parse(text: &str, strict: bool) -> Result<Query, FhirError> {
        let info = TypeInfo::by_name("Observation").unwrap();
        Query::parse(
            info,
            serde_urlencoded::from_str(text).unwrap(),
            strict,
            &Anywhere,
        )
    }

    #[test]
    fn unknown_parameters_are_refused_only_when_handling_is_strict() {
        let lenient = parse("patient=p1&colour=red&_sort=-date,shade&_count=7", false).unwrap();
        assert_eq!(
            lenient.address("b", None),
            "b/Observation?patient=p1&_count=7"
        );
        assert!(matches!(
            parse("colour=red", true),
            Err(FhirError::UnknownParameter { .. })
        ));
        assert!(matches!(
            parse("date=soon", false),
            Err(FhirError::BadValue { .. })
        ));
        assert!(matches!(
            parse("code:above=x", false),
            Err(FhirError::Modifier { .. })
        ));
    }

    #[test]
    fn a_page_link_carries_the_search_and_the_place() {
        let query = parse("code=a,b&_sort=-date", false).unwrap();
        let next = query.address(
            "b",
            Some(Position {
                drawer: 3,
                offset: 40,
            }),
        );
        let (_, text) = next.split_once('?').unwrap();
        let again = parse(text, false).unwrap();
        assert_eq!(
            again.from,
            Position {
                drawer: 3,
                offset: 40
            }
        );
        assert_eq!(
            (again.pairs, again.criteria, again.sort),
            (query.pairs, query.criteria, query.sort)
        );
        assert!(matches!(parse("_page=%21", false), Err(FhirError::BadPage)));
        assert!(matches!(parse("_page=e30", false), Err(FhirError::BadPage)));
    }
}
