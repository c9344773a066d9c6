//! A make-believe EPJ: SMART authorization, HelseID simulator, FHIR R4, launch page.
//!
//! A sandbox is a row; its people are computed by `synthetic_data`, and only what was written in it
//! is stored. Every request to it is recorded as evidence. The public face is [`Sandbox`].

pub mod approvals;
pub mod config;
mod domain;
mod error;
mod fhir;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod http;
pub mod notifications;
pub mod personas;
mod sandbox;
mod service;
mod store;
pub mod terminology;

pub use approvals::{ApprovalSource, ListedApp, SourceError, StatusFeed};
pub use config::{HelseIdClient, SandboxConfig};
pub use domain::behaviour::{
    AccessTokenForm, Behaviour, FhirFault, FhirUserForm, IdTokenFault, PersonName, StateBehaviour,
};
pub use domain::client::{AuthMethod, BadClient, Client, NewClient};
pub use domain::exchange::{Exchange, Pair, Surface};
pub use domain::launch::{EncounterChoice, EncounterSummary, Launched, NewLaunch, PersonSummary};
pub use domain::sandbox::{Cast, DEMO, NewSandbox, SandboxInfo};
pub use domain::snapshot::{NewClone, Snapshot};
pub use error::SandboxError;
pub use notifications::{NotSent, Notification, NotificationSink};
pub use sandbox::{Parts, Sandbox};
pub use service::clients::RegisteredClient;
