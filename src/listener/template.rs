//! The template of the route that answered, told to what is around the router, which cannot see it: the
//! router finds the route and keeps it to itself.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// Layer of a router: adds the [`MatchedPath`] of each request to its answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Templated;

impl<S> Layer<S> for Templated {
    type Service = Telling<S>;

    fn layer(&self, inner: S) -> Telling<S> {
        Telling { inner }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Telling<S> {
    inner: S,
}

impl<S: Service<Request, Response = Response>> Service<Request> for Telling<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Told<S::Future>;

    fn poll_ready(&mut self, task: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(task)
    }

    fn call(&mut self, request: Request) -> Told<S::Future> {
        Told {
            template: request.extensions().get::<MatchedPath>().cloned(),
            answer: self.inner.call(request),
        }
    }
}

pin_project! {
    /// The answer, with the template that it is of.
    #[derive(Debug)]
    pub(super) struct Told<F> {
        template: Option<MatchedPath>,
        #[pin]
        answer: F,
    }
}

impl<F: Future<Output = Result<Response, E>>, E> Future for Told<F> {
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let told = self.project();
        let mut answer = ready!(told.answer.poll(task));
        if let (Ok(response), Some(template)) = (&mut answer, told.template.take()) {
            response.extensions_mut().insert(template);
        }
        Poll::Ready(answer)
    }
}
