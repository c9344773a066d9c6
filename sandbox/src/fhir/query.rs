//! A search as it was asked: conditions, order, page size, what to bring along, what to leave out, and
//! where it goes on. What is not understood is refused when the client prefers strict handling, else
//! left out of the self link, as R4 §3.1.1.3 asks.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::criterion::Surroundings;
use super::error::FhirError;
use super::include::Include;
use super::types::TypeInfo;
use super::value::Unreadable;

/// Page size without `_count`.
const USUAL_COUNT: usize = 100;
/// The largest page.
const MOST_COUNT: usize = 500;

/// What a search is over.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// The types looked through.
    pub(crate) types: Vec<&'static TypeInfo>,
    /// The address below the base: `Observation`, `Patient/p1/*` or nothing.
    pub(crate) path: String,
    /// The compartment looked in: type and id.
    pub(crate) compartment: Option<(&'static str, String)>,
}

impl Target {
    /// All resources of one type.
    pub(crate) fn of_type(info: &'static TypeInfo) -> Self {
        Self {
            types: vec![info],
            path: info.name.to_owned(),
            compartment: None,
        }
    }
}

/// How much of each resource is wanted (R4 §3.1.1.5.8 and .9).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Everything but the narrative.
    Data,
    /// These members, and what may not be left out.
    Elements(Vec<String>),
    #[default]
    Full,
    /// What the definition marks as summary.
    Summary,
    /// The narrative, and what may not be left out.
    Text,
}

/// One key to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SortBy {
    pub(crate) code: &'static str,
    pub(crate) descending: bool,
}

/// A search.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) target: Target,
    /// The conditions on each type.
    pub(crate) conditions: Vec<Vec<Condition>>,
    pub(crate) sort: Vec<SortBy>,
    pub(crate) count: usize,
    /// Only the number is asked for.
    pub(crate) number_only: bool,
    /// The number is not wanted.
    pub(crate) no_total: bool,
    pub(crate) shape: Shape,
    /// What is to come along.
    pub(crate) includes: Vec<Include>,
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
        mut target: Target,
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
        if let Some((_, names)) = pairs.iter().find(|(name, _)| name == "_type") {
            let named: Vec<&str> = names.split(',').collect();
            target.types.retain(|info| named.contains(&info.name));
        }
        let inside = target.compartment.clone();
        let inside = inside.map(|(of, id)| Condition::Compartment { of, id });
        let mut query = Self {
            conditions: vec![inside.into_iter().collect(); target.types.len()],
            target,
            sort: Vec::new(),
            count: USUAL_COUNT,
            number_only: false,
            no_total: false,
            shape: Shape::Full,
            includes: Vec::new(),
            pairs: Vec::new(),
            from,
        };
        for (name, value) in pairs {
            match query.take(&name, &value, around) {
                Ok(()) => query.pairs.push((name, value)),
                Err(refused) if strict || refused != Unreadable::Unknown => {
                    return Err(query.refusal(refused, &name));
                }
                Err(_) => {}
            }
        }
        Ok(query)
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        around: &dyn Surroundings,
    ) -> Result<(), Unreadable> {
        match name {
            "_format" | "_pretty" | "_type" => {}
            "_total" => {
                self.no_total = value == "none";
                if !matches!(value, "none" | "estimate" | "accurate") {
                    return Err(Unreadable::Value("none, estimate or accurate"));
                }
            }
            "_count" => {
                let wrong = Unreadable::Value("a number");
                let count: usize = value.parse().map_err(|_| wrong)?;
                self.number_only |= count == 0;
                self.count = count.clamp(1, MOST_COUNT);
            }
            "_sort" => self.sort_by(value)?,
            "_summary" => self.summary(value)?,
            "_elements" => {
                let members = value.split(',').map(str::trim);
                self.shape = Shape::Elements(members.map(str::to_owned).collect());
            }
            _ if name.starts_with("_include") || name.starts_with("_revinclude") => {
                let types = &self.target.types;
                self.includes.extend(Include::parse(types, name, value)?);
            }
            _ if value.is_empty() => return Err(Unreadable::Unknown),
            _ => {
                let types = self.target.types.iter();
                let read = types.map(|info| Condition::parse(info, name, value, around));
                let read = read.collect::<Result<Vec<Condition>, Unreadable>>()?;
                if read.is_empty() {
                    return Err(Unreadable::Unknown);
                }
                for (conditions, one) in self.conditions.iter_mut().zip(read) {
                    conditions.push(one);
                }
            }
        }
        Ok(())
    }

    fn summary(&mut self, value: &str) -> Result<(), Unreadable> {
        match value {
            "count" => self.number_only = true,
            "false" => self.shape = Shape::Full,
            "true" => self.shape = Shape::Summary,
            "text" => self.shape = Shape::Text,
            "data" => self.shape = Shape::Data,
            _ => return Err(Unreadable::Value("true, false, text, data or count")),
        }
        Ok(())
    }

    fn sort_by(&mut self, value: &str) -> Result<(), Unreadable> {
        for name in value.split(',') {
            let (name, descending) = match name.strip_prefix('-') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let mut types = self.target.types.iter();
            let first = types.next().and_then(|info| info.parameter(name));
            let first = first.ok_or(Unreadable::Unknown)?;
            if types.any(|info| info.parameter(name).is_none()) {
                return Err(Unreadable::Unknown);
            }
            self.sort.push(SortBy {
                code: first.code,
                descending,
            });
        }
        Ok(())
    }

    fn refusal(&self, refused: Unreadable, name: &str) -> FhirError {
        let name: String = name.chars().take(60).collect();
        match refused {
            Unreadable::Modifier(modifier) => FhirError::Modifier { name, modifier },
            Unreadable::Unknown => FhirError::UnknownParameter {
                name,
                resource_type: match self.target.types.as_slice() {
                    [only] => only.name,
                    _ => "Resource",
                },
            },
            Unreadable::Value(takes) => FhirError::BadValue { name, takes },
        }
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
        // A comma may stand in a query (RFC 3986 §3.4), and readers of `self` look for it between values.
        let query = serde_urlencoded::to_string(pairs)
            .unwrap_or_default()
            .replace("%2C", ",");
        let mark = if query.is_empty() { "" } else { "?" };
        let path = &self.target.path;
        let slash = if path.is_empty() { "" } else { "/" };
        format!("{base}{slash}{path}{mark}{query}")
    }
}

fn read_page(token: &str) -> Result<PageToken, FhirError> {
    let json = URL_SAFE_NO_PAD
        .decode(token)
        .map_err(|_| FhirError::BadPage)?;
    serde_json::from_slice(&json).map_err(|_| FhirError::BadPage)
}

#[cfg(test)]
mod tests {
    use super::super::criterion_tests::Anywhere;
    use super::*;

    fn parse(text: &str, strict: bool) -> Result<Query, FhirError> {
        let info = TypeInfo::by_name("Observation").unwrap();
        Query::parse(
            Target::of_type(info),
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
            parse("code:sideways=x", false),
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
            (again.pairs, again.conditions, again.sort),
            (query.pairs, query.conditions, query.sort)
        );
        assert!(matches!(parse("_page=%21", false), Err(FhirError::BadPage)));
        assert!(matches!(parse("_page=e30", false), Err(FhirError::BadPage)));
    }
}
