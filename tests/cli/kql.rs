//! The page that teaches the query language, and its examples.

use crate::{fixture::Archive, harness::Place};

/// What stands in front of the meaning on each line of an example.
fn examples(page: &str) -> Vec<String> {
    let lines = page.lines().filter_map(|line| line.strip_prefix("  "));
    lines.filter_map(|line| line.get(..37)).map(|query| query.trim().to_owned()).collect()
}

#[test]
fn the_page_fits_one_screen_and_needs_no_archive() {
    let ran = Place::new().run(&["help", "kql"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.lines().count() <= 48, "{} lines", ran.out.lines().count());
    assert!(ran.out.lines().all(|line| line.chars().count() <= 100));
    assert_eq!(ran.out, Place::new().run(&["help", "KQL"]).out);
    assert_eq!(examples(&ran.out).len(), 24);
}

#[test]
fn every_example_of_the_page_finds_something() {
    let archive = Archive::copied();
    let page = archive.run(&["help", "kql"]).out;
    let found = archive.json(&["search", "hasattachment:true", "--limit", "1"]).document();
    let digest = found["hits"][0]["attachments"][0]["sha256"].as_str().unwrap().to_owned();
    for query in examples(&page) {
        let query = query.replace("SHA256", &digest);
        let ran = archive.run(&["search", &query, "--count"]);
        assert_eq!(ran.code, 0, "{query}: {} {}", ran.out, ran.err);
        assert!(ran.out.trim().parse::<u64>().unwrap() > 0, "{query}");
        let plan = archive.run(&["search", "--explain", &query]);
        assert_eq!(plan.code, 0, "{query}: {}", plan.err);
    }
}

#[test]
fn a_folder_id_finds_the_items_of_that_folder_alone() {
    let archive = Archive::copied();
    let user = archive.json(&["user", "show", "ana.ruiz@northgate.example"]).document();
    let count = |query: &str| archive.run(&["search", query, "--count"]).out.trim().to_owned();
    let folder = user["folders"]["whatsapp_archiver"].as_str().unwrap();
    assert_eq!(folder.len(), 48);
    assert_eq!(
        count(&format!("folderid:{folder}")),
        count("mailbox:ana.ruiz@northgate.example folderid:\"whatsapp archiver\"")
    );
    assert_eq!(count(&format!("folderid:{}", user["folders"]["deletions"].as_str().unwrap())), "0");
    let wrong = archive.run(&["search", "folderid:abc"]);
    assert!(wrong.code == 2 && wrong.err.contains("there is no folder `abc`"), "{}", wrong.err);
}
