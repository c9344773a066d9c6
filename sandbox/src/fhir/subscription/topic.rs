//! The topics that can be subscribed to: what has to happen to a resource of which type. They stand in
//! one table, from which the `CapabilityStatement` names them and changes are held against them.

use serde_json::Value;

use super::super::types::TypeInfo;

/// What every topic's canonical URL begins with.
const CANONICAL: &str = "urn:markedsplass:topic:";
/// What the topic of all changes of a type ends in.
const CHANGE: &str = "-change";

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let all = [Self::Create, Self::Update, Self::Delete];
        all.into_iter().find(|one| one.as_str() == text)
    }
}

/// What has to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trigger {
    /// It is created, updated or deleted.
    Changed,
    /// It is created.
    Created,
    /// Its status becomes one of these, from another or from nothing.
    Becomes(&'static [&'static str]),
    /// Its status becomes another, or it is created with one.
    StatusChanged,
}

/// A topic.
#[derive(Clone, Debug)]
pub(crate) struct Topic {
    pub(crate) url: String,
    pub(crate) info: &'static TypeInfo,
    trigger: Trigger,
}

/// Topics of what care is about, beside the changes of each type: name, type and trigger. All of them can
/// be filtered by any search parameter of their type that looks at the resource itself.
const NAMED: [(&str, &str, Trigger); 10] = [
    (
        "appointment-booked",
        "Appointment",
        Trigger::Becomes(&["booked"]),
    ),
    (
        "encounter-end",
        "Encounter",
        Trigger::Becomes(&["finished"]),
    ),
    (
        "encounter-start",
        "Encounter",
        Trigger::Becomes(&["in-progress"]),
    ),
    ("new-document", "DocumentReference", Trigger::Created),
    ("new-message", "Communication", Trigger::Created),
    ("new-observation", "Observation", Trigger::Created),
    (
        "new-report",
        "DiagnosticReport",
        Trigger::Becomes(&["final", "amended", "corrected"]),
    ),
    (
        "prescription-active",
        "MedicationRequest",
        Trigger::Becomes(&["active"]),
    ),
    (
        "questionnaire-answered",
        "QuestionnaireResponse",
        Trigger::Becomes(&["completed", "amended"]),
    ),
    ("task-status", "Task", Trigger::StatusChanged),
];

impl Topic {
    /// Every topic: the named ones, then the changes of each type.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let named = NAMED.iter().filter_map(|(name, kind, trigger)| {
            Some(Self {
                url: format!("{CANONICAL}{name}"),
                info: TypeInfo::by_name(kind)?,
                trigger: *trigger,
            })
        });
        named.chain(TypeInfo::all().iter().map(Self::changes_of))
    }

    fn changes_of(info: &'static TypeInfo) -> Self {
        Self {
            url: format!("{CANONICAL}{}{CHANGE}", info.name),
            info,
            trigger: Trigger::Changed,
        }
    }

    /// The topic with this canonical URL.
    pub(crate) fn by_url(url: &str) -> Option<Self> {
        let name = url.strip_prefix(CANONICAL)?;
        match name.strip_suffix(CHANGE).and_then(TypeInfo::by_name) {
            Some(info) => Some(Self::changes_of(info)),
            None => Self::all().find(|topic| topic.url == url),
        }
    }

    /// Whether what was there before has to be known.
    pub(crate) fn compares(&self) -> bool {
        matches!(self.trigger, Trigger::Becomes(_) | Trigger::StatusChanged)
    }

    /// Whether it is about this change, from what was there before to what is there now.
    pub(crate) fn is_about(&self, action: Action, before: Option<&Value>, now: &Value) -> bool {
        let status = |resource: &Value| resource.get("status").cloned();
        let (earlier, status) = (before.and_then(status), status(now));
        match self.trigger {
            Trigger::Changed => true,
            _ if action == Action::Delete => false,
            Trigger::Created => action == Action::Create,
            Trigger::StatusChanged => earlier != status,
            Trigger::Becomes(wanted) => {
                let is = |one: &Option<Value>| {
                    let one = one.as_ref().and_then(Value::as_str);
                    one.is_some_and(|one| wanted.contains(&one))
                };
                is(&status) && !is(&earlier)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    fn topic(name: &str) -> Topic {
        Topic::by_url(&format!("{CANONICAL}{name}")).unwrap()
    }

    #[test]
    fn every_topic_is_found_by_its_own_address() {
        let urls: BTreeSet<String> = Topic::all().map(|topic| topic.url).collect();
        assert_eq!(urls.len(), NAMED.len() + TypeInfo::all().len());
        for url in urls {
            assert_eq!(Topic::by_url(&url).unwrap().url, url);
        }
        for none in ["", "-change", "Parameters-change", "new-observation:"] {
            assert!(Topic::by_url(&format!("{CANONICAL}{none}")).is_none());
        }
    }

    #[test]
    fn a_status_is_come_to_once() {
        let start = topic("encounter-start");
        let (planned, begun) = (
            json!({"status": "planned"}),
            json!({"status": "in-progress"}),
        );
        assert!(start.is_about(Action::Create, None, &begun));
        assert!(start.is_about(Action::Update, Some(&planned), &begun));
        assert!(!start.is_about(Action::Update, Some(&begun), &begun));
        assert!(!start.is_about(Action::Update, Some(&begun), &planned));
        assert!(!start.is_about(Action::Delete, Some(&planned), &begun));
        let task = topic("task-status");
        assert!(task.is_about(Action::Update, Some(&begun), &planned));
        assert!(!task.is_about(Action::Update, Some(&begun), &begun));
    }

    #[test]
    fn what_is_new_is_created_and_a_change_is_anything() {
        let (new, any) = (topic("new-observation"), topic("Observation-change"));
        let now = json!({"status": "final"});
        for (action, is_new) in [
            (Action::Create, true),
            (Action::Update, false),
            (Action::Delete, false),
        ] {
            assert_eq!(new.is_about(action, Some(&now), &now), is_new);
            assert!(any.is_about(action, Some(&now), &now));
        }
    }
}
