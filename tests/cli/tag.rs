//! `tag`: what scripts and people meet.

use crate::fixture::Archive;

#[test]
fn a_tag_is_added_listed_and_removed_with_exact_counts() {
    let archive = Archive::copied();
    let invoices: u64 = archive.run(&["search", "invoice", "--count"]).out.trim().parse().unwrap();
    let would = archive.json(&["tag", "add", "Finance", "invoice", "-n"]);
    assert_eq!((would.code, &would.document()["changed"]), (0, &invoices.into()));
    assert_eq!(archive.json(&["tag", "list"]).document()["total"], 0);
    let added = archive.json(&["tag", "add", "Finance", "invoice"]).document();
    assert_eq!(added["schema"], "custodia.tag.add/1");
    assert_eq!((&added["matched"], &added["unchanged"]), (&invoices.into(), &0.into()));
    let ids = archive.run(&["search", "invoice", "--ids", "--limit", "2"]).out;
    std::fs::write(archive.place().path().join("ids"), &ids).unwrap();
    let again = archive.run(&["tag", "add", "FINANCE", "--ids", "ids"]);
    assert!(again.out.starts_with("Finance put on 0 messages; 2 had it already\n"), "{}", again.out);
    let list = archive.json(&["tags", "list"]).document();
    assert_eq!((&list["tags"][0]["tag"], &list["tags"][0]["messages"]), (&"Finance".into(), &invoices.into()));
    assert_eq!(list["tags"][0]["changed_by"], "j.ward");
    let hit = archive.json(&["search", "invoice", "--limit", "1"]).document()["hits"][0].clone();
    assert_eq!(hit["tags"][0], "Finance");
    let shown = archive.json(&["show", hit["id"].as_str().unwrap()]).document();
    assert_eq!(shown["tags"][0], "Finance");
    assert_eq!(archive.json(&["tag", "remove", "finance", "--ids", "ids"]).document()["changed"], 2);
    assert_eq!(archive.json(&["tag", "remove", "finance"]).document()["changed"], invoices - 2);
    assert_eq!(archive.json(&["tag", "list"]).document()["total"], 0);
}

#[test]
fn what_cannot_be_tagged_says_why() {
    let archive = Archive::copied();
    for (args, code) in [
        (&["tag", "add", "x"][..], 2),
        (&["tag", "add", "x", "invoice", "--ids", "f"], 2),
        (&["tag", "add", "a*", "invoice"], 2),
        (&["tag", "add", "x", "wire AND ("], 2),
        (&["tag", "add", "x", "zebra AND wombat"], 1),
        (&["tag", "add", "x", "--ids", "nowhere"], 2),
        (&["tag", "remove", "x"], 1),
    ] {
        let ran = archive.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains("error:"), "{args:?}");
    }
    let error = archive.json(&["tag", "remove", "x"]).error();
    assert_eq!((&error["schema"], &error["code"]), (&"custodia.error/1".into(), &"not_found".into()));
}
