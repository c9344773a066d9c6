//! The log's files: tiles of hashes and bundles of entries, in the layout of C2SP tlog-tiles below a
//! folder with the log's name, so that any static server or CDN can serve them.

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use verifier::tiles::{Bundle, HEIGHT, Tile, WIDTH};

use super::store::{self, LogRow};
use super::successor::is_name;
use super::{LogError, LogObstacle, TransparencyLog, current};

impl TransparencyLog {
    /// The name under which the log that takes entries is found without knowing its year.
    pub(crate) const CURRENT: &'static str = "log";

    /// Writes every file that a tree of `new` entries has and one of `old` had not.
    pub(super) async fn write_tiles(
        &self,
        log: &LogRow,
        old: u64,
        new: u64,
    ) -> Result<(), LogError> {
        let bundles = Bundle::changed(old, new).into_iter().map(File::Bundle);
        let tiles = Tile::changed(old, new).into_iter().map(File::Tile);
        stream::iter(bundles.chain(tiles).map(Ok::<_, LogError>))
            .try_for_each_concurrent(WRITES_AT_ONCE, |file| async move {
                let bytes = self.bytes(log, file).await?;
                let path = format!("{}/{}", log.name, file.path());
                self.0.parts.files.put(&path, bytes).await?;
                self.pass("log.tile")
            })
            .await
    }

    async fn bytes(&self, log: &LogRow, file: File) -> Result<Bytes, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let wrong = || LogError::Format(format!("{} has holes", file.path()));
        match file {
            File::Bundle(bundle) => {
                let start = bundle.index * WIDTH;
                let width = u64::from(bundle.width);
                let entries = store::entries(&mut tx, &log.name, start, width).await?;
                if entries.len() != usize::from(bundle.width) {
                    return Err(wrong());
                }
                let mut bytes = Vec::new();
                for entry in entries {
                    if !Bundle::push(&mut bytes, &entry) {
                        return Err(LogError::TooLong(entry.len()));
                    }
                }
                Ok(bytes.into())
            }
            File::Tile(tile) => {
                let level = tile.level * HEIGHT;
                let start = tile.index * WIDTH;
                let width = u64::from(tile.width);
                let bytes = store::row(&mut tx, &log.name, level, start, width).await?;
                if bytes.len() != usize::from(tile.width) * 32 {
                    return Err(wrong());
                }
                Ok(bytes.into())
            }
        }
    }

    /// Removes partial files whose full ones are out, in the background: nobody waits for it, and
    /// what is left over takes only room.
    pub(super) fn tidy(&self, log: &LogRow, old: u64, new: u64) {
        let full = |width: u16| u64::from(width) == WIDTH;
        let bundles = Bundle::changed(old, new);
        let bundles = bundles.into_iter().filter(|bundle| full(bundle.width));
        let tiles = Tile::changed(old, new);
        let tiles = tiles.into_iter().filter(|tile| full(tile.width));
        let folders: Vec<_> = bundles
            .map(File::Bundle)
            .chain(tiles.map(File::Tile))
            .map(|file| format!("{}/{}.p", log.name, file.path()))
            .collect();
        if folders.is_empty() {
            return;
        }
        let files = self.0.parts.files.clone();
        tokio::spawn(async move {
            for folder in folders {
                let partial = files.below(&folder).await.unwrap_or_default();
                stream::iter(partial)
                    .for_each_concurrent(WRITES_AT_ONCE, |path| {
                        let files = files.clone();
                        async move {
                            if let Err(error) = files.remove(&path).await {
                                tracing::debug!(path, %error, "a partial tile stays");
                            }
                        }
                    })
                    .await;
            }
        });
    }

    /// A file of a log, as it is published: `checkpoint`, a tile or a bundle. `log` is its name, or
    /// `log` for the one that takes entries. `None` when there is no such file.
    pub async fn file(&self, log: &str, path: &str) -> Result<Option<Bytes>, LogError> {
        let known = path == "checkpoint"
            || Tile::parse_path(path).is_some()
            || Bundle::parse_path(path).is_some();
        if !known {
            return Ok(None);
        }
        let name = match log {
            Self::CURRENT => self.current_name().await?,
            log => is_name(log).then(|| log.to_owned()),
        };
        let Some(name) = name else { return Ok(None) };
        let path = format!("{name}/{path}");
        Ok(self.0.parts.files.get(&path).await?)
    }

    /// The name of the log that takes entries. A database that has lost its logs does not know it;
    /// then it is the last that was published, by name: what is out stays readable.
    async fn current_name(&self) -> Result<Option<String>, LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let log = current(&mut tx).await?;
        drop(tx);
        if let Some(log) = log {
            return Ok(Some(log.name));
        }
        let folders = self.0.parts.files.folders().await?;
        Ok(folders.into_iter().filter(|folder| is_name(folder)).max())
    }

    /// Writes every file of every log anew, from the database: files that somebody changed or lost.
    /// A database that has less than the files or the witnesses is refused, and writes none.
    pub async fn rewrite_files(&self) -> Result<(), LogError> {
        let mut tx = self.0.parts.database.read().await?;
        let logs = store::all(&mut tx).await?;
        let open = current(&mut tx).await?;
        drop(tx);
        let mut published = Vec::new();
        for log in &logs {
            published.push(match self.check_published(log).await {
                Ok(size) => size,
                Err(LogError::Obstacle(LogObstacle::Files { .. })) => 0,
                Err(error) => return Err(error),
            });
        }
        if let Some(log) = &open {
            self.check_seen(log).await?;
        }
        for (log, published) in logs.iter().zip(published) {
            let Some(note) = &log.note else { continue };
            let size = log.witnessed_size();
            self.write_tiles(log, 0, size).await?;
            // A larger one is out when a process was stopped before it could say so in the database.
            if published > size {
                continue;
            }
            let mut tx = self.0.parts.database.begin().await?;
            if !store::hold(&mut tx, &log.name, size).await? {
                return Err(LogError::Outpaced);
            }
            self.put_checkpoint(log, note).await?;
            tx.commit().await?;
        }
        self.look_again();
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum File {
    Bundle(Bundle),
    Tile(Tile),
}

impl File {
    fn path(self) -> String {
        match self {
            Self::Bundle(bundle) => bundle.path(),
            Self::Tile(tile) => tile.path(),
        }
    }
}

const WRITES_AT_ONCE: usize = 8;
