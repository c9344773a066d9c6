//! Archives at random: what is honest is read back, and whatever is done to it never panics,
//! never yields more than the limits, and never yields other bytes under the same digest.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::writer::{Part, archive, part};
use super::*;

const LIMITS: Limits = Limits {
    packed: 64 * 1024,
    unpacked: 64 * 1024,
    files: 50,
    ratio: 100,
};

fn honest() -> impl Strategy<Value = BTreeMap<String, (Vec<u8>, bool, usize)>> {
    let name = "[a-z]{1,6}(/[a-z]{1,6}){0,2}\\.(js|html|css)";
    let content = prop::collection::vec(any::<u8>(), 0..400);
    let descriptor = prop::sample::select(vec![0_usize, 12, 16]);
    prop::collection::btree_map(name, (content, any::<bool>(), descriptor), 1..12)
}

fn written(files: &BTreeMap<String, (Vec<u8>, bool, usize)>) -> Bytes {
    let parts: Vec<Part> = files
        .iter()
        .map(|(name, (content, deflate, descriptor))| Part {
            deflate: *deflate,
            descriptor: *descriptor,
            ..part(name, content)
        })
        .collect();
    archive(&parts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_honest_is_read_back(files in honest()) {
        let read = Archive::read(written(&files), &LIMITS).unwrap();
        prop_assert_eq!(read.files().len(), files.len());
        for (index, file) in read.files().iter().enumerate() {
            let content = read.content(index).unwrap();
            prop_assert_eq!(&content, &files[file.name()].0);
            prop_assert_eq!(Digest::of(&content), file.digest());
            prop_assert_eq!(content.len() as u64, file.size());
        }
    }

    #[test]
    fn no_changed_byte_gives_other_content_under_a_known_name(
        files in honest(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = written(&files).to_vec();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(read) = Archive::read(Bytes::from(bytes), &LIMITS) {
            let total: u64 = read.files().iter().map(File::size).sum();
            prop_assert!(total <= LIMITS.unpacked);
            for (index, file) in read.files().iter().enumerate() {
                prop_assert!(!file.name().contains("..") || !file.name().split('/').any(|p| p == ".."));
                prop_assert_eq!(Digest::of(&read.content(index).unwrap()), file.digest());
            }
        }
    }

    #[test]
    fn noise_and_spliced_archives_never_panic(
        files in honest(),
        noise in prop::collection::vec(any::<u8>(), 0..200),
        cut in any::<prop::sample::Index>(),
        paste in any::<prop::sample::Index>(),
    ) {
        let whole = written(&files).to_vec();
        let cut = cut.index(whole.len());
        let paste = paste.index(whole.len());
        let mut spliced = whole[..cut].to_vec();
        spliced.extend_from_slice(&noise);
        spliced.extend_from_slice(&whole[paste..]);
        drop(Archive::read(Bytes::from(spliced), &LIMITS));
        drop(Archive::read(Bytes::from(noise), &LIMITS));
    }
}
