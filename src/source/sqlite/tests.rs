//! The contract of the opener on made, damaged and hostile databases.

use super::*;
use crate::fs::spool::Spool;
use rusqlite::Connection;
use std::{fs, path::Path};
use tempfile::TempDir;

/// A database made by `sql`, opened.
fn made(sql: &str) -> (TempDir, Opened) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let opened = opened(dir.path(), &path);
    (dir, opened)
}

fn opened(dir: &Path, path: &Path) -> Opened {
    open(path, "a.db", &Spool::create(&dir.join("spool")).unwrap()).unwrap()
}

fn texts(database: &Database, table: &str, columns: &[&str], order: Order<'_>) -> Vec<String> {
    let mut seen = Vec::new();
    database
        .select(table, columns, order, &mut |row| {
            let cells: Vec<_> = (0..columns.len()).map(|i| row.text(i).unwrap_or("-".into()).into_owned()).collect();
            seen.push(format!("{}:{}", row.id(), cells.join(",")));
            Ok(())
        })
        .unwrap();
    seen
}

#[test]
fn rows_come_in_the_order_of_a_column_and_missing_columns_are_null() {
    let (_dir, opened) = made(
        "CREATE TABLE t(_id INTEGER PRIMARY KEY, sort_id, x);
         INSERT INTO t VALUES (1, 30, 'c'), (2, 10, x'61'), (3, '20', 2.5), (4, NULL, NULL);",
    );
    let database = opened.database.unwrap();
    assert_eq!(
        texts(&database, "t", &["x", "none", "_ID"], Order::By("sort_id")),
        ["4:-,-,4", "2:a,-,2", "3:2.5,-,3", "1:c,-,1"]
    );
    assert_eq!(texts(&database, "T", &["x"], Order::By("none")), ["1:c", "2:a", "3:2.5", "4:-"]);
    assert!(texts(&database, "missing", &["x"], Order::Id).is_empty());
    assert_eq!(database.count("t").unwrap(), 4);
    assert_eq!(database.take_findings(), []);
}

#[test]
fn a_lookup_finds_rows_by_row_id_by_index_and_without_one() {
    let (_dir, opened) = made(
        "CREATE TABLE k(id INTEGER PRIMARY KEY, x); CREATE TABLE i(id INTEGER PRIMARY KEY, m, x); CREATE INDEX ii ON i(m);
         CREATE TABLE n(m, x); CREATE TABLE p(m, x); CREATE INDEX pi ON p(m) WHERE x = 1;
         INSERT INTO k VALUES (7, 'a'), (8, 'b');
         INSERT INTO i(m, x) VALUES (7, 'a'), (8, 'b'), (7, 'c'); INSERT INTO n SELECT m, x FROM i; INSERT INTO p SELECT m, x FROM i;",
    );
    let database = opened.database.unwrap();
    for (table, by, expected) in
        [("k", "id", "a"), ("i", "m", "ac"), ("n", "m", "ac"), ("p", "m", "ac"), ("n", "no", ""), ("no", "m", "")]
    {
        let mut lookup = database.lookup(table, &["x"], by).unwrap();
        let mut found = String::new();
        lookup
            .rows(7, &mut |row| {
                found.push_str(&row.text(0).unwrap());
                Ok(())
            })
            .unwrap();
        lookup.rows(9, &mut |_| panic!("there is no 9")).unwrap();
        assert_eq!(found, expected, "{table}");
    }
    assert_eq!(database.take_findings(), []);
}

#[test]
fn sql_of_the_database_is_never_run() {
    let (_dir, opened) = made(
        "CREATE TABLE real(a); INSERT INTO real VALUES (1);
         CREATE VIEW message AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS _id FROM n;
         CREATE VIRTUAL TABLE chat USING fts5(x);
         CREATE TABLE g(a, b AS (hex(zeroblob(1000000))) VIRTUAL); INSERT INTO g(a) VALUES (1);
         CREATE TRIGGER tr AFTER INSERT ON real BEGIN DELETE FROM real; END;",
    );
    let database = opened.database.unwrap();
    assert!(texts(&database, "message", &["_id"], Order::Id).is_empty());
    assert!(texts(&database, "chat", &["x"], Order::Id).is_empty());
    assert_eq!(texts(&database, "g", &["a", "b"], Order::Id), ["1:1,-"]);
    let found: Vec<_> = database.take_findings().into_iter().map(|f| (f.code, f.place.to_string(), f.detail)).collect();
    assert_eq!(
        found,
        [
            (Code::TableRefused, "a.db > message".to_owned(), "a view, not a table; not read".to_owned()),
            (Code::TableRefused, "a.db > chat".to_owned(), "a virtual table, not a table; not read".to_owned()),
        ]
    );
    let refused = database.connection.execute_batch("DELETE FROM real");
    assert!(refused.unwrap_err().to_string().contains("readonly"));
    assert!(database.connection.execute_batch("ATTACH ':memory:' AS x").is_err());
}

