//! A resource as an app sends it: read without losing how it was written, looked over, and stamped
//! with the server's id, version and time. Decimals and the order of members stay as they came.

use std::fmt;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use foundation::Timestamp;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::error::{FhirError, Flaw};
use super::flaws;
use super::types::TypeInfo;

/// The members of a JSON object in their order, each as it was written.
#[derive(Debug, Default)]
pub(crate) struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.iter().any(|(known, _)| *known == name) {
                        return Err(A::Error::custom(format!("{name} stands there twice")));
                    }
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl Members {
    /// A member as it was written.
    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| &**value)
    }
}

/// A resource that came in.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) info: &'static TypeInfo,
    members: Members,
    pub(crate) value: Value,
}

impl Incoming {
    /// Reads the JSON of a resource of the type.
    pub(crate) fn parse(info: &'static TypeInfo, json: &[u8]) -> Result<Self, FhirError> {
        let bad = |error: serde_json::Error| FhirError::BadBody(error.to_string());
        let value: Value = serde_json::from_slice(json).map_err(bad)?;
        if !value.is_object() {
            return Err(FhirError::BadBody("it is no JSON object".to_owned()));
        }
        match value.get("resourceType").and_then(Value::as_str) {
            Some(name) if name == info.name => {}
            Some(other) => {
                let other: String = other.chars().take(64).collect();
                let name = info.name;
                let reason = format!("it is a {other}, and the address is of {name}");
                return Err(FhirError::BadBody(reason));
            }
            None => return Err(FhirError::BadBody("resourceType is missing".to_owned())),
        }
        let members = serde_json::from_slice(json).map_err(bad)?;
        Ok(Self {
            info,
            members,
            value,
        })
    }

    /// Reads a body. A Binary may come as the bytes that it is to hold.
    pub(crate) fn read(
        info: &'static TypeInfo,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Self, FhirError> {
        let (media, essence) = media_type(headers);
        let is_json = matches!(
            essence.as_str(),
            "application/fhir+json" | "application/json" | "text/json"
        );
        if is_json {
            return Self::parse(info, body);
        }
        if info.name != "Binary" || essence.ends_with("xml") {
            return Err(FhirError::UnsupportedMedia(
                essence.chars().take(80).collect(),
            ));
        }
        let data = STANDARD.encode(body);
        let binary = json!({"resourceType": "Binary", "contentType": media, "data": data});
        Self::parse(info, binary.to_string().as_bytes())
    }

    /// The id in the resource.
    pub(crate) fn id(&self) -> Option<&str> {
        self.value.get("id").and_then(Value::as_str)
    }

    /// A Binary that does not say whose it is becomes the patient's in whose context it is written.
    pub(crate) fn secured_for(self, patient: Option<&str>) -> Result<Self, FhirError> {
        let Some(patient) = patient.filter(|_| self.info.name == "Binary") else {
            return Ok(self);
        };
        if self.value.get("securityContext").is_some() {
            return Ok(self);
        }
        let mut value = self.value;
        if let Some(members) = value.as_object_mut() {
            let reference = json!({"reference": format!("Patient/{patient}")});
            members.insert("securityContext".to_owned(), reference);
        }
        Self::parse(self.info, value.to_string().as_bytes())
    }

    /// What is wrong with the resource by itself; refused at once when it names a real person.
    pub(crate) fn check(&self) -> Result<(), FhirError> {
        if flaws::has_real_number(&self.value) {
            return Err(FhirError::RealNumber(self.info.name));
        }
        refuse(flaws::shape(self.info, &self.value))
    }

