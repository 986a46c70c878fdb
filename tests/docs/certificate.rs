//! The script of `src/docs/deletion.md` against real certificates.

use crate::{
    common::TestArchive,
    page::{blocks, have, page},
};
use custodia::archive::{ApplyOptions, Selection};
use std::process::Command;

#[test]
fn the_script_of_ten_lines_checks_a_certificate_and_compares_it_with_an_anchor() {
    let script = blocks(&page("src/docs/deletion.md"), "python").remove(0);
    assert!(script.lines().count() <= 10);
    if !have(&["python3"]) {
        return;
    }
    let (test, _) = TestArchive::imported(200);
    let planned = test.open().plan_deletion(&Selection::Query("wire".into()), &[], "x", false).unwrap();
    test.writer().apply_plan(&planned.plan.0, ApplyOptions { purge: true, ..ApplyOptions::default() }).unwrap();
    let anchor = test.open().anchor().unwrap();
    let text = serde_json::to_string(&test.open().certificate(&planned.plan.0).unwrap()).unwrap();
    let file = test.dir.path().join("certificate.json");
    let check = |text: &str, anchor: &[String]| {
        std::fs::write(&file, text).unwrap();
        let out = Command::new("python3").arg("-c").arg(&script).arg(&file).args(anchor).output().unwrap();
        (out.status.code().unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let kept = [anchor.seq.to_string(), anchor.head.to_string()];
    assert_eq!(check(&text, &[]).0, 0);
    assert_eq!(check(&text, &kept).0, 0, "{}", check(&text, &kept).1);
    assert_ne!(check(&text, &[anchor.seq.to_string(), "0".repeat(64)]).0, 0);
    assert_ne!(check(&text.replacen("pc7", "pc8", 1), &[]).0, 0, "a line says something else");
    let head = format!("\"head\":\"{}\"", "0".repeat(64));
    let at = text.find("\"head\":\"").unwrap();
    let forged = format!("{}{head}{}", &text[..at], &text[at + head.len()..]);
    assert_ne!(check(&forged, &[]).0, 0, "another head");
}
