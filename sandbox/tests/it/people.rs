//! The EPJ's lists of people and contacts.

use serde_json::{Value, json};

#[tokio::test]
async fn people_are_found_by_name_number_and_birth_date() {
    let world = crate::support::world().await;
    let all = world.get("/demo/epj/patients").await.expect(200).json();
    let first = &all[0];
    for member in ["family", "identifier", "birth_date", "id"] {
        let found = world
            .get(&format!(
                "/demo/epj/patients?q={}",
                urlencoded(&first[member])
            ))
            .await
            .json();
        assert!(found.as_array().unwrap().contains(first), "{member}");
    }
    let born = first["birth_date"].as_str().unwrap();
    let written: Vec<&str> = born.rsplit('-').collect();
    let path = format!("/demo/epj/patients?q={}", written.join("."));
    let found = world.get(&path).await.json();
    assert!(found.as_array().unwrap().contains(first), "as written here");
    let page = world.get("/demo/").await.expect(200).text;
    assert!(page.contains(&written.join(".")) && !page.contains(born));
    let page = world.get("/demo/?lang=en").await.expect(200).text;
    assert!(page.contains(born));
    assert_eq!(
        world.get("/demo/epj/patients?q=finnes-ikke").await.json(),
        json!([])
    );
    assert_eq!(
        world
            .get("/demo/epj/practitioners")
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        6
    );
    let encounters = world
        .get("/demo/epj/encounters?patient=p0")
        .await
        .expect(200)
        .json();
    let starts: Vec<&str> = encounters
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["start"].as_str().unwrap())
        .collect();
    assert!(
        starts.is_sorted_by(|one, other| one >= other),
        "newest first: {starts:?}"
    );
    world.get("/nobody/epj/patients").await.expect(404);
    world.get("/nobody/").await.expect(404);
}

fn urlencoded(value: &Value) -> String {
    url::form_urlencoded::byte_serialize(value.as_str().unwrap().as_bytes()).collect()
}
