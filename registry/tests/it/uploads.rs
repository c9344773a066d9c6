//! Uploads: what is taken, what is refused, and that a version never changes.

use axum::body::Body;
use axum::http::{Request, header};
use foundation::Digest;
use foundation::testing;
use registry::RegistryConfig;
use serde_json::json;

use crate::support::{
    bundle_with, hosted, json_request, manifest, multipart_of, world, worlds, zipped,
};

const APP: &str = "no.eksempel.app";
const VERSIONS: &str = "/api/v1/apps/no.eksempel.app/versions";

#[tokio::test]
async fn a_version_is_taken_with_its_digests_and_addresses() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let bundle = bundle_with("en");
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&bundle))
            .await
            .expect(201);
        assert_eq!(reply.headers[header::LOCATION], format!("{VERSIONS}/1.0.0"));
        let version = reply.json();
        let digest = Digest::of(&bundle);
        assert_eq!(version["bundle"], digest.sri(), "{}", world.engine);
        assert_eq!(version["level"], "bundle");
        assert_eq!(version["state"], "draft");
        let origin = format!("http://{}.apps.localhost:8082", digest.label());
        assert_eq!(
            version["addresses"]["launch_uri"],
            format!("{origin}/launch.html")
        );
        assert_eq!(
            version["addresses"]["redirect_uris"],
            json!([format!("{origin}/index.html")])
        );
        assert_eq!(version["addresses"]["origins"], json!([origin]));

        let history = world
            .get("vendor", &format!("{VERSIONS}/1.0.0/history"))
            .await
            .json();
        assert_eq!(history[0]["event"], "uploaded");
        assert_eq!(history[0]["previous"], version["release"]);
        for stranger in ["", "other-vendor", "security", "municipality"] {
            world
                .get(stranger, &format!("{VERSIONS}/1.0.0"))
                .await
                .refused(404, "version-unknown");
        }
    }
}

#[tokio::test]
async fn the_same_bytes_again_change_nothing_and_other_bytes_are_refused() {
    for world in worlds().await {
        let first = world.draft(APP, "Blodtrykk").await;
        let same = bundle_with(APP);
        let again = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&same))
            .await
            .expect(200)
            .json();
        assert_eq!(again, first, "{}", world.engine);
        let other = bundle_with("andre byte");
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&other))
            .await;
        reply.refused(409, "version-reused");
        let mut changed = manifest("1.0.0");
        changed["scope"] = json!("launch");
        let reply = world.upload("vendor", APP, &changed, Some(&same)).await;
        reply.refused(409, "version-reused");
        let now = world
            .get("vendor", &format!("{VERSIONS}/1.0.0"))
            .await
            .json();
        assert_eq!(now, first);
    }
}

#[tokio::test]
async fn two_uploads_at_once_leave_one_version() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let (left, right) = (bundle_with("venstre"), bundle_with("høyre"));
        let first_manifest = manifest("1.0.0");
        let (first, second) = tokio::join!(
            world.upload("vendor", APP, &first_manifest, Some(&left)),
            world.upload("vendor", APP, &first_manifest, Some(&right)),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{}", world.engine);
        let loser = if first.status == 409 { first } else { second };
        loser.refused(409, "version-reused");
        let second_manifest = manifest("1.1.0");
        let (first, second) = tokio::join!(
            world.upload("vendor", APP, &second_manifest, Some(&left)),
            world.upload("vendor", APP, &second_manifest, Some(&left)),
        );
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "{}", world.engine);
        let app = world
            .get("vendor", "/api/v1/apps/no.eksempel.app")
            .await
            .json();
        assert_eq!(app["versions"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn versions_only_go_up() {
    for world in worlds().await {
        world.draft(APP, "Blodtrykk").await;
        for lower in ["0.9.9", "1.0.0-rc.1"] {
            let bundle = bundle_with(lower);
            let reply = world
                .upload("vendor", APP, &manifest(lower), Some(&bundle))
                .await;
            reply.refused(422, "manifest-invalid");
            assert_eq!(reply.findings()[0].0, "version-not-monotone");
        }
        for wrong in ["1", "1.0", "v1.0.1", "1.0.01", "1.0.1+x"] {
            let reply = world
                .upload("vendor", APP, &manifest(wrong), Some(&bundle_with(wrong)))
                .await;
            assert_eq!(reply.findings()[0].1, "/software_version", "{wrong}");
        }
        let bundle = bundle_with("1.0.1");
        world
            .upload("vendor", APP, &manifest("1.0.1"), Some(&bundle))
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn a_manifest_that_lies_is_told_every_lie() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let mut lying = manifest("1.0.0");
        lying["launch_uri"] = json!("/finnes-ikke.html");
        lying["redirect_uris"] = json!(["/index.html", "/index.html", "https://evil.example/"]);
        lying["scope"] = json!("launch patient/*.rs");
        lying["hosts"] = json!(["*.eksempel.example"]);
        let reply = world
            .upload("vendor", APP, &lying, Some(&bundle_with("x")))
            .await;
        reply.refused(422, "manifest-invalid");
        let found: Vec<_> = reply.findings().into_iter().map(|(code, _)| code).collect();
        assert_eq!(
            found,
            [
                "redirect-other-origin",
                "redirect-duplicate",
                "scope-wildcard",
                "host-wildcard",
                "launch-missing-in-bundle"
            ]
        );
        let reply = world.upload("vendor", APP, &manifest("1.0.0"), None).await;
        assert_eq!(reply.findings()[0].0, "bundle-missing");
        world
            .get("vendor", &format!("{VERSIONS}/1.0.0"))
            .await
            .refused(404, "version-unknown");
    }
}

#[tokio::test]
async fn a_hosted_app_is_registered_with_its_manifest_alone() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let request = json_request(axum::http::Method::POST, VERSIONS, &hosted("1.0.0"));
        let version = world.send("vendor", request).await.expect(201).json();
        assert_eq!(version["level"], "origin", "{}", world.engine);
        assert_eq!(version["bundle"], json!(null));
        assert_eq!(
            version["addresses"]["origins"],
            json!(["https://app.eksempel.example"])
        );
        let mut plain = hosted("1.1.0");
        plain["launch_uri"] = json!("http://app.eksempel.example/launch");
        let request = json_request(axum::http::Method::POST, VERSIONS, &plain);
        let reply = world.send("vendor", request).await;
        assert_eq!(
            reply.findings()[0],
            ("address-scheme".to_owned(), "/launch_uri".to_owned())
        );
    }
}

