//! File names that lead astray or collide, and the code that each meets.

use super::hostile_tests::{one, rule};
use super::writer::{Part, archive, folder, part};
use super::*;

#[test]
fn names_that_lead_astray_are_refused() {
    let named = |name: &str| one(part(name, b"x"));
    assert_eq!(named("../../etc/passwd"), Rule::ParentName);
    assert_eq!(named("a/../b"), Rule::ParentName);
    assert_eq!(named("a/.."), Rule::ParentName);
    assert_eq!(named("/etc/passwd"), Rule::AbsoluteName);
    assert_eq!(named("C:/x"), Rule::AbsoluteName);
    assert_eq!(named("a\\..\\b"), Rule::BackslashName);
    assert_eq!(named("a.html\0.png"), Rule::NulName);
    assert_eq!(named("a//b"), Rule::NameShape);
    assert_eq!(named("./a"), Rule::NameShape);
    assert_eq!(named(""), Rule::NameShape);
    assert_eq!(named("a\nb"), Rule::NameShape);
    assert_eq!(named(&"x".repeat(1025)), Rule::NameShape);
    let latin1 = Part {
        name: b"bl\xe5.txt".to_vec(),
        flags: 0,
        ..part("", b"x")
    };
    assert_eq!(one(latin1.clone()), Rule::NameEncoding);
    assert_eq!(
        one(Part {
            flags: 1 << 11,
            ..latin1
        }),
        Rule::NameEncoding
    );
    let other_name = Part {
        extra: vec![0x75, 0x70, 0, 0],
        ..part("a", b"x")
    };
    assert_eq!(one(other_name), Rule::NameEncoding);
}

#[test]
fn names_that_collide_are_refused() {
    let two = |left: &str, right: &str| rule(archive(&[part(left, b"x"), part(right, b"y")]));
    assert_eq!(two("a", "a"), Rule::DuplicateName);
    assert_eq!(two("a.html", "A.html"), Rule::CaseDuplicate);
    assert_eq!(two("bl\u{e5}", "BL\u{c5}"), Rule::CaseDuplicate);
    assert_eq!(two("bl\u{e5}", "bla\u{30a}"), Rule::CaseDuplicate);
    assert_eq!(two("stra\u{df}e", "STRASSE"), Rule::CaseDuplicate);
    assert_eq!(two("app/x", "App/y"), Rule::CaseDuplicate);
    assert_eq!(two("app", "app/x"), Rule::NameConflict);
    assert_eq!(two("app/x", "app"), Rule::NameConflict);
    assert_eq!(
        rule(archive(&[folder("a/"), folder("a/")])),
        Rule::DuplicateName
    );
    assert_eq!(
        rule(archive(&[folder("a/"), part("a", b"")])),
        Rule::NameConflict
    );
}
