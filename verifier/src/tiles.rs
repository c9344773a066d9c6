//! Tiles and entry bundles of C2SP tlog-tiles: paths, where a node lies, what an append makes.
//! Only the arithmetic and the encodings; reading and writing files is the log's.

use crate::merkle::{Hash, NodeId, node_hash};

/// Tiles have this height, so 256 hashes.
pub const HEIGHT: u8 = 8;
/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u64 = 256;
/// The longest entry that a bundle's length field can name.
pub const MAX_ENTRY: usize = 65_535;

/// A tile of hashes: at level `l` each hash spans 256^l entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// The tile's level.
    pub level: u8,
    /// The tile's place in its level.
    pub index: u64,
    /// How many hashes it holds, 1 to 256; below 256 it is partial.
    pub width: u16,
}

impl Tile {
    /// The tile that holds a node in a tree of this size, and which of its hashes make the node.
    /// `None` when the node is not complete in that tree.
    pub fn locate(node: NodeId, size: u64) -> Option<(Self, std::ops::Range<usize>)> {
        let end = node
            .index
            .checked_add(1)?
            .checked_mul(1u64.checked_shl(node.level.into())?)?;
        if end > size {
            return None;
        }
        let level = node.level / HEIGHT;
        let within = node.level % HEIGHT;
        let first = node.index << within;
        let index = first / WIDTH;
        let start = usize::try_from(first % WIDTH).ok()?;
        let width = Self::width_at(level, index, size);
        (width > 0).then_some((
            Self {
                level,
                index,
                width,
            },
            start..start + (1 << within),
        ))
    }

    /// How many hashes the tile at this place has in a tree of this size.
    fn width_at(level: u8, index: u64, size: u64) -> u16 {
        let hashes = size
            .checked_shr(u32::from(level) * u32::from(HEIGHT))
            .unwrap_or(0);
        let before = index.saturating_mul(WIDTH);
        u16::try_from(hashes.saturating_sub(before).min(WIDTH)).unwrap_or(256)
    }

    /// The full tile that takes this one's place once there is one.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// The address below the log's prefix, such as `tile/0/x001/x234/067.p/8`.
    pub fn path(self) -> String {
        format!(
            "tile/{}/{}{}",
            self.level,
            index_path(self.index),
            partial_suffix(self.width)
        )
    }

    /// Reads a path made by [`Tile::path`].
    pub fn parse_path(path: &str) -> Option<Self> {
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let level: u8 = canonical_number(level)?;
        if level > 63 {
            return None;
        }
        let (index, width) = parse_index(rest)?;
        Some(Self {
            level,
            index,
            width,
        })
    }

    /// The hash that the given hashes of this tile's bytes make; `None` when bytes are missing.
    pub fn hash(bytes: &[u8], range: std::ops::Range<usize>) -> Option<Hash> {
        let (hashes, rest) = bytes.as_chunks::<32>();
        if !rest.is_empty() {
            return None;
        }
        let mut row: Vec<Hash> = hashes.get(range)?.to_vec();
        while row.len() > 1 {
            let (pairs, rest) = row.as_chunks::<2>();
            if !rest.is_empty() {
                return None;
            }
            row = pairs
                .iter()
                .map(|[left, right]| node_hash(left, right))
                .collect();
        }
        row.first().copied()
    }

    /// The tiles that are new or wider in a tree of `new` entries than in one of `old`.
    pub fn changed(old: u64, new: u64) -> Vec<Self> {
        let mut tiles = Vec::new();
        for level in 0..HEIGHT {
            let shift = u32::from(level) * u32::from(HEIGHT);
            let (before, after) = (
                old.checked_shr(shift).unwrap_or(0),
                new.checked_shr(shift).unwrap_or(0),
            );
            if after == 0 {
                break;
            }
            if before >= after {
                continue;
            }
            for index in before / WIDTH..=(after - 1) / WIDTH {
                let width = Self::width_at(level, index, new);
                tiles.push(Self {
                    level,
                    index,
                    width,
                });
            }
        }
        tiles
    }

    /// The nodes whose hashes the tile lists, left to right.
    pub fn nodes(self) -> impl Iterator<Item = NodeId> {
        let first = self.index * WIDTH;
        let level = self.level * HEIGHT;
        (first..first + u64::from(self.width)).map(move |index| NodeId { level, index })
    }
}

/// A bundle of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bundle {
    /// The bundle's place.
    pub index: u64,
    /// How many entries it holds, 1 to 256; below 256 it is partial.
    pub width: u16,
}

impl Bundle {
    /// The full bundle that takes this one's place once there is one.
    #[must_use]
    pub const fn full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// The bundle with this entry in a tree of this size, and the entry's place in it.
    pub fn locate(entry: u64, size: u64) -> Option<(Self, usize)> {
        let (tile, range) = Tile::locate(NodeId::leaf(entry), size)?;
        let Tile { index, width, .. } = tile;
        Some((Self { index, width }, range.start))
    }

    /// The address below the log's prefix, such as `tile/entries/000.p/8`.
    pub fn path(self) -> String {
        format!(
            "tile/entries/{}{}",
            index_path(self.index),
            partial_suffix(self.width)
        )
    }

    /// Reads a path made by [`Bundle::path`].
    pub fn parse_path(path: &str) -> Option<Self> {
        let (index, width) = parse_index(path.strip_prefix("tile/entries/")?)?;
        Some(Self { index, width })
    }

    /// The bundles that are new or longer in a tree of `new` entries than in one of `old`.
    pub fn changed(old: u64, new: u64) -> Vec<Self> {
        Tile::changed(old, new)
            .into_iter()
            .filter(|tile| tile.level == 0)
            .map(|Tile { index, width, .. }| Self { index, width })
            .collect()
    }

    /// Appends one entry to a bundle's bytes; `false` (and nothing done) when it is too long.
    #[must_use]
    pub fn push(bytes: &mut Vec<u8>, entry: &[u8]) -> bool {
        let Ok(length) = u16::try_from(entry.len()) else {
            return false;
        };
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
        true
    }

    /// The entries in a bundle's bytes; `None` when they do not fill it exactly.
    pub fn entries(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
        let mut entries = Vec::new();
        while !bytes.is_empty() {
            let (length, rest) = bytes.split_first_chunk::<2>()?;
            let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
            entries.push(entry);
            bytes = rest;
        }
        (entries.len() <= 256).then_some(entries)
    }
}

fn index_path(index: u64) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

fn partial_suffix(width: u16) -> String {
    if u64::from(width) < WIDTH {
        format!(".p/{width}")
    } else {
        String::new()
    }
}

fn parse_index(path: &str) -> Option<(u64, u16)> {
    let (index, width) = match path.split_once(".p/") {
        Some((index, width)) => {
            let width: u16 = canonical_number(width)?;
            (index, (1..256).contains(&width).then_some(width)?)
        }
        None => (path, 256),
    };
    let mut value: u64 = 0;
    let mut parts = index.split('/').peekable();
    while let Some(part) = parts.next() {
        let digits = if parts.peek().is_some() {
            part.strip_prefix('x')?
        } else {
            part
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        value = value.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    // One spelling per index: no leading x000.
    (index_path(value) == index).then_some((value, width))
}

fn canonical_number<T: std::str::FromStr>(text: &str) -> Option<T> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    if digits && !leading_zero {
        text.parse().ok()
    } else {
        None
    }
}
