//! The registry: vendors, apps and their frozen versions, reviews, decisions about an approval's
//! standing, the catalogue, and the origins that uploaded apps are served from.
//!
//! [`Registry`] is the service that the portal and the command line call; [`Registry::routes`] is
//! its HTTP API and [`Registry::apps_router`] the server of uploaded apps. What an approval *is* and
//! how it is verified lives in the `verifier` crate.

mod config;
mod domain;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod http;
mod jobs;
mod service;
mod store;
mod trust;

pub use config::{KeysConfig, LogConfig, Pkcs11Config, RegistryConfig, StoreKind, WitnessConfig};
pub use domain::app::{AppEntry, AppKind, Contacts, Links, LocalText, PriceModel};
pub use domain::catalogue::{CatalogueQuery, Facet, FacetValue, Listing, Results, Sort};
pub use domain::history::HistoryEntry;
pub use domain::manifest::VersionManifest;
pub use domain::notice::{Notice, NoticeKind};
pub use domain::organisation::{Organisation, OrganisationNumber, Person};
pub use domain::release::{Addresses, ContentLevel};
pub use domain::standing::Action;
pub use domain::vendor_key::{KeyRefusal, KeyState};
pub use domain::version::VersionState;
pub use error::{RegistryError, ReviewRefusal, StandingRefusal};
pub use http::authenticate::authenticate_layer;
pub use http::documents::OPENAPI;
pub use service::apps::{AppView, VendorApp};
pub use service::carry::Published;
pub use service::ceremonies::ListedKey;
pub use service::chain::{Chain, LogLink, ReviewLink, WitnessLink};
pub use service::federation::{FederationKeyRequest, FederationKeyView};
pub use service::hosted::ContentView;
pub use service::keys::{KeyView, ReviewerKeyRequest, VendorKeyRequest};
pub use service::ports::{
    Fetched, Hosted, Once, Outcome, PortError, RequirementResult, ReviewCase, Signing,
    SigningError, Subject, Verdict, Verdicts,
};
pub use service::resign::{Remedy, Stranded};
pub use service::reviews::{QueueItem, ReviewRequest, ReviewView};
pub use service::standing::{StandingOutcome, StandingRequest, StandingView};
pub use service::submission::SubmissionRequest;
pub use service::tokens::{NewToken, TokenView};
pub use service::upload::{Upload, Uploaded};
pub use service::verify::{ApprovalSummary, Ruling, StatusAge, Verification, VerifyRequest};
pub use service::versions::{ListedVersion, ReleaseSigner, VersionView};
pub use service::{Parts, Registry};
pub use trust::desk::Desk;
pub use trust::keys::{KeyError, Keys};
pub use trust::log::{
    LogError, LogObstacle, LogParts, Place, Restored, TransparencyLog, Witnessed,
};
pub use trust::repository::{
    BadDenied, Ceremony, CeremonyError, Cutoff, Denied, Proposal, Restriction, RoleSigner,
    RoleSigners, TrustSigning,
};
pub use trust::signer::{KeyFile, KeySecrets, KeyStoreError, KeyStores, OfflineKey};
pub use verifier::claims::{Decision, ReviewRole};
