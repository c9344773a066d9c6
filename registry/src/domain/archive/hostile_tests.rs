//! Each way to harm with an archive, and the code that it meets.

use super::writer::{Around, Part, archive, archive_with, folder, part};
use super::*;

const LIMITS: Limits = Limits {
    packed: 1024 * 1024,
    unpacked: 512 * 1024,
    files: 20,
    ratio: 100,
};

pub(super) fn rule(bytes: Bytes) -> Rule {
    Archive::read(bytes, &LIMITS).unwrap_err().rule
}

pub(super) fn one(part: Part) -> Rule {
    rule(archive(&[part]))
}

#[test]
fn an_ordinary_archive_is_read_whatever_wrote_it() {
    let deflated = Part {
        deflate: true,
        ..part("app/main.js", &b"let x = 1;\n".repeat(50))
    };
    let streamed = Part {
        descriptor: 16,
        ..deflated.clone()
    };
    let bare = Part {
        descriptor: 12,
        ..deflated.clone()
    };
    for main in [deflated, streamed, bare] {
        let parts = [
            part("index.html", b"<p>\xc3\xa5"),
            folder("app/"),
            main,
            part("app/bl\u{e5}.txt", b""),
        ];
        let read = Archive::read(archive(&parts), &LIMITS).unwrap();
        let names: Vec<_> = read.files().iter().map(File::name).collect();
        assert_eq!(names, ["index.html", "app/main.js", "app/bl\u{e5}.txt"]);
        assert_eq!(read.content(1).unwrap(), parts[2].content);
        assert_eq!(read.files()[1].digest(), Digest::of(&parts[2].content));
    }
    let commented = Around {
        comment: b"0123456789abcdef".to_vec(),
        ..Around::default()
    };
    assert!(Archive::read(archive_with(&[part("a", b"x")], &commented), &LIMITS).is_ok());
}

#[test]
fn the_zip_crate_and_we_read_the_same() {
    use std::io::{Cursor, Write};
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.add_directory("sub", options).unwrap();
    writer.start_file("sub/a.txt", options).unwrap();
    writer.write_all(&b"hello ".repeat(100)).unwrap();
    writer.start_file("index.html", options).unwrap();
    writer.write_all(b"<p>").unwrap();
    let bytes = Bytes::from(writer.finish().unwrap().into_inner());
    let read = Archive::read(bytes, &LIMITS).unwrap();
    assert_eq!(read.files().len(), 2);
    assert_eq!(read.content(0).unwrap(), b"hello ".repeat(100));
}

#[test]
fn what_is_no_ordinary_file_is_refused() {
    let with_mode = |mode| {
        one(Part {
            mode,
            ..part("a", b"/etc/passwd")
        })
    };
    assert_eq!(with_mode(0o120_777), Rule::Symlink);
    assert_eq!(with_mode(0o010_644), Rule::SpecialFile);
    assert_eq!(with_mode(0o020_644), Rule::SpecialFile);
    assert_eq!(with_mode(0o040_755), Rule::SpecialFile);
    assert_eq!(
        one(Part {
            mode: 0o100_644,
            ..part("a/", b"")
        }),
        Rule::SpecialFile
    );
    assert_eq!(
        one(Part {
            mode: 0o040_755,
            ..part("a/", b"x")
        }),
        Rule::SpecialFile
    );
    assert_eq!(
        one(Part {
            flags: 1,
            ..part("a", b"x")
        }),
        Rule::Encrypted
    );
    assert_eq!(
        one(Part {
            extra: vec![0x01, 0x99, 0, 0],
            ..part("a", b"x")
        }),
        Rule::Encrypted
    );
    assert_eq!(
        one(Part {
            method: Some(12),
            ..part("a", b"x")
        }),
        Rule::Method
    );
    assert_eq!(
        one(Part {
            flags: 1 << 5,
            ..part("a", b"x")
        }),
        Rule::Method
    );
    assert_eq!(one(folder("a/")), Rule::Empty);
    assert_eq!(rule(archive(&[])), Rule::Empty);
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let bomb = Part {
        deflate: true,
        ..part("bomb", &vec![0; 400 * 1024])
    };
    assert_eq!(one(bomb), Rule::Ratio);
    let large = part("large", &vec![7; 513 * 1024]);
    assert_eq!(one(large), Rule::TooLarge);
    let halves = [
        part("a", &vec![7; 300 * 1024]),
        part("b", &vec![8; 300 * 1024]),
    ];
    assert_eq!(rule(archive(&halves)), Rule::TooLarge);
    let many: Vec<_> = (0..21).map(|n| part(&format!("f{n}"), b"x")).collect();
    assert_eq!(rule(archive(&many)), Rule::TooManyFiles);
    // A bomb that understates its size is stopped at that size.
    let modest = Part {
        deflate: true,
        size: Some(10_000),
        ..part("bomb", &vec![0; 400 * 1024])
    };
    assert_eq!(one(modest), Rule::SizeLie);
}

