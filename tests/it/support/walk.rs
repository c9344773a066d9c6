//! An app on its way from upload to approval, through the API alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use verifier::trust::Collection;

use super::api::{Answer, Caller};
use super::product::Product;

/// How long a check may take on a busy machine; the target is under a minute.
pub(crate) const CHECK: Duration = Duration::from_mins(4);
/// How long signing, logging and witnessing may take.
pub(crate) const ISSUING: Duration = Duration::from_mins(1);

/// An app as its vendor has it: two manifests and an archive.
pub(crate) struct App {
    pub(crate) entry: Value,
    pub(crate) manifest: Value,
    pub(crate) bundle: Vec<u8>,
    /// The archive as a file, for those who choose it in a form.
    pub(crate) archive: PathBuf,
}

impl App {
    /// An app of `tests/apps`, built by `make apps`.
    pub(crate) fn built(name: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let source = root.join("tests/apps").join(name);
        let bundle = root.join("target/apps").join(name).join("bundle.zip");
        Self {
            entry: document(&source.join("app.json")),
            manifest: document(&source.join("version.json")),
            bundle: fs::read(&bundle)
                .unwrap_or_else(|_| panic!("{} is missing: run `make apps`", bundle.display())),
            archive: bundle,
        }
    }

    pub(crate) fn id(&self) -> &str {
        self.entry["software_id"].as_str().unwrap()
    }

    pub(crate) fn version(&self) -> &str {
        self.manifest["software_version"].as_str().unwrap()
    }

    /// The address of the version in the API.
    pub(crate) fn path(&self) -> String {
        format!("/api/v1/apps/{}/versions/{}", self.id(), self.version())
    }

    /// Registers and uploads it.
    pub(crate) async fn uploaded_by(&self, vendor: &Caller) -> Value {
        vendor
            .post("/api/v1/apps", self.entry.clone())
            .await
            .expect(201);
        let manifest = serde_json::to_vec(&self.manifest).unwrap();
        let answer = vendor
            .upload(self.id(), &manifest, self.bundle.clone())
            .await;
        answer.expect(201).json()
    }

    /// Starts a check; gives its address.
    pub(crate) async fn check_started_by(&self, vendor: &Caller) -> String {
        let path = format!("{}/checks", self.path());
        let answer = vendor.post(&path, json!({})).await.expect(202);
        answer.location.unwrap()
    }

    /// Checks it; gives the finished check.
    pub(crate) async fn checked_by(&self, vendor: &Caller) -> Value {
        let check = self.check_started_by(vendor).await;
        finished(vendor, &check).await
    }

    /// Sends it to review.
    pub(crate) async fn submitted_by(&self, vendor: &Caller) -> Answer {
        let path = format!("{}/submission", self.path());
        vendor.post(&path, json!({})).await
    }

    /// A decision at the desk.
    pub(crate) async fn reviewed_by(
        &self,
        reviewer: &Caller,
        role: &str,
        decision: &str,
    ) -> Answer {
        let path = format!("{}/reviews", self.path());
        let reason = if decision == "reject" {
            "Se funnene."
        } else {
            ""
        };
        let review = json!({"decision": decision, "role": role, "reason": reason});
        reviewer.post(&path, review).await
    }

    /// Waits until the approval is out; gives approval and ticket.
    pub(crate) async fn approval(&self, caller: &Caller) -> (String, String) {
        let approval = format!("{}/approval", self.path());
        let approved = caller
            .until(&approval, ISSUING, |answer| answer.status == 200)
            .await;
        let ticket = caller
            .get(&format!("{approval}.tlog-proof"))
            .await
            .expect(200);
        (approved.body, ticket.body)
    }

    /// The whole way.
    pub(crate) async fn approved_in(&self, product: &Product) -> (String, String) {
        let vendor = product.person("leverandor-fjord");
        self.uploaded_by(&vendor).await;
        let check = self.checked_by(&vendor).await;
        assert_eq!(check["state"], "passed", "{:#}", failures(&check));
        self.submitted_by(&vendor).await.expect(200);
        for (reviewer, role) in [("sikkerhet-berg", "security"), ("klinikk-eng", "clinical")] {
            let reviewer = product.person(reviewer);
            self.reviewed_by(&reviewer, role, "approve")
                .await
                .expect(201);
        }
        self.approval(&product.stranger()).await
    }
}

/// Waits until a check has ended.
pub(crate) async fn finished(caller: &Caller, check: &str) -> Value {
    let ended = |answer: &Answer| {
        let state = answer.json()["state"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        matches!(state.as_str(), "passed" | "failed" | "broken")
    };
    caller.until(check, CHECK, ended).await.json()
}

/// The requirements that a check found unfulfilled, with what was observed.
pub(crate) fn failures(check: &Value) -> Value {
    let results = check["report"]["results"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let failed = results
        .into_iter()
        .filter(|result| result["outcome"] == "failed" || result["outcome"] == "not-assessed")
        .map(|result| json!({"id": result["id"], "outcome": result["outcome"], "observed": result["observed"]["en"]}));
    Value::Array(failed.collect())
}

/// What an EPJ keeps to verify offline, in a folder: a mirror of the trust repository, the root
/// document that it pins, and the status list.
pub(crate) async fn trust_folder(product: &Product, name: &str) -> PathBuf {
    let folder = product.folder().join(name);
    for inner in ["status", "targets"] {
        fs::create_dir_all(folder.join(inner)).unwrap();
    }
    let stranger = product.stranger();
    let root = stranger.get("/trust/1.root.json").await.expect(200);
    fs::write(folder.join("root.json"), root.body).unwrap();
    let mut mirror = Collection::new(1);
    while let Some(wanted) = mirror.wanted() {
        let answer = stranger.get(&format!("/trust/{}", wanted.name)).await;
        let file = (answer.status == 200).then(|| answer.body.into_bytes());
        if let Some(bytes) = &file {
            fs::write(folder.join(&wanted.name), bytes).unwrap();
        }
        mirror.take(file);
    }
    let list = stranger.get("/status/0").await.expect(200);
    fs::write(folder.join("status/0.jwt"), list.body).unwrap();
    folder
}

fn document(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}
