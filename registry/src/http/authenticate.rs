//! API tokens in `Authorization: Bearer`: they become the request's actor, or end it.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use foundation::error::{Fault, Problem};
use foundation::token::Token;

use crate::service::Registry;

/// Middleware: a request with an API token of the registry acts as the token's holder. Other bearer
/// tokens are left to whoever they are for.
pub async fn authenticate_layer(
    State(registry): State<Registry>,
    mut request: Request,
    next: Next,
) -> Response {
    let presented = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(bearer)
        .filter(|token| token.starts_with("mpk_"))
        .map(Token::presented);
    let Some(token) = presented else {
        return next.run(request).await;
    };
    match registry.authenticate(&token).await {
        Ok(Some(actor)) => {
            request.extensions_mut().insert(actor);
            next.run(request).await
        }
        Ok(None) => invalid().into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn invalid() -> Problem {
    Problem(
        Fault::new(StatusCode::UNAUTHORIZED, "token-invalid")
            .title("The API token is not valid")
            .detail("The token is unknown, has ended or was revoked.")
            .remedy("Make a new token in the console and send that."),
    )
}
