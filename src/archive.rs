//! Packs files into the archive that the registry takes: sorted, without times or permissions, so
//! that the same files give the same bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// An archive of `files`, path to content.
pub(crate) fn pack(files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    for (path, content) in files {
        writer.start_file(path.as_str(), options)?;
        writer.write_all(content)?;
    }
    Ok(writer.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_archive() {
        let file = |name: &str| (name.to_owned(), name.as_bytes().to_vec());
        let files = BTreeMap::from([file("a.txt"), file("b/x.txt")]);
        assert_eq!(pack(&files).unwrap(), pack(&files).unwrap());
    }
}
