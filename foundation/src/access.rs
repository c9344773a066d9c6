//! Who may call what. A route cannot be added without saying who may use it: [`Routes`] is the
//! only way that the rooms build their routers, it enforces the roles, and the table it leaves
//! behind is walked by a test. Denied is the default: a route's roles are always listed.
//!
//! Who the caller *is* ([`Actor`]) is put into the request by each room's own authentication.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::handler::Handler;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use serde::{Deserialize, Serialize};

use crate::error::{Fault, Problem};

/// What an organisation does on the marketplace; a person acts in the roles of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Makes apps and offers them.
    Vendor,
    /// Examines apps and signs decisions.
    Reviewer,
    /// Looks for apps and buys them.
    Municipality,
    /// Runs an EHR that verifies and launches apps.
    Epj,
    /// Runs the marketplace.
    Operator,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Vendor,
        Self::Reviewer,
        Self::Municipality,
        Self::Epj,
        Self::Operator,
    ];

    /// The stable spelling, as in configuration and tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Reviewer => "reviewer",
            Self::Municipality => "municipality",
            Self::Epj => "epj",
            Self::Operator => "operator",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownRole)
    }
}

/// A text that names no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown role; one of vendor, reviewer, municipality, epj, operator")]
pub struct UnknownRole;

/// The person who calls, and the organisation that they act for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Stable pseudonymous subject of the person (an OIDC `sub`), never an identity number.
    pub person: String,
    /// Name to show.
    pub name: String,
    /// Organisation number, nine digits.
    pub organisation: String,
    /// Name of the organisation to show.
    pub organisation_name: String,
    /// Roles that the organisation gave the person.
    pub roles: BTreeSet<Role>,
}

