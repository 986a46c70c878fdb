//! How long does an exported chat of 40,000 messages take to be read, and how much memory does a large video in a zip take to
//! be archived?
//!
//! The second is not timed by criterion: it is one import, and the figure is the peak of the process. `BENCH_VIDEO_MB` sets
//! the size of the video (default 256; 2048 is the size that matters).
#![allow(clippy::expect_used)]

#[path = "../tests/common/mod.rs"]
mod common;

use common::TestArchive;
use criterion::{Criterion, Throughput};
use custodia::{
    archive::{ImportOptions, PhoneImport},
    fs::spool::Spool,
    model::MailboxName,
    progress::Silent,
    source::{
        chat_export,
        phone::{DateOrder, PhoneOptions, PhoneRead},
    },
};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read, Write as _},
    path::Path,
};

const RECORDS: u64 = 40_000;
const OWNER: &str = "bo@firm.example";

fn main() {
    video();
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("WhatsApp Chat with Quarter end.txt");
    fs::write(&file, chat()).expect("a chat");
    let options = PhoneOptions {
        owner: MailboxName::parse(OWNER).expect("an address"),
        me: Some("Bo Lee".into()),
        source_tz: Some(custodia::model::Zone::named("Europe/London").expect("a zone of the database")),
        date_order: Some(DateOrder::Dmy),
        only_chats: Vec::new(),
        exclude_chats: Vec::new(),
        key_file: None,
        spool: Spool::create(dir.path()).expect("a spool"),
    };
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("phone");
    group.throughput(Throughput::Elements(RECORDS));
    group.bench_function("read an exported chat", |bench| {
        bench.iter(|| {
            let mut records = 0;
            chat_export::read(&file, &options, &mut |read| {
                records += u64::from(matches!(read, PhoneRead::Item(_)));
                Ok(())
            })
            .expect("a chat");
            assert_eq!(records, RECORDS);
        });
    });
    group.finish();
    criterion.final_summary();
}

fn chat() -> String {
    let mut text = String::new();
    for n in 0..RECORDS {
        let (day, hour, minute) = (1 + n / 2_000, 8 + n / 200 % 10, n % 60);
        let author = if n % 3 == 0 { "Bo Lee" } else { "Ann Kay" };
        writeln!(text, "{day:02}/03/2026, {hour:02}:{minute:02} - {author}: message {n} about the wire transfer")
            .expect("a string");
    }
    text
}

/// Imports a zip with one large video and prints the peak of this process's memory.
fn video() {
    let megabytes = std::env::var("BENCH_VIDEO_MB").ok().and_then(|n| n.parse().ok()).unwrap_or(256_u64);
    let test = TestArchive::bare();
    test.open().add_user(OWNER, Some("Bo Lee".into()), &[]).expect("a user");
    let path = test.dir.path().join("WhatsApp Chat with Ann Kay.zip");
    zip(&path, megabytes).expect("a zip");
    let phone = PhoneImport {
        owner: Some(OWNER.into()),
        me: Some("Bo Lee".into()),
        source_tz: Some(custodia::model::Zone::named("Europe/London").expect("a zone of the database")),
        date_order: Some(DateOrder::Dmy),
        ..PhoneImport::default()
    };
    let options = ImportOptions { phone, ..ImportOptions::default() };
    let before = peak();
    let report = test.writer().import(&[path], &options, &Silent, &mut |_| {}).expect("a report");
    assert_eq!((report.balance.imported, report.balance.attachments), (2, 1), "{report:?}");
    println!("a video of {megabytes} MiB in a zip: peak of the process {} MiB, {before} MiB before the import", peak());
}

fn zip(path: &Path, megabytes: u64) -> io::Result<()> {
    let mut zip = zip::ZipWriter::new(File::create(path)?);
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored).large_file(true);
    zip.start_file("WhatsApp Chat with Ann Kay.txt", stored).map_err(io::Error::other)?;
    zip.write_all(
        b"04/03/2026, 09:12 - Ann Kay: VID-20260304-WA0001.mp4 (file attached)\n04/03/2026, 09:13 - Bo Lee: long\n",
    )?;
    zip.start_file("VID-20260304-WA0001.mp4", stored).map_err(io::Error::other)?;
    let mut noise = Noise(1);
    io::copy(&mut (&mut noise).take(megabytes * 1024 * 1024), &mut zip)?;
    zip.finish().map_err(io::Error::other)?;
    Ok(())
}

/// Bytes that do not repeat.
struct Noise(u64);

impl Read for Noise {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            chunk.iter_mut().zip(self.0.to_le_bytes()).for_each(|(to, from)| *to = from);
        }
        Ok(out.len())
    }
}

/// The peak of this process's memory in MiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1024
}
