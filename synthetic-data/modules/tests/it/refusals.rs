//! What is refused, and that the message says where and what to do.

use std::fs;

use generic_modules::{Fault, File, Library, LoadError, RunError};
use serde_json::{Value, json};

use crate::support::{codes, library, lived, mark, with_tables, woman};

fn initial(to: &str) -> Value {
    json!({"type": "Initial", "direct_transition": to})
}

/// What is wrong with a state that follows Initial.
fn fault(state: impl Into<Value>) -> (Fault, String) {
    let states = json!({"Initial": initial("It"), "It": state.into()});
    let error = library(&[("it.json", states)]).unwrap_err();
    let text = error.to_string();
    match error {
        LoadError::State { file, state, fault } => {
            assert_eq!((file.as_str(), state.as_str()), ("it.json", "It"));
            (fault, text)
        }
        other => panic!("{other}"),
    }
}

#[test]
fn unknown_types_are_named_with_file_and_state() {
    let (found, text) = fault(json!({"type": "Teleport"}));
    assert_eq!(found, Fault::UnknownState("Teleport".to_owned()));
    assert!(
        text.contains("it.json") && text.contains("«It»") && text.contains("Teleport"),
        "{text}"
    );
    let guard = |allow: Value| fault(json!({"type": "Guard", "allow": allow})).0;
    let unknown = json!({"condition_type": "Not", "condition": {"condition_type": "Weather"}});
    assert_eq!(
        guard(unknown),
        Fault::UnknownCondition("Weather".to_owned())
    );
    let operator =
        json!({"condition_type": "Age", "operator": "~", "quantity": 1, "unit": "years"});
    assert!(matches!(guard(operator), Fault::UnknownWord { field, .. } if field == "operator"));
}

#[test]
fn references_have_to_lead_somewhere() {
    let simple = |to: &str| fault(json!({"type": "Simple", "direct_transition": to})).0;
    assert_eq!(simple("Nowhere"), Fault::NoSuchState("Nowhere".to_owned()));
    let call = fault(json!({"type": "CallSubmodule", "submodule": "a/b"})).0;
    assert_eq!(call, Fault::NoSuchModule("a/b".to_owned()));
    let table = json!({"type": "Simple", "lookup_table_transition": [
        {"transition": "It", "default_probability": 1, "lookup_table_name": "no.csv"}]});
    assert_eq!(fault(table).0, Fault::NoSuchTable("no.csv".to_owned()));
    let empty = json!({"type": "Simple", "distributed_transition": []});
    assert_eq!(fault(empty).0, Fault::NoTransition);
}

#[test]
fn fields_that_are_missing_or_of_another_kind_are_named() {
    let cases = [
        (json!({"type": "ConditionOnset"}), "codes"),
        (json!({"type": "Delay"}), "exact"),
        (
            json!({"type": "Delay", "exact": {"quantity": "three", "unit": "days"}}),
            "quantity",
        ),
        (
            json!({"type": "Delay", "exact": {"quantity": 1e300, "unit": "days"}}),
            "quantity",
        ),
        (
            json!({"type": "Delay", "exact": {"quantity": 3, "unit": "moons"}}),
            "unit",
        ),
        (
            json!({"type": "Counter", "attribute": "n", "action": "double"}),
            "action",
        ),
        (
            json!({"type": "Device", "code": {"system": "SNOMED-CT"}}),
            "code",
        ),
        (
            json!({"type": "Symptom", "symptom": "x", "probability": 3,
            "exact": {"quantity": 1}}),
            "probability",
        ),
        (
            json!({"type": "SetAttribute", "attribute": "x", "expression": "1"}),
            "expression",
        ),
        (json!([1, 2]), "It"),
    ];
    for (state, field) in cases {
        let state = if state.is_array() {
            let file = json!({"states": {"Initial": initial("It"), "It": state}});
            let file = File::new("it.json", serde_json::to_vec(&file).unwrap());
            let error = Library::from_files(vec![file], Vec::new())
                .unwrap_err()
                .to_string();
            assert!(error.contains("an object"), "{error}");
            continue;
        } else {
            state
        };
        let (_, text) = fault(state);
        assert!(text.contains(&format!("«{field}»")), "{field}: {text}");
    }
    let unknown = json!({"type": "Device", "code": {"system": "HOUSE", "code": "1"}});
    assert_eq!(fault(unknown).0, Fault::UnknownSystem("HOUSE".to_owned()));
}

#[test]
fn files_that_are_no_modules_are_refused() {
    let load = |bytes: &[u8]| {
        let file = File::new("it.json", bytes.to_vec());
        Library::from_files(vec![file], Vec::new()).unwrap_err()
    };
    for bytes in [
        &b""[..],
        b"{",
        b"[]",
        b"\xff\xfe",
        b"{\"states\": {\"Initial\": {\"type\":",
    ] {
        assert!(
            matches!(load(bytes), LoadError::NotJson { .. }),
            "{bytes:?}"
        );
    }
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    assert!(matches!(load(&deep), LoadError::NotJson { .. }));
    for (bytes, field) in [("{}", "states"), (r#"{"states": {}}"#, "states.Initial")] {
        let error = load(bytes.as_bytes());
        let missing = Fault::Missing(field.to_owned());
        assert!(
            matches!(&error, LoadError::Module { fault, .. } if *fault == missing),
            "{error}"
        );
    }
    let version = br#"{"gmf_version": 3, "states": {"Initial": {"type": "Terminal"}}}"#;
    assert!(load(version).to_string().contains("version 3"));
    let huge = vec![b' '; 17 * 1024 * 1024];
    assert!(matches!(load(&huge), LoadError::TooLarge { .. }));
}

#[test]
fn conditions_within_conditions_end_somewhere() {
    let mut condition = json!({"condition_type": "True"});
    for _ in 0..45 {
        condition = json!({"condition_type": "Not", "condition": condition});
    }
    let (found, _) = fault(json!({"type": "Guard", "allow": condition}));
    assert!(matches!(found, Fault::TooDeep(_)));
}

#[test]
fn submodules_in_a_circle_are_refused_with_the_circle() {
    let call = |to: &str| json!({"Initial": initial("Call"), "Call": {"type": "CallSubmodule", "submodule": to}});
    let error = library(&[
        ("it.json", call("sub/a")),
        ("sub/a.json", call("sub/b")),
        ("sub/b.json", call("sub/a")),
    ]);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("sub/a → sub/b → sub/a"), "{error}");
    let own = library(&[("it.json", call("it"))]).unwrap_err();
    assert!(matches!(own, LoadError::Cycle(_)), "{own}");
}

