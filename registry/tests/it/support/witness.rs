//! A witness on a port of this machine, which can be unplugged.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use foundation::Clock;
use foundation::signing::Seed;
use foundation::testing::{self, TestDatabase};
use registry::WitnessConfig;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use verifier::note::VerifierKey;
use witness::{Identity, Parts, Witness};

/// A running witness.
pub(crate) struct Running {
    pub(crate) witness: Witness,
    pub(crate) config: WitnessConfig,
    pub(crate) database: TestDatabase,
    plugged: Arc<AtomicBool>,
    server: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Running {
    /// The witness with this number, with a memory of its own.
    pub(crate) async fn start(number: u8, logs: &[VerifierKey], clock: Arc<dyn Clock>) -> Self {
        let database = testing::sqlite().await.unwrap();
        Self::on(number, logs, clock, database).await
    }

    /// The witness with this number, with this memory.
    pub(crate) async fn on(
        number: u8,
        logs: &[VerifierKey],
        clock: Arc<dyn Clock>,
        database: TestDatabase,
    ) -> Self {
        let name = format!("w{number}.example.no");
        let seeds: [Seed; 2] = [[number; 32], [number + 100; 32]];
        let identity = Identity::of(&name, &seeds).unwrap();
        let keys = identity.keys().map(ToString::to_string).collect();
        let witness = Witness::new(Parts {
            database: database.database.clone(),
            clock,
            identity,
            logs: logs.to_vec(),
        });
        let plugged = Arc::new(AtomicBool::new(true));
        let router = unpluggable(witness.router(), Arc::clone(&plugged));
        let (url, server) = serve(router).await;
        Self {
            witness,
            config: WitnessConfig {
                name: format!("w{number}"),
                url,
                keys,
                unlisted: false,
            },
            database,
            plugged,
            server,
        }
    }

    pub(crate) fn unplug(&self) {
        self.plugged.store(false, Ordering::SeqCst);
    }

    pub(crate) fn plug_in(&self) {
        self.plugged.store(true, Ordering::SeqCst);
    }
}

/// Serves on a free port.
pub(crate) async fn serve(router: Router) -> (String, JoinHandle<()>) {
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let server = tokio::spawn(async move {
        axum::serve(socket, router).await.unwrap();
    });
    (url, server)
}

fn unpluggable(router: Router, plugged: Arc<AtomicBool>) -> Router {
    let guard = move |request: Request, next: Next| {
        let plugged = plugged.load(Ordering::SeqCst);
        async move {
            if plugged {
                next.run(request).await
            } else {
                StatusCode::BAD_GATEWAY.into_response()
            }
        }
    };
    router.layer(middleware::from_fn(guard))
}

/// How long a test waits for a witness: a busy machine is no reason to be without its cosignature,
/// and one that is unplugged says so at once.
pub(crate) const PATIENCE_MS: u64 = 60_000;
