//! The addresses of the portal and who may use them. Every page exists once for each language,
//! under its prefix.

mod catalogue;
mod check;
mod cookie;
mod entry;
mod form;
mod frame;
mod home;
mod integration;
mod login;
mod new_app;
mod new_version;
mod present;
mod problem;
mod product;
mod requirement;
mod review;
mod vendor;
mod version;
mod view;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use conformance::Conformance;
use foundation::access::{Access, Role, Routes};
use foundation::error::Problem;
use foundation::http::Path;
use foundation::language::Language;
use foundation::store::Database;
use foundation::{Clock, Entropy};
use registry::Registry;

use crate::config::{PortalConfig, PortalConfigError};
use crate::error::{LoginError, PortalError};
use crate::render::problems::Problems;
use crate::render::urls::{Place, localized};
use crate::render::{RenderError, Renderer, assets};
use crate::service::login::{Directory, Logins};
use crate::service::oidc::Issuer;
use crate::service::session::Sessions;

#[cfg(test)]
pub(crate) use frame::Frame;

const VENDOR: Access = Access::Roles(&[Role::Vendor]);
const DESK: Access = Access::Roles(&[Role::Reviewer, Role::Operator]);
const REVIEWER: Access = Access::Roles(&[Role::Reviewer]);

/// What the portal is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Where sessions are kept.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Its section of the configuration.
    pub config: PortalConfig,
    /// Apps, versions, reviews and people.
    pub registry: Registry,
    /// Checks and requirements.
    pub conformance: Conformance,
}

/// Why the portal cannot open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] PortalConfigError),
    /// A template or a message is wrong.
    #[error("the pages cannot be made: {0}")]
    Pages(String),
    /// The client for the login service cannot be made.
    #[error("the login cannot be set up: {0}")]
    Login(String),
}

/// The portal; cheap to clone.
#[derive(Clone, Debug)]
pub struct Portal(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    parts: Parts,
    renderer: Renderer,
    problems: Problems,
    sessions: Sessions,
    logins: Logins,
}

impl Portal {
    /// Opens the portal: checks its settings and reads every template and message.
    pub fn new(parts: Parts) -> Result<Self, OpenError> {
        parts.config.validate()?;
        let pages = |error: RenderError| OpenError::Pages(error.to_string());
        let renderer = Renderer::new(parts.config.templates.as_deref()).map_err(pages)?;
        let problems = Problems::embedded().map_err(pages)?;
        let issuer = Issuer::new(&parts.config.issuer, Arc::clone(&parts.clock))
            .map_err(|error: LoginError| OpenError::Login(error.to_string()))?;
        let directory: Arc<dyn Directory> =
            Arc::new(login::RegistryDirectory(parts.registry.clone()));
        let sessions = Sessions {
            database: parts.database.clone(),
            clock: Arc::clone(&parts.clock),
            entropy: Arc::clone(&parts.entropy),
            lifetime: Duration::from_secs(u64::from(parts.config.session_minutes) * 60),
        };
        let logins = Logins {
            database: parts.database.clone(),
            clock: Arc::clone(&parts.clock),
            entropy: Arc::clone(&parts.entropy),
            config: Arc::new(parts.config.clone()),
            issuer,
            directory,
        };
        Ok(Self(Arc::new(Inner {
            parts,
            renderer,
            problems,
            sessions,
            logins,
        })))
    }

    /// Every page.
    pub fn routes(&self) -> Routes {
        let uploads = DefaultBodyLimit::max(
            usize::try_from(self.registry().max_packed_bytes())
                .unwrap_or(usize::MAX)
                .saturating_add(1024 * 1024),
        );
        let mut routes: Routes<Self> = Routes::new();
        for language in Language::ALL {
            routes = public(routes, language);
            routes = personal(routes, language);
            routes = vendor_pages(routes, language, uploads);
            routes = desk(routes, language);
        }
        let layer = from_fn_with_state(self.clone(), present::present);
        routes
            .map(|router| router.layer(layer.clone()))
            .merge(Routes::new().get(
                "/assets/{file}",
                Access::Public,
                |Path(file): Path<String>| async move { assets::serve(&file) },
            ))
            .with_state(self.clone())
    }