#[test]
fn tables_are_checked_line_by_line() {
    let states = || {
        json!({"Initial": {"type": "Initial", "lookup_table_transition": [
            {"transition": "A", "default_probability": 1, "lookup_table_name": "t.csv"}]},
            "A": mark("a")})
    };
    let load = |table: &str| with_tables(&[("it.json", states())], &[("t.csv", table)]);
    assert!(
        load("age,A\n0-5,1\n\n6-,1\n")
            .unwrap_err()
            .to_string()
            .contains("line 4")
    );
    for (table, line) in [
        ("", 1),
        ("age,B\n", 1),
        ("age,A\n1\n", 2),
        ("age,A\n0-5,nine\n", 2),
    ] {
        let error = load(table).unwrap_err().to_string();
        assert!(
            error.contains(&format!("line {line}")),
            "{table:?}: {error}"
        );
    }
    assert!(load("age,A\n0-5,1\n").is_ok());
}

#[test]
fn loops_in_which_no_time_passes_are_cut_off() {
    let still = library(&[(
        "it.json",
        json!({
            "Initial": initial("A"),
            "A": {"type": "Simple", "direct_transition": "B"},
            "B": {"type": "Delay", "exact": {"quantity": 0, "unit": "days"}, "direct_transition": "A"},
        }),
    )]);
    let error = lived(&still.unwrap(), &woman(1), "2020-01-01").unwrap_err();
    assert!(
        matches!(&error, RunError::NoTimePasses { module, .. } if module == "it"),
        "{error}"
    );
    let slow = library(&[(
        "it.json",
        json!({
            "Initial": initial("A"),
            "A": {"type": "Delay", "exact": {"quantity": 1, "unit": "seconds"},
                "direct_transition": "A"},
        }),
    )]);
    let error = lived(&slow.unwrap(), &woman(1), "2020-01-01").unwrap_err();
    assert!(matches!(error, RunError::TooManySteps { .. }), "{error}");
}

#[test]
fn a_record_that_grows_without_end_is_cut_off() {
    let library = library(&[(
        "it.json",
        json!({
            "Initial": initial("A"),
            "A": {"type": "Procedure", "codes": codes("again"), "duration":
                {"low": 1, "high": 1, "unit": "hours"}, "direct_transition": "A"},
        }),
    )]);
    let error = lived(&library.unwrap(), &woman(1), "2020-01-01").unwrap_err();
    assert!(matches!(error, RunError::TooMuchWritten { .. }), "{error}");
}

#[test]
fn a_last_day_before_birth_is_refused() {
    let library =
        library(&[("it.json", json!({"Initial": initial("A"), "A": mark("a")}))]).unwrap();
    let error = lived(&library, &woman(1), "1979-01-01").unwrap_err();
    assert!(matches!(error, RunError::Dates { .. }));
    let error = lived(&library, &woman(1), "9999-01-01").unwrap_err();
    assert!(matches!(error, RunError::Dates { .. }));
}

#[test]
fn a_folder_is_read_with_its_sub_folders_and_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    assert!(matches!(
        Library::read(&path.join("none"), None),
        Err(LoadError::Read { .. })
    ));
    assert!(matches!(Library::read(path, None), Err(LoadError::Empty)));
    fs::create_dir_all(path.join("sub")).unwrap();
    fs::create_dir_all(path.join("lookup_tables")).unwrap();
    let write = |name: &str, states: &Value| {
        fs::write(path.join(name), crate::support::module(states)).unwrap();
    };
    write(
        "it.json",
        &json!({"Initial": initial("Call"),
        "Call": {"type": "CallSubmodule", "submodule": "sub/inner"}}),
    );
    write(
        "sub/inner.json",
        &json!({"Initial": {"type": "Initial", "lookup_table_transition": [
        {"transition": "A", "default_probability": 1, "lookup_table_name": "t.csv"}]},
        "A": {"type": "Procedure", "codes": codes("done")}}),
    );
    fs::write(path.join("notes.txt"), "no module").unwrap();
    let missing = Library::read(path, None).unwrap_err().to_string();
    assert!(
        missing.contains("sub/inner.json") && missing.contains("t.csv"),
        "{missing}"
    );
    fs::write(path.join("lookup_tables/t.csv"), "age,A\n0-150,1\n").unwrap();
    assert_eq!(Library::read(path, None).unwrap().modules(), 2);
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(Library::read(path, Some(elsewhere.path())).is_err());
}
