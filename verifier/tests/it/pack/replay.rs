//! Runs the pack's files on this verifier, as any other verifier would: from the JSON alone.

use serde_json::Value;
use verifier::{
    Assurance, ClientAuthentication, LaunchRequest, LocalPolicy, ObservedContent, TrustUpdate,
    Verifier, VerifyError,
};

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    text(value).as_bytes().to_vec()
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn policy(value: &Value) -> LocalPolicy {
    LocalPolicy {
        environment: parsed(&value["environment"]),
        min_content_level: parsed(&value["min_content_level"]),
        min_assurance: match text(&value["min_assurance"]) {
            "jose-only" => Assurance::JoseOnly,
            "logged" => Assurance::Logged,
            other => panic!("{other}"),
        },
        allowed_software: parsed(&value["allowed_software"]),
        risk_class: parsed(&value["risk_class"]),
    }
}

fn update(trust: &Value, name: &str) -> TrustUpdate {
    let configuration = &trust["configurations"][name];
    let metadata = &configuration["metadata"];
    let files = configuration["files"].as_object().unwrap();
    TrustUpdate {
        roots: metadata["roots"]
            .as_array()
            .unwrap()
            .iter()
            .map(bytes)
            .collect(),
        timestamp: bytes(&metadata["timestamp"]),
        snapshot: bytes(&metadata["snapshot"]),
        targets: bytes(&metadata["targets"]),
        files: files
            .iter()
            .map(|(name, file)| (name.clone(), bytes(file)))
            .collect(),
    }
}

fn launch(request: &Value) -> LaunchRequest<'_> {
    let content = &request["content"];
    let content = if content["bundle"].is_string() {
        ObservedContent::Bundle(parsed(&content["bundle"]))
    } else if content["manifest"].is_string() {
        ObservedContent::Manifest {
            digest: parsed(&content["manifest"]),
            observed_at: parsed(&content["observed_at"]),
        }
    } else {
        ObservedContent::Unobserved
    };
    let client = &request["client"];
    LaunchRequest {
        software_id: text(&request["software_id"]),
        software_version: text(&request["software_version"]),
        organization_id: text(&request["organization_id"]),
        content,
        launch_uri: request["launch_uri"].as_str(),
        redirect_uri: request["redirect_uri"].as_str(),
        scope: request["scope"].as_str(),
        client: client.is_object().then(|| ClientAuthentication {
            key: client["key"].as_str(),
            dpop: client["dpop"] == true,
        }),
    }
}

fn step(verifier: &mut Verifier, step: &Value, trust: &Value) -> Result<(), VerifyError> {
    let now = step["now"].as_i64().unwrap();
    match text(&step["do"]) {
        "trust" => verifier.update_trust(&update(trust, text(&step["trust"])), now),
        "status" => match step["from"].as_str() {
            Some(uri) => verifier.update_status_from(uri, text(&step["token"]), now),
            None => verifier.update_status(text(&step["token"]), now),
        },
        "ingest" => {
            let approval = text(&step["approval"]);
            let taken = match step["ticket"].as_str() {
                Some(ticket) => verifier.ingest(approval, ticket, now),
                None => verifier.ingest_without_ticket(approval, now),
            };
            taken.map(drop)
        }
        "launch" => verifier.launch(&launch(&step["request"]), now).map(drop),
        other => panic!("{other}"),
    }
}

/// A verifier after all steps but the last.
fn prepared(case: &Value, trust: &Value) -> Result<Verifier, VerifyError> {
    let root = bytes(&trust["pinned_root"]);
    let mut verifier = Verifier::new(&root, policy(&case["policy"]))?;
    let (_, before) = case["steps"].as_array().unwrap().split_last().unwrap();
    for earlier in before {
        if let Err(error) = step(&mut verifier, earlier, trust) {
            panic!("{}: an earlier step was refused: {error}", case["name"]);
        }
    }
    Ok(verifier)
}

/// `accepted`, or the code.
pub(super) fn run(case: &Value, trust: &Value) -> String {
    let last = case["steps"].as_array().unwrap().last().unwrap();
    let taken = prepared(case, trust).and_then(|mut verifier| step(&mut verifier, last, trust));
    taken.map_or_else(|error| error.code.to_string(), |()| "accepted".to_owned())
}

/// How many changed bytes of the approval and the ticket are not refused.
pub(super) fn accepted_mutations(file: &Value, trust: &Value) -> usize {
    let case = &file["case"];
    let before = prepared(case, trust).unwrap();
    let last = case["steps"].as_array().unwrap().last().unwrap();
    let mut accepted = 0;
    for part in ["approval", "ticket"] {
        let original = bytes(&last[part]);
        for at in 0..original.len() {
            let mut changed = original.clone();
            changed[at] ^= 1;
            let mut mutant = last.clone();
            mutant[part] = String::from_utf8_lossy(&changed).into_owned().into();
            accepted += usize::from(step(&mut before.clone(), &mutant, trust).is_ok());
        }
    }
    accepted
}