#[test]
fn what_stands_only_in_the_log_is_read_and_nothing_is_written_beside_the_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    let writer = Connection::open(&path).unwrap();
    writer
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t(x); INSERT INTO t VALUES ('in the log');")
        .unwrap();
    let copied = dir.path().join("evidence");
    fs::create_dir(&copied).unwrap();
    for name in ["a.db", "a.db-wal"] {
        fs::copy(dir.path().join(name), copied.join(name)).unwrap();
    }
    let before = fs::read(copied.join("a.db-wal")).unwrap();
    let opened = opened(dir.path(), &copied.join("a.db"));
    assert_eq!(opened.files.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(), ["a.db", "a.db-wal"]);
    assert_eq!(opened.files[1].digest, crate::model::Digest::of(&before));
    assert_eq!(texts(&opened.database.unwrap(), "t", &["x"], Order::Id), ["1:in the log"]);
    assert_eq!(fs::read_dir(&copied).unwrap().count(), 2);
    assert_eq!(fs::read(copied.join("a.db-wal")).unwrap(), before);
}

#[test]
fn a_journal_that_names_a_further_file_is_not_used_and_that_file_stays() {
    let (dir, _) = made("CREATE TABLE t(x);");
    let victim = dir.path().join("victim");
    fs::write(&victim, b"precious").unwrap();
    let mut journal = vec![0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7, 0, 0, 0, 0];
    journal.resize(512, 0);
    let name = victim.to_str().unwrap().as_bytes();
    journal.extend_from_slice(name);
    journal.extend_from_slice(&(name.len() as u32).to_be_bytes());
    journal.extend_from_slice(&name.iter().map(|b| u32::from(*b)).sum::<u32>().to_be_bytes());
    journal.extend_from_slice(&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
    fs::write(dir.path().join("a.db-journal"), journal).unwrap();
    let opened = opened(dir.path(), &dir.path().join("a.db"));
    assert_eq!(opened.findings[0].place.file, "a.db-journal");
    assert_eq!(opened.files.len(), 1);
    drop(opened);
    assert!(victim.exists());
}

#[test]
fn a_damaged_page_loses_its_rows_and_the_finding_says_which() {
    let (dir, _) = made(
        "PRAGMA page_size = 1024; CREATE TABLE t(id INTEGER PRIMARY KEY, x);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO t SELECT i, printf('%0100d', i) FROM n;",
    );
    let path = dir.path().join("a.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2048 * 1024;
    bytes[middle..middle + 1024].fill(0xee);
    fs::write(&path, bytes).unwrap();
    let opened = opened(dir.path(), &path);
    let database = opened.database.unwrap();
    let seen = texts(&database, "t", &["x"], Order::Id);
    assert!((480..500).contains(&seen.len()), "{}", seen.len());
    assert!(seen[0].starts_with("1:") && seen.last().unwrap().starts_with("500:"));
    let findings = database.take_findings();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].code, Code::DatabaseDamaged);
    assert!(findings[0].detail.contains("are lost"), "{}", findings[0].detail);
}

#[test]
fn pages_that_lead_to_each_other_end_the_listing() {
    let (dir, _) = made(
        "PRAGMA page_size = 1024; CREATE TABLE t(id INTEGER PRIMARY KEY, x);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
         INSERT INTO t SELECT i, printf('%0100d', i) FROM n;",
    );
    let path = dir.path().join("a.db");
    let mut bytes = fs::read(&path).unwrap();
    // Page 2 is the root: an interior page, all of whose cells are made to lead to the first child.
    assert_eq!(bytes[1024], 5);
    let cells = usize::from(u16::from_be_bytes([bytes[1027], bytes[1028]]));
    let at = |bytes: &[u8], i: usize| {
        1024 + usize::from(u16::from_be_bytes([bytes[1024 + 12 + 2 * i], bytes[1024 + 13 + 2 * i]]))
    };
    let first = at(&bytes, 0);
    let child = [bytes[first], bytes[first + 1], bytes[first + 2], bytes[first + 3]];
    for i in 0..cells {
        let cell = at(&bytes, i);
        bytes[cell..cell + 4].copy_from_slice(&child);
    }
    fs::write(&path, bytes).unwrap();
    let database = opened(dir.path(), &path).database.unwrap();
    let seen = texts(&database, "t", &["x"], Order::Id);
    assert!(seen.len() < 40, "{}", seen.len());
    assert!(database.take_findings()[0].detail.contains("out of order"));
}