#[tokio::test]
async fn one_archive_belongs_to_one_app() {
    for world in worlds().await {
        world.draft(APP, "Blodtrykk").await;
        world.entry("no.eksempel.annen", "Noe annet").await;
        let stolen = bundle_with(APP);
        let reply = world
            .upload(
                "vendor",
                "no.eksempel.annen",
                &manifest("1.0.0"),
                Some(&stolen),
            )
            .await;
        reply.refused(409, "bundle-of-another-app");
        let app = world
            .get("vendor", "/api/v1/apps/no.eksempel.annen")
            .await
            .json();
        assert_eq!(app["versions"], json!([]));
    }
}

#[tokio::test]
async fn uploads_that_cannot_be_read_are_told_apart() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let text = manifest("1.0.0").to_string().into_bytes();
        let zip = bundle_with("x");
        let send = |request| world.send("vendor", request);
        let plain = Request::post(VERSIONS).body(Body::from("x")).unwrap();
        send(plain).await.refused(400, "upload-media-type");
        send(multipart_of(VERSIONS, &[("bundle", zip.clone())]))
            .await
            .refused(400, "upload-manifest-missing");
        send(multipart_of(
            VERSIONS,
            &[("manifest", text.clone()), ("manifest", text.clone())],
        ))
        .await
        .refused(400, "upload-part-repeated");
        send(multipart_of(
            VERSIONS,
            &[("manifest", text.clone()), ("image", zip)],
        ))
        .await
        .refused(400, "upload-part-unknown");
        let cut_off = Request::post(VERSIONS)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=limit")
            .body(Body::from(
                "--limit\r\nContent-Disposition: form-data; name=\"manifest\"\r\n\r\n{",
            ))
            .unwrap();
        send(cut_off).await.refused(400, "upload-broken");
        let reply = send(multipart_of(
            VERSIONS,
            &[("manifest", b"not json".to_vec())],
        ))
        .await;
        assert_eq!(reply.findings()[0].0, "json-invalid");
        send(multipart_of(VERSIONS, &[("manifest", vec![b' '; 70_000])]))
            .await
            .refused(413, "upload-too-large");
    }
}

#[tokio::test]
async fn limits_hold_while_the_upload_arrives() {
    for database in testing::databases().await.unwrap() {
        let config = RegistryConfig {
            max_packed_bytes: 4096,
            max_unpacked_bytes: 8192,
            ..RegistryConfig::default()
        };
        let world = world(database, config).await;
        world.entry(APP, "Blodtrykk").await;
        let noise: Vec<u8> = (0..5000_u32)
            .flat_map(|n| Digest::of(&n.to_le_bytes()).as_bytes()[..1].to_vec())
            .collect();
        let large = zipped(&[("launch.html", &noise)]);
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&large))
            .await;
        reply.refused(413, "upload-too-large");
        let huge = vec![0; 400_000];
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&huge))
            .await;
        reply.refused(413, "upload-too-large");
        let bomb = zipped(&[("launch.html", &[b'a'; 9000])]);
        let reply = world
            .upload("vendor", APP, &manifest("1.0.0"), Some(&bomb))
            .await;
        reply.refused(413, "archive-too-large");
    }
}

#[tokio::test]
async fn only_the_vendor_uploads() {
    for world in worlds().await {
        world.entry(APP, "Blodtrykk").await;
        let bundle = bundle_with("x");
        let reply = world
            .upload("other-vendor", APP, &manifest("1.0.0"), Some(&bundle))
            .await;
        reply.refused(404, "app-unknown");
        let reply = world
            .upload("security", APP, &manifest("1.0.0"), Some(&bundle))
            .await;
        reply.refused(403, "wrong-role");
        let reply = world
            .upload("", APP, &manifest("1.0.0"), Some(&bundle))
            .await;
        reply.refused(401, "not-logged-in");
        let reply = world
            .upload("vendor", "no.ukjent.app", &manifest("1.0.0"), Some(&bundle))
            .await;
        reply.refused(404, "app-unknown");
    }
}