    /// The resource's bytes with id, version and time set by the server.
    pub(crate) fn stamped(&self, id: &str, version: i64, now: Timestamp) -> Vec<u8> {
        let size: usize = self.members.0.iter().map(|(_, one)| one.get().len()).sum();
        let mut out = Vec::with_capacity(size + 256);
        let name = self.info.name;
        let at = now.rfc3339();
        let start = format!(
            r#"{{"resourceType":"{name}","id":{},"meta":{{"versionId":"{version}","lastUpdated":"{at}""#,
            json!(id)
        );
        out.extend_from_slice(start.as_bytes());
        let meta = self.members.get("meta");
        let meta: Members = meta
            .and_then(|meta| serde_json::from_str(meta.get()).ok())
            .unwrap_or_default();
        append(&mut out, &meta, &["versionId", "lastUpdated"]);
        out.push(b'}');
        append(&mut out, &self.members, &["resourceType", "id", "meta"]);
        out.push(b'}');
        out
    }
}

fn append(out: &mut Vec<u8>, members: &Members, but: &[&str]) {
    let wanted = members.0.iter();
    for (name, value) in wanted.filter(|(name, _)| !but.contains(&name.as_str())) {
        out.push(b',');
        out.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
        out.push(b':');
        out.extend_from_slice(value.get().as_bytes());
    }
}

/// The media type of a body, whole and without its parameters.
pub(crate) fn media_type(headers: &HeaderMap) -> (&str, String) {
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media = media.unwrap_or("application/fhir+json");
    let essence = media.split(';').next().unwrap_or_default();
    (media, essence.trim().to_ascii_lowercase())
}

/// Refuses what has flaws.
pub(crate) fn refuse(flaws: Vec<Flaw>) -> Result<(), FhirError> {
    if flaws.is_empty() {
        Ok(())
    } else {
        Err(FhirError::Invalid(flaws))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn incoming(json: &str) -> Result<Incoming, FhirError> {
        Incoming::parse(TypeInfo::by_name("Observation").unwrap(), json.as_bytes())
    }

    #[test]
    fn what_was_written_stays_as_it_was_written() {
        let text = r#"{"id":"mine","valueQuantity":{"value":5.40},"resourceType":"Observation",
            "meta":{"versionId":"7","profile":["p"]},"status":"final"}"#;
        let stamped = incoming(text)
            .unwrap()
            .stamped("o-1", 3, Timestamp::from_millis(0));
        assert_eq!(
            String::from_utf8(stamped).unwrap(),
            r#"{"resourceType":"Observation","id":"o-1","meta":{"versionId":"3","lastUpdated":"1970-01-01T00:00:00.000Z","profile":["p"]},"valueQuantity":{"value":5.40},"status":"final"}"#
        );
    }

    #[test]
    fn what_is_no_resource_of_the_type_is_refused() {
        for text in [
            "",
            "[]",
            "{",
            "{}",
            r#"{"resourceType":"Patient"}"#,
            r#"{"resourceType":"Observation","status":"final","status":"final"}"#,
        ] {
            assert!(
                matches!(incoming(text), Err(FhirError::BadBody(_))),
                "{text}"
            );
        }
        let deep = format!(
            r#"{{"resourceType":"Observation","x":{}{}}}"#,
            "[".repeat(500),
            "]".repeat(500)
        );
        assert!(incoming(&deep).is_err());
    }

    proptest! {
        #[test]
        fn stamping_gives_the_same_resource(value in "[1-9][0-9]{0,2}\\.[0-9]{1,4}", note in "\\PC{0,20}") {
            let note = Value::from(note).to_string();
            let text = format!(r#"{{"resourceType":"Observation","value":{value},"note":{note}}}"#);
            let stamped = incoming(&text).unwrap().stamped("x", 1, Timestamp::from_millis(5));
            let mut back: Value = serde_json::from_slice(&stamped).unwrap();
            let members = back.as_object_mut().unwrap();
            members.shift_remove("id");
            members.shift_remove("meta");
            prop_assert_eq!(&back, &serde_json::from_str::<Value>(&text).unwrap());
            prop_assert!(String::from_utf8(stamped).unwrap().contains(&value));
        }
    }
}