    /// Answers addresses that lead nowhere with a page; for the listener's fallback.
    pub fn not_found(&self) -> Router {
        Router::new()
            .fallback(|| async { Problem::from(PortalError::NotFound) })
            .layer(from_fn_with_state(self.clone(), present::present))
    }

    fn config(&self) -> &PortalConfig {
        &self.0.parts.config
    }

    fn entropy(&self) -> &dyn Entropy {
        &*self.0.parts.entropy
    }

    fn renderer(&self) -> &Renderer {
        &self.0.renderer
    }

    fn problems(&self) -> &Problems {
        &self.0.problems
    }

    fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    fn logins(&self) -> &Logins {
        &self.0.logins
    }

    fn registry(&self) -> &Registry {
        &self.0.parts.registry
    }

    fn conformance(&self) -> &Conformance {
        &self.0.parts.conformance
    }
}

fn at(place: Place, language: Language) -> String {
    localized(language, place.0)
}

fn public(routes: Routes<Portal>, language: Language) -> Routes<Portal> {
    let everybody = Access::Public;
    let at = |place| at(place, language);
    routes
        .get(&at(Place::FRONT), everybody, catalogue::front)
        .get(&at(Place::PRODUCTS), everybody, catalogue::list)
        .get(&at(Place::PRODUCT), everybody, product::page)
        .get(
            &at(Place::PRODUCT_REQUIREMENTS),
            everybody,
            product::requirements,
        )
        .get(&at(Place::REQUIREMENTS), everybody, requirement::list)
        .get(&at(Place::REQUIREMENT), everybody, requirement::page)
        .get(&at(Place::INTEGRATION), everybody, integration::page)
        .get(&at(Place::PROBLEMS), everybody, problem::list)
        .get(&at(Place::PROBLEM), everybody, problem::page)
        .get(&at(Place::LOGIN), everybody, login::begin)
        .get(&at(Place::LOGIN_ANSWER), everybody, login::finish)
        // The room decides who may see a check: everybody, once its version is published.
        .get(&at(Place::CHECK), everybody, check::page)
        .get(&at(Place::CHECK_EVENTS), everybody, check::events)
}

fn personal(routes: Routes<Portal>, language: Language) -> Routes<Portal> {
    let anybody = Access::Authenticated;
    let at = |place| at(place, language);
    routes
        .post(&at(Place::LOGOUT), anybody, login::end)
        .get(&at(Place::HOME), anybody, home::page)
        .get(&at(Place::TOKENS), anybody, home::tokens)
        .post(&at(Place::TOKENS), anybody, home::make_token)
        .post(&at(Place::TOKEN_REVOCATION), anybody, home::revoke_token)
}

fn vendor_pages(
    routes: Routes<Portal>,
    language: Language,
    uploads: DefaultBodyLimit,
) -> Routes<Portal> {
    let at = |place| at(place, language);
    let large = Routes::new()
        .post(&at(Place::NEW_VERSION), VENDOR, new_version::send)
        .map(|router| router.layer(uploads));
    routes
        .get(&at(Place::VENDOR), VENDOR, vendor::list)
        .get(&at(Place::NEW_APP), VENDOR, new_app::show)
        .post(&at(Place::NEW_APP), VENDOR, new_app::send)
        .get(&at(Place::VENDOR_APP), VENDOR, vendor::app)
        .get(&at(Place::NEW_VERSION), VENDOR, new_version::show)
        .get(&at(Place::VERSION), VENDOR, version::page)
        .post(&at(Place::START_CHECK), VENDOR, version::check)
        .post(&at(Place::SUBMISSION), VENDOR, version::submit)
        .post(&at(Place::WITHDRAWAL), VENDOR, version::withdraw)
        .merge(large)
}

fn desk(routes: Routes<Portal>, language: Language) -> Routes<Portal> {
    let at = |place| at(place, language);
    routes
        .get(&at(Place::REVIEWS), DESK, review::queue)
        .get(&at(Place::CASE), DESK, review::case)
        .post(&at(Place::DECISION), REVIEWER, review::decide)
        .post(&at(Place::STATUS), DESK, review::change_standing)
}
