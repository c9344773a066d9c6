//! What an operation on Subscription is asked: by the query of its address, and by Parameters.

use serde_json::Value;

use super::super::error::FhirError;
use super::super::handler::Asked;
use super::super::room::Room;
use super::is_subscription;

/// Names with their values.
#[derive(Debug)]
pub(super) struct Wanted(Vec<(String, String)>);

/// The room of an operation on Subscription, and what is wanted of it.
pub(super) async fn entered(mut asked: Asked, name: &str) -> Result<(Room, Wanted), FhirError> {
    asked.acceptable()?;
    let (room, info) = asked.enter(name)?;
    if !is_subscription(info) {
        return Err(FhirError::Method(format!(
            "this operation of {}",
            info.name
        )));
    }
    let mut all = asked.pairs()?;
    let body = asked.content().await?;
    if !body.is_empty() {
        all.extend(parameters(&body)?);
    }
    Ok((room, Wanted(all)))
}

impl Wanted {
    /// The values under a name; a comma stands between several.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(given, _)| given == name);
        named.flat_map(|(_, value)| value.split(','))
    }

    /// The number of an event under a name.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, FhirError> {
        let given = self.values(name).next();
        let read = given.map(|text| {
            text.parse::<i64>().map_err(|_| FhirError::BadValue {
                name: name.to_owned(),
                takes: "the number of an event",
            })
        });
        read.transpose()
    }
}

/// Names and values of Parameters.
fn parameters(body: &[u8]) -> Result<Vec<(String, String)>, FhirError> {
    let bad = |reason: String| FhirError::BadBody(reason);
    let body: Value = serde_json::from_slice(body).map_err(|error| bad(error.to_string()))?;
    if body.get("resourceType").and_then(Value::as_str) != Some("Parameters") {
        return Err(bad("it is no Parameters".to_owned()));
    }
    let all = body.get("parameter").and_then(Value::as_array);
    let read = all.into_iter().flatten().filter_map(|one| {
        let members = one.as_object()?;
        let mut given = members.iter().filter(|(name, _)| name.starts_with("value"));
        let value = match given.next()?.1 {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((members.get("name")?.as_str()?.to_owned(), value))
    });
    Ok(read.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_read_as_pairs() {
        let body = json!({"resourceType": "Parameters", "parameter": [
            {"name": "id", "valueId": "a"}, {"name": "eventsSinceNumber", "valueInteger": 3},
            {"name": "none"}]});
        let read = Wanted(parameters(body.to_string().as_bytes()).unwrap());
        assert_eq!(read.values("id").collect::<Vec<_>>(), ["a"]);
        assert_eq!(read.number("eventsSinceNumber").unwrap(), Some(3));
        assert_eq!(read.0.len(), 2);
        assert!(parameters(b"{}").is_err());
        let wrong = Wanted(vec![("eventsUntilNumber".to_owned(), "x".to_owned())]);
        assert!(wrong.number("eventsUntilNumber").is_err());
    }
}
