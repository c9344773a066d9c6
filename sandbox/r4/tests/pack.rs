//! Terminology that is mounted: in a process of its own, since there is one terminology a process.

use fhir_r4::terminology::{Fault, Language, MountError, Pack, Page, Terminology};
use fhir_r4::validate::{Options, Validator};
use serde_json::json;
use std::fmt::Write as _;

const ICPC: &str = "http://hl7.org/fhir/sid/icpc-2";
const OID: &str = "urn:oid:2.16.578.1.12.4.1.1.7170";
/// A value set of R4 that HL7's own terminology cannot list.
const CLOSED: &str = "http://hl7.org/fhir/ValueSet/condition-code";

fn table() -> String {
    format!(
        "#system\t{ICPC}\n#also\t{OID}\n#version\t7\n#title\tICPC-2\n#valueset\thttp://example.org/all-icpc\n\
         code\tnb\tnn\ten\nK86\tHøyt trykk\tHøgt trykk\tHigh pressure\nT90\tSukkersyke\t\t\n"
    )
}

fn system() -> String {
    json!({
        "resourceType": "CodeSystem", "url": "http://example.org/sr", "language": "en",
        "content": "complete", "caseSensitive": true,
        "concept": [{"code": "1", "display": "One", "designation": [{"language": "nb", "value": "Ein"}],
            "concept": [{"code": "11", "display": "Eleven"}]}]
    })
    .to_string()
}

fn sets() -> String {
    json!({"resourceType": "Bundle", "type": "collection", "entry": [
        {"resource": {"resourceType": "ValueSet", "url": CLOSED, "compose": {"include": [
            {"system": ICPC}, {"valueSet": ["http://example.org/two"]}]}}},
        {"resource": {"resourceType": "ValueSet", "url": "http://example.org/two", "expansion": {"contains": [
            {"system": "http://example.org/sr", "abstract": true, "code": "1",
             "contains": [{"system": "http://example.org/sr", "code": "11"}]}]}}},
    ]})
    .to_string()
}

#[test]
fn what_is_mounted_is_looked_up_listed_and_held_against() {
    let mut pack = Pack::default();
    // As large as a subset of SNOMED CT.
    let mut many = "#system\thttp://snomed.info/sct\ncode\tnb\n".to_owned();
    for code in 0..400_000 {
        writeln!(many, "{}\tBegrep {code}", 100_000_000 + code * 7).unwrap();
    }
    pack.read("icpc.tsv", table().into_bytes()).unwrap();
    pack.read("sr.json", system().into_bytes()).unwrap();
    pack.read("sets.json", sets().into_bytes()).unwrap();
    pack.read("snomed.tsv", many.into_bytes()).unwrap();
    Terminology::mount(pack).unwrap();
    let all = Terminology::r4();

    assert_eq!(all.lookup(OID, "K86").unwrap().display, "Høyt trykk");
    let icpc = all.code_system(ICPC).unwrap();
    assert_eq!(icpc.name_in("K86", Language::Nynorsk), Some("Høgt trykk"));
    assert_eq!(icpc.name_in("T90", Language::English), Some("Sukkersyke"));
    assert_eq!(icpc.names("K86").count(), 3);
    assert_eq!(
        all.lookup("http://example.org/sr", "1").unwrap().display,
        "Ein"
    );

    assert_eq!(all.contains(CLOSED, Some(ICPC), "T90"), Ok(true));
    assert_eq!(
        all.contains(CLOSED, Some("http://example.org/sr"), "11"),
        Ok(true)
    );
    assert_eq!(
        all.contains(CLOSED, Some("http://example.org/sr"), "1"),
        Ok(false)
    );
    let page = Page {
        filter: "trykk",
        ..Page::default()
    };
    assert_eq!(
        all.expand("http://example.org/all-icpc", page)
            .unwrap()
            .total,
        1
    );
    let snomed = "http://snomed.info/sct?fhir_vs";
    assert_eq!(all.contains(snomed, None, "100000007"), Ok(true));
    assert_eq!(all.contains(snomed, None, "100000008"), Ok(false));

    // HL7's own are there still.
    assert_eq!(
        all.contains(
            "http://hl7.org/fhir/ValueSet/administrative-gender",
            None,
            "female"
        ),
        Ok(true)
    );

    // The system is known as a whole, so that a wrong code in it is an error.
    let condition = |code: &str| {
        json!({"resourceType": "Condition", "subject": {"reference": "Patient/a"},
        "code": {"coding": [{"system": ICPC, "code": code}]}})
    };
    let options = Options::default();
    assert!(Validator::is_valid(
        &Validator::r4().validate(&condition("K86"), &options)
    ));
    assert!(!Validator::is_valid(
        &Validator::r4().validate(&condition("K999"), &options)
    ));

    assert_eq!(Terminology::mount(Pack::default()), Err(MountError::InUse));
}

#[test]
fn a_wrong_file_is_named_with_line_and_remedy() {
    let refused = |name: &str, text: &str| {
        Pack::default()
            .read(name, text.as_bytes().to_vec())
            .unwrap_err()
    };
    for (name, text, line, fault) in [
        ("a.tsv", "code\tnb\nA\tB\n", Some(1), Fault::NoAddress),
        (
            "a.tsv",
            "#system\turn:a\nnavn\nB\n",
            Some(2),
            Fault::Columns,
        ),
        (
            "a.tsv",
            "#system\turn:a\ncode\tnb\nA\tB\n\tC\n",
            Some(4),
            Fault::NoCode,
        ),
        (
            "a.tsv",
            "#system\turn:a\ncode\tnb\nA\tB\nA\tC\n",
            Some(4),
            Fault::CodeTwice("A".into()),
        ),
        (
            "a.tsv",
            "#sytem\turn:a\n",
            Some(1),
            Fault::Unknown("sytem".into()),
        ),
        (
            "a.tsv",
            "#system\turn:a\ncode\tnb\n",
            None,
            Fault::Empty("urn:a".into()),
        ),
        ("a.xlsx", "", None, Fault::Kind),
    ] {
        let error = refused(name, text);
        assert_eq!((error.line, &error.fault), (line, &fault), "{text}");
        assert!(error.to_string().starts_with(name));
    }
    let error = refused(
        "a.json",
        "{\n\"resourceType\": \"CodeSystem\",\n\"url\": 3}",
    );
    assert!(matches!(error.fault, Fault::Json(_)), "{error}");
    let error = Pack::default().read("a.tsv", vec![0xFF]).unwrap_err();
    assert_eq!(error.fault, Fault::Encoding);
    let filtered = json!({"resourceType": "ValueSet", "url": "urn:set", "compose": {"include": [
        {"system": "urn:a", "filter": [{"property": "concept", "op": "is-a", "value": "1"}]}]}});
    let error = refused("a.json", &filtered.to_string());
    assert_eq!(error.fault, Fault::Filter("urn:set".into()));
    let mut pack = Pack::default();
    pack.read("one.tsv", table().into_bytes()).unwrap();
    let error = pack.read("two.tsv", table().into_bytes()).unwrap_err();
    assert_eq!(
        (error.file.as_str(), error.fault),
        ("two.tsv", Fault::Twice(OID.into(), "one.tsv".into()))
    );
}