impl Actor {
    /// True when the person may act in `role`.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody, also without login.
    Public,
    /// Everybody who is logged in.
    Authenticated,
    /// Who has at least one of these roles.
    Roles(&'static [Role]),
    /// Holders of a token that the handler itself checks (SMART access tokens, client secrets).
    Token(&'static str),
}

impl Access {
    fn check(self, actor: Option<&Actor>) -> Result<(), Denied> {
        match (self, actor) {
            (Self::Public | Self::Token(_), _) | (Self::Authenticated, Some(_)) => Ok(()),
            (Self::Roles(roles), Some(actor)) if roles.iter().any(|role| actor.is(*role)) => Ok(()),
            (Self::Roles(_), Some(_)) => Err(Denied::WrongRole),
            (_, None) => Err(Denied::NotLoggedIn),
        }
    }
}

/// Why a route refused its caller. It travels as an extension of the response, so that the portal
/// can answer with its login or a page instead of a problem document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Nobody is logged in.
    NotLoggedIn,
    /// Somebody is, without a role that may do this.
    WrongRole,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let fault = match self {
            Self::NotLoggedIn => Fault::new(StatusCode::UNAUTHORIZED, "not-logged-in")
                .title("Nobody is logged in")
                .detail("This needs a login or an API token.")
                .remedy("Log in, or send `Authorization: Bearer` with a token from the console."),
            Self::WrongRole => Fault::new(StatusCode::FORBIDDEN, "wrong-role")
                .title("Your role may not do this")
                .detail("You are logged in, but in no role that may use this address.")
                .remedy("Act for an organisation that has the role, or ask its administrator."),
        };
        let mut response = Problem(fault).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// One line of the table of routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteEntry {
    /// HTTP method.
    pub method: Method,
    /// Path as axum writes it.
    pub path: String,
    /// Who may use it.
    pub access: Access,
}

/// A router that knows who may use each of its routes.
#[derive(Debug)]
pub struct Routes<S = ()> {
    router: Router<S>,
    /// Those whose handlers ask for a token of their own ([`Access::Token`]).
    own_tokens: Router<S>,
    table: Vec<RouteEntry>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes.
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            own_tokens: Router::new(),
            table: Vec::new(),
        }
    }

    /// Adds a `GET` route (which answers `HEAD` too).
    #[must_use]
    pub fn get<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::GET, MethodFilter::GET, path, access, handler)
    }

    /// Adds a `POST` route.
    #[must_use]
    pub fn post<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::POST, MethodFilter::POST, path, access, handler)
    }

    /// Adds a `PUT` route.
    #[must_use]
    pub fn put<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::PUT, MethodFilter::PUT, path, access, handler)
    }

    /// Adds a `PATCH` route.
    #[must_use]
    pub fn patch<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::PATCH, MethodFilter::PATCH, path, access, handler)
    }

    /// Adds a `DELETE` route.
    #[must_use]
    pub fn delete<H, T>(self, path: &str, access: Access, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::DELETE, MethodFilter::DELETE, path, access, handler)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &str,
        access: Access,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let handler = on(filter, handler);
        if matches!(access, Access::Token(_)) {
            self.own_tokens = self.own_tokens.route(path, handler);
        } else {
            let guard = middleware::from_fn(move |request: Request, next: Next| async move {
                match access.check(request.extensions().get::<Actor>()) {
                    Ok(()) => next.run(request).await,
                    Err(denied) => denied.into_response(),
                }
            });
            self.router = self.router.route(path, handler.layer(guard));
        }
        self.table.push(RouteEntry {
            method,
            path: path.to_owned(),
            access,
        });
        self
    }

    /// Adds the routes of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.own_tokens = self.own_tokens.merge(other.own_tokens);
        self.table.extend(other.table);
        self
    }

    /// What answers where there is no route; the layers that are added later go around it.
    #[must_use]
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.router = self.router.fallback(handler);
        self
    }

    /// Wraps every route, for a room's own layers; the table stays. A fallback is not for here: there are
    /// two routers, and they become one.
    #[must_use]
    pub fn map(mut self, wrap: impl Fn(Router<S>) -> Router<S>) -> Self {
        self.router = wrap(self.router);
        self.own_tokens = wrap(self.own_tokens);
        self
    }

    /// Wraps the routes whose callers are [`Actor`]s, if they say who they are: not those whose handlers
    /// ask for a token of their own, which no other layer may take for anything else.
    #[must_use]
    pub fn authenticated(mut self, wrap: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        self.router = wrap(self.router);
        self
    }

    /// Gives the handlers their state.
    #[must_use]
    pub fn with_state<S2>(self, state: S) -> Routes<S2> {
        Routes {
            router: self.router.with_state(state.clone()),
            own_tokens: self.own_tokens.with_state(state),
            table: self.table,
        }
    }

    /// Who may use what.
    pub fn table(&self) -> &[RouteEntry] {
        &self.table
    }

    /// The router alone, to be served.
    pub fn into_router(self) -> Router<S> {
        self.router.merge(self.own_tokens)
    }
}

/// The caller, in a handler whose route demands one.
impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Denied> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or(Denied::NotLoggedIn)
    }
}

/// The caller if there is one, in a handler whose route is public.
#[derive(Clone, Debug)]
pub struct Visitor(pub Option<Actor>);

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get::<Actor>().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use tower::ServiceExt;

    use super::*;

    fn actor(role: Role) -> Actor {
        Actor {
            person: "p".to_owned(),
            name: "P".to_owned(),
            organisation: "310000000".to_owned(),
            organisation_name: "O".to_owned(),
            roles: BTreeSet::from([role]),
        }
    }

    async fn status(access: Access, actor: Option<Actor>) -> u16 {
        let routes: Routes = Routes::new().get("/x", access, || async { "ok" });
        let mut request = Request::builder().uri("/x").body(Body::empty()).unwrap();
        if let Some(actor) = actor {
            request.extensions_mut().insert(actor);
        }
        let response = routes.into_router().oneshot(request).await.unwrap();
        response.status().as_u16()
    }

    #[tokio::test]
    async fn a_route_lets_in_only_whom_it_names() {
        let vendors = Access::Roles(&[Role::Vendor]);
        assert_eq!(status(vendors, None).await, 401);
        assert_eq!(status(vendors, Some(actor(Role::Reviewer))).await, 403);
        assert_eq!(status(vendors, Some(actor(Role::Vendor))).await, 200);
        assert_eq!(status(Access::Authenticated, None).await, 401);
        assert_eq!(
            status(Access::Authenticated, Some(actor(Role::Epj))).await,
            200
        );
        assert_eq!(status(Access::Public, None).await, 200);
    }
}
