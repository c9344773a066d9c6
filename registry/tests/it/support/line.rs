//! A line to a PostgreSQL server that can be cut: every connection breaks, and no other comes about
//! until it is mended.

use std::net::SocketAddr;
use std::sync::Arc;

use foundation::store::Database;
use foundation::testing::{self, TestDatabase};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A line, whole or cut.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<watch::Sender<bool>>);

impl Line {
    /// A line to the server at this address, and where it begins.
    async fn to(server: String) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (whole, watched) = watch::channel(true);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), watched.clone()));
            }
        });
        (Self(Arc::new(whole)), address)
    }

    /// Breaks every connection, in the middle of whatever it carries.
    pub(crate) fn cut(&self) {
        self.0.send_replace(false);
    }

    /// Lets new ones come about.
    pub(crate) fn mend(&self) {
        self.0.send_replace(true);
    }
}

async fn carry(mut client: TcpStream, server: String, mut whole: watch::Receiver<bool>) {
    if !*whole.borrow_and_update() {
        return;
    }
    let mut server = TcpStream::connect(server).await.unwrap();
    tokio::select! {
        biased;
        _ = whole.wait_for(|whole| !whole) => {}
        // Whoever hung up, the other is told by both sockets closing.
        _ = copy_bidirectional(&mut client, &mut server) => {}
    }
}

/// A fresh database at the end of a line; `None` where there is no PostgreSQL, which `make test`
/// always has.
pub(crate) async fn database() -> Option<(TestDatabase, Line)> {
    let all = testing::databases().await.unwrap();
    let direct = all.into_iter().find(|one| one.engine == "postgres")?;
    let (before, rest) = direct.url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let (line, address) = Line::to(server.to_owned()).await;
    let through = Database::connect(&format!("{before}@{address}/{name}")).await;
    Some((direct.reached_by(through.unwrap()), line))
}