#[test]
fn one_damaged_description_does_not_cost_the_other_tables() {
    let (dir, _) =
        made("CREATE TABLE a(x); CREATE TABLE broken(x); CREATE TABLE b(x); INSERT INTO b VALUES ('whole');");
    let path = dir.path().join("a.db");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(13).position(|w| w == b"TABLE broken(").unwrap();
    bytes[at] = b'(';
    fs::write(&path, bytes).unwrap();
    let database = opened(dir.path(), &path).database.unwrap();
    assert_eq!(texts(&database, "b", &["x"], Order::Id), ["1:whole"]);
    let findings = database.take_findings();
    assert!(findings[0].detail.contains("malformed"), "{findings:?}");
    let refused = database.connection.execute_batch("PRAGMA query_only = OFF; DELETE FROM sqlite_master");
    assert!(refused.is_err(), "a lenient connection is still a defensive one");
}

#[test]
fn more_rows_of_one_key_than_are_read_are_said_with_and_without_an_index() {
    for index in ["", "CREATE INDEX ti ON t(m);"] {
        for (rows, said) in [(20_000, 0), (20_001, 1)] {
            let (_dir, opened) = made(&format!(
                "CREATE TABLE t(m, x); {index}
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) INSERT INTO t SELECT 7, i FROM n;"
            ));
            let database = opened.database.unwrap();
            let (mut lookup, mut count) = (database.lookup("t", &["x"], "m").unwrap(), 0);
            lookup
                .rows(7, &mut |_| {
                    count += 1;
                    Ok(())
                })
                .unwrap();
            assert_eq!((count, database.take_findings().len()), (20_000, said), "{index:?} {rows}");
        }
    }
}

#[test]
fn a_row_beyond_the_limit_is_lost_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    Connection::open(&path)
        .unwrap()
        .execute_batch("CREATE TABLE t(x); INSERT INTO t VALUES ('a'), (zeroblob(70000000)), ('c');")
        .unwrap();
    let database = opened(dir.path(), &path).database.unwrap();
    assert_eq!(texts(&database, "t", &["x"], Order::Id), ["1:a", "3:c"]);
    let findings = database.take_findings();
    assert_eq!((findings.len(), findings[0].place.line), (1, Some(2)), "{findings:?}");
}

#[test]
fn what_is_no_database_is_a_finding() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.db");
    for bytes in [&b""[..], b"SQLite format 3\0", b"PK\x03\x04", &[0xff; 5000]] {
        fs::write(&path, bytes).unwrap();
        let opened = opened(dir.path(), &path);
        assert!(opened.database.is_none());
        assert_eq!(opened.findings.len(), 1, "{bytes:?}");
        assert_eq!(opened.files.len(), 1);
    }
}

#[test]
fn random_damage_never_panics() {
    let (dir, _) = made(
        "PRAGMA page_size = 512; CREATE TABLE t(id INTEGER PRIMARY KEY, m, x); CREATE INDEX ti ON t(m);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
         INSERT INTO t SELECT i, i % 7, printf('%060d', i) FROM n;",
    );
    let path = dir.path().join("a.db");
    let whole = fs::read(&path).unwrap();
    let mut state = 1_u64;
    for _ in 0..150 {
        let mut bytes = whole.clone();
        for _ in 0..6 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = (state >> 24) as u8;
        }
        fs::write(&path, bytes).unwrap();
        let Some(database) = opened(dir.path(), &path).database else { continue };
        assert!(texts(&database, "t", &["x", "m"], Order::By("m")).len() <= 400);
        let mut lookup = database.lookup("t", &["x"], "m").unwrap();
        lookup.rows(3, &mut |_| Ok(())).unwrap();
    }
}