#[test]
fn headers_that_disagree_are_refused() {
    let a = || part("a.html", b"good");
    assert_eq!(
        one(Part {
            local_name: Some(b"b.html".to_vec()),
            ..a()
        }),
        Rule::HeaderMismatch
    );
    assert_eq!(
        one(Part {
            local_size: Some(3),
            ..a()
        }),
        Rule::HeaderMismatch
    );
    assert_eq!(
        one(Part {
            offset: Some(1),
            ..a()
        }),
        Rule::HeaderMismatch
    );
    assert_eq!(
        one(Part {
            offset: Some(1_000_000),
            ..a()
        }),
        Rule::Truncated
    );
    assert_eq!(
        one(Part {
            size: Some(3),
            ..a()
        }),
        Rule::SizeLie
    );
    assert_eq!(
        one(Part {
            size: Some(5),
            ..a()
        }),
        Rule::SizeLie
    );
    assert_eq!(
        one(Part {
            crc: Some(1),
            ..a()
        }),
        Rule::Checksum
    );
}

#[test]
fn packed_garbage_and_shared_bytes_are_refused() {
    let a = || part("a.html", b"good");
    let garbage = Part {
        deflate: true,
        packed: Some(vec![0xff; 20]),
        ..a()
    };
    assert_eq!(one(garbage), Rule::Corrupt);
    // Two entries that share one file's bytes.
    let second = Part {
        offset: Some(0),
        ..a()
    };
    let shared = [a(), second];
    assert_eq!(rule(archive(&shared)), Rule::DuplicateName);
    let renamed = Part {
        name: b"b.html".to_vec(),
        local_name: Some(b"a.html".to_vec()),
        offset: Some(0),
        ..a()
    };
    assert_eq!(rule(archive(&[a(), renamed])), Rule::HeaderMismatch);
}

#[test]
fn one_files_bytes_inside_another_are_an_overlap() {
    // A stored file whose content is itself a whole local file, listed a second time.
    let inner = archive(&[part("inner", b"x")]);
    // Header, name and one byte of content.
    let inner_local = inner.slice(..36);
    let outer = part("outer", &inner_local);
    let offset = 30 + 5;
    let listed = Part {
        offset: Some(offset),
        ..part("inner", b"x")
    };
    let mut bytes = archive(&[outer, listed]).to_vec();
    // Take the second local file away again, and move the directory up.
    let start = 30 + 5 + inner_local.len();
    bytes.drain(start..start + 36);
    let end = bytes.len() - 22;
    bytes[end + 16..end + 20].copy_from_slice(&u32::try_from(start).unwrap().to_le_bytes());
    assert_eq!(rule(Bytes::from(bytes)), Rule::Overlap);
}

#[test]
fn nothing_may_hide_between_the_files() {
    let hidden = |around: Around| rule(archive_with(&[part("a", b"x")], &around));
    let hello = || b"hidden".to_vec();
    assert_eq!(
        hidden(Around {
            between: hello(),
            ..Around::default()
        }),
        Rule::HiddenData
    );
    assert_eq!(
        hidden(Around {
            before_end: hello(),
            ..Around::default()
        }),
        Rule::HiddenData
    );
    // Offsets count from the beginning of the file, so a prefix moves everything or hides.
    assert_eq!(
        hidden(Around {
            before: hello(),
            ..Around::default()
        }),
        Rule::HiddenData
    );
    assert_eq!(
        hidden(Around {
            after: hello(),
            ..Around::default()
        }),
        Rule::Truncated
    );
    assert_eq!(
        hidden(Around {
            count: Some(2),
            ..Around::default()
        }),
        Rule::Directory
    );
    assert_eq!(
        hidden(Around {
            locator: true,
            before_end: Vec::new(),
            ..Around::default()
        }),
        Rule::Zip64
    );
    let trailing = Part {
        deflate: true,
        packed: Some({
            let mut packed = vec![3, 0];
            packed.extend_from_slice(b"after the stream");
            packed
        }),
        ..part("a", b"")
    };
    assert_eq!(one(trailing), Rule::HiddenData);
}

#[test]
fn zip64_is_refused_wherever_it_shows() {
    let zip64 = Part {
        extra: vec![1, 0, 8, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        ..part("a", b"x")
    };
    assert_eq!(one(zip64), Rule::Zip64);
    assert_eq!(
        one(Part {
            size: Some(u32::MAX),
            ..part("a", b"x")
        }),
        Rule::Zip64
    );
    let around = Around {
        count: Some(u16::MAX),
        ..Around::default()
    };
    assert_eq!(rule(archive_with(&[part("a", b"x")], &around)), Rule::Zip64);
}

#[test]
fn what_is_no_archive_is_told_from_what_was_cut_off() {
    assert_eq!(rule(Bytes::new()), Rule::NotZip);
    assert_eq!(rule(Bytes::from_static(b"<html>")), Rule::NotZip);
    assert_eq!(rule(Bytes::from(vec![0; 100])), Rule::NotZip);
    let whole = archive(&[part("a", &[1; 100]), part("b", b"y")]);
    for end in 4..whole.len() {
        assert_eq!(rule(whole.slice(..end)), Rule::Truncated, "{end}");
    }
}

#[test]
fn a_hostile_name_is_shown_and_not_obeyed() {
    let error = Archive::read(archive(&[part("../\u{202e}x\n", b"")]), &LIMITS).unwrap_err();
    assert_eq!(error.name, "../\u{fffd}x\u{fffd}");
    let fault = error.fault();
    assert_eq!(fault.code, "archive-parent-name");
    assert_eq!(fault.errors[0].pointer, "../\u{fffd}x\u{fffd}");
    assert!(!fault.remedy.is_empty());
}
