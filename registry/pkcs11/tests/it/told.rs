//! What one process of a test tells the next.

use std::path::PathBuf;

#[expect(
    clippy::disallowed_methods,
    reason = "one process of a test tells the next by a file that the environment names"
)]
fn file() -> PathBuf {
    PathBuf::from(std::env::var("TOLD").unwrap())
}

/// Tells the test that started this process.
pub(crate) fn tell(bytes: &[u8]) {
    let text: Vec<String> = bytes.iter().map(u8::to_string).collect();
    std::fs::write(file(), text.join(" ")).unwrap();
}

/// What the test that started this process told.
pub(crate) fn told() -> Vec<u8> {
    let text = std::fs::read_to_string(file()).unwrap();
    text.split(' ').map(|part| part.parse().unwrap()).collect()
}
