//! `show` and `stats` as people read them.

use crate::fixture::Archive;
use crate::harness::Place;
use std::collections::BTreeSet;

#[test]
fn a_plot_has_a_bar_for_every_count_and_no_month_is_left_out() {
    let archive = Archive::copied();
    let counted = archive.json(&["stats", "--by", "month", "--tz", "Europe/Warsaw"]).document();
    let values = counted["series"]["values"].as_array().unwrap().clone();
    assert_eq!(counted["series"]["zone"], "Europe/Warsaw");
    let known: Vec<&str> = values.iter().map(|v| v[0].as_str().unwrap()).filter(|v| *v != "unknown").collect();
    for pair in known.windows(2) {
        let number = |month: &str| month[..4].parse::<u32>().unwrap() * 12 + month[5..].parse::<u32>().unwrap();
        assert_eq!(number(pair[1]), number(pair[0]) + 1, "{known:?}");
    }
    let plot = archive.run(&["stats", "--plot", "--tz", "Europe/Warsaw"]);
    assert!(plot.err.contains("Europe/Warsaw"), "{}", plot.err);
    let most = values.iter().map(|v| v[1].as_u64().unwrap()).max().unwrap();
    for value in &values {
        let (month, n) = (value[0].as_str().unwrap(), value[1].as_u64().unwrap());
        let row = plot.out.lines().find(|line| line.trim_start().starts_with(month)).unwrap();
        let bar = row.chars().filter(|c| *c == '#').count() as u64;
        assert_eq!(bar, if n == 0 { 0 } else { (n * 50 / most).max(1) }, "{row}");
        assert!(row.contains(&format!(" {n} ")) || row.ends_with(&n.to_string()), "{row}");
    }
    let place = archive.place();
    let blocks =
        place.run_with(&[("LC_ALL", "C.UTF-8")], &["-A", "demo/archive", "stats", "--plot", "--color", "never"]);
    assert!(blocks.out.contains('█') && !blocks.out.contains('#'));
}

#[test]
fn weekdays_and_hours_are_all_there_with_the_unknown_ones_last() {
    let archive = Archive::copied();
    for (by, first, count) in [("weekday", "Mon", 7), ("hour", "00", 24)] {
        let report = archive.json(&["stats", "--by", by]).document();
        let values = report["series"]["values"].as_array().unwrap().clone();
        let known = values.iter().filter(|value| value[0] != "unknown").count();
        assert_eq!((known, values[0][0].as_str().unwrap()), (count, first));
        let sum: u64 = values.iter().map(|value| value[1].as_u64().unwrap()).sum();
        assert_eq!(sum, report["messages"].as_u64().unwrap(), "{by}");
    }
}

#[test]
fn attachments_are_saved_exactly_and_never_over_a_file() {
    let archive = Archive::copied();
    let ids = archive.run(&["search", "hasattachment:true", "--ids", "--limit", "3"]).out;
    let ids: Vec<&str> = ids.lines().collect();
    let mut paths = BTreeSet::new();
    for _ in 0..2 {
        let args = [&["show"], ids.as_slice(), &["--save-attachments", "out", "--json"]].concat();
        for line in archive.run(&args).out.lines() {
            let document: serde_json::Value = serde_json::from_str(line).unwrap();
            for saved in document["saved"].as_array().unwrap() {
                let path = saved["path"].as_str().unwrap().to_owned();
                let bytes = std::fs::read(archive.place().path().join(&path)).unwrap();
                assert_eq!(custodia::model::Digest::of(&bytes).to_hex(), saved["sha256"].as_str().unwrap());
                assert!(paths.insert(path), "one file twice");
            }
        }
    }
    assert!(paths.len() >= 6);
    let names = std::fs::read_dir(archive.place().path().join("out")).unwrap();
    assert_eq!(names.count(), paths.len(), "nothing incomplete is left");
}

#[test]
fn the_history_of_a_message_has_its_text_before_and_after() {
    let archive = Archive::copied();
    let id = archive.run(&["search", "isedited:true", "--ids", "--limit", "1"]).out;
    let shown = archive.run(&["show", id.trim(), "--history"]);
    assert!(shown.out.contains("this message") && shown.out.contains("Edited Text:"), "{}", shown.out);
    assert!(shown.out.lines().all(|line| line == line.trim_end()), "no blanks at the end of a line");
}

#[test]
fn a_large_message_is_handed_out_exactly() {
    let place = Place::new();
    let phone = place.path().join("phone");
    std::fs::create_dir(&phone).unwrap();
    // Above the size from which a file is read in chunks, and no multiple of a line or a chunk.
    let film: Vec<u8> = (0..9_000_001u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(phone.join("film.mp4"), &film).unwrap();
    let chat = "25/02/2026, 09:13 - Bo Lee: film.mp4 (file attached)\n25/02/2026, 09:14 - Ann Kay: thanks\n";
    std::fs::write(phone.join("WhatsApp Chat with Ann Kay.txt"), chat).unwrap();
    assert_eq!(place.run(&["init", "a"]).code, 0);
    assert_eq!(place.run(&["-A", "a", "user", "add", "bo@firm.example"]).code, 0);
    let import = ["-A", "a", "import", "phone", "--owner", "bo@firm.example", "--me", "Bo Lee", "--source-tz", "UTC"];
    place.run(&import);
    let id = place.run(&["-A", "a", "search", "hasattachment:true", "--ids"]).out;
    let shown =
        place.run(&["-A", "a", "show", id.trim(), "--save-attachments", "out", "--headers", "--json"]).document();
    assert_eq!(std::fs::read(place.path().join("out/film.mp4")).unwrap(), film);
    assert_eq!(shown["saved"][0]["size"], film.len());
    assert!(shown["headers"].as_str().unwrap().contains("multipart/mixed"));
    let raw = place.raw(&["-A", "a", "show", id.trim(), "--raw"]);
    assert_eq!(custodia::model::Digest::of(&raw).to_hex(), shown["digest"].as_str().unwrap());
    // A file that was changed is no answer, not even the beginning of one.
    let hex = shown["digest"].as_str().unwrap();
    let file = place.path().join(format!("a/vault/{}/{hex}.eml", &hex[..2]));
    let mut bytes = raw.clone();
    bytes[6_000_000] ^= 1;
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, bytes).unwrap();
    let ran = place.run(&["-A", "a", "show", id.trim(), "--raw"]);
    assert_eq!((ran.code, ran.out.len()), (5, 0), "{}", ran.err);
}
