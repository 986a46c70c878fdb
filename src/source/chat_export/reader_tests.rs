//! Whole sources: zips, folders, re-exports, what is left out, what is hostile.

use super::*;
use crate::{
    fs::spool::Spool,
    model::{Digest, MailboxName, MessageKind, details::MediaState},
    source::phone::{Blob, PhoneItem},
};
use std::{collections::BTreeMap, fs, io::Write as _, path::PathBuf};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// What reading a source gave.
#[derive(Default)]
pub(super) struct Seen {
    pub items: Vec<PhoneItem>,
    pub findings: Vec<Finding>,
    pub opened: Vec<String>,
    pub left_out: u64,
    pub not_readable: Vec<String>,
}

impl Seen {
    fn codes(&self, code: Code) -> usize {
        self.findings
            .iter()
            .chain(self.items.iter().flat_map(|i| &i.message.findings))
            .filter(|f| f.code == code)
            .count()
    }

    fn bodies(&self) -> Vec<&str> {
        self.items.iter().map(|item| item.message.body.as_str()).collect()
    }

    fn keys(&self) -> Vec<(Digest, Digest)> {
        self.items.iter().map(|i| (i.message.identity.key(), i.message.source_digest())).collect()
    }
}

pub(super) fn options(spool: &Path) -> PhoneOptions {
    PhoneOptions {
        owner: MailboxName::parse("owner@archive.example").unwrap(),
        me: None,
        source_tz: Some(crate::model::Zone::named("Europe/Berlin").unwrap()),
        date_order: None,
        only_chats: Vec::new(),
        exclude_chats: Vec::new(),
        key_file: None,
        spool: Spool::create(spool).unwrap(),
    }
}

pub(super) fn try_read(path: &Path, options: &PhoneOptions) -> Result<Seen> {
    let mut seen = Seen::default();
    read(path, options, &mut |read| {
        match read {
            PhoneRead::Opened { file, path, digest, size } => {
                let bytes = std::fs::read(&path).unwrap();
                let is = (crate::model::Digest::of(&bytes), bytes.len() as u64);
                assert_eq!(is, (digest, size), "{file} is at {path:?}");
                let spool = options.spool.path();
                assert!(!path.starts_with(spool), "{file} is a copy");
                seen.opened.push(file);
            }
            PhoneRead::Item(item) => seen.items.push(*item),
            PhoneRead::NotReadable { finding, item } => {
                seen.findings.push(finding);
                seen.not_readable.push(item);
            }
            PhoneRead::Noticed(finding) => seen.findings.push(finding),
            PhoneRead::LeftOut { messages } => seen.left_out += messages,
        }
        Ok(())
    })?;
    Ok(seen)
}

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.path().join("in").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    fn zip(&self, name: &str, entries: &[(&str, &[u8])]) -> PathBuf {
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated))
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
        self.file(name, &zip.finish().unwrap().into_inner())
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("in")
    }

    fn options(&self) -> PhoneOptions {
        options(&self.dir.path().join("spool"))
    }

    fn read(&self, path: &Path) -> Seen {
        try_read(path, &self.options()).unwrap()
    }
}

const ANN: &str = "WhatsApp Chat with Bob Ray.txt";
const TEXT: &str = "25/03/22, 09:00 - Bob Ray: IMG-20220325-WA0001.jpg (file attached)\nlook\n\
                    25/03/22, 09:01 - Ann Lee: nice\n25/03/22, 09:02 - Bob Ray: STK-20220325-WA0002.webp (file attached)\n\
                    25/03/22, 09:02 - Bob Ray: STK-20220325-WA0002.webp (file attached)\n";

#[test]
fn media_of_a_zip_are_attached_and_files_that_nobody_names_are_told() {
    let bench = Bench::new();
    let path = bench.zip(
        "WhatsApp Chat with Bob Ray.zip",
        &[
            (ANN, TEXT.as_bytes()),
            ("IMG-20220325-WA0001.jpg", b"photo"),
            ("STK-20220325-WA0002.webp", b"sticker"),
            ("🎉 party.mp4", b"video"),
            ("__MACOSX/._IMG-20220325-WA0001.jpg", b"junk"),
            (".DS_Store", b"junk"),
        ],
    );
    let seen = bench.read(&path);
    assert_eq!(seen.bodies(), ["look", "nice", "", ""]);
    let attached: Vec<_> = seen.items.iter().flat_map(|i| &i.message.attachments).collect();
    let names: Vec<_> = attached.iter().map(|a| (a.name.as_str(), a.media_type.as_str(), a.size)).collect();
    let sticker = ("STK-20220325-WA0002.webp", "image/webp", 7);
    assert_eq!(names, [("IMG-20220325-WA0001.jpg", "image/jpeg", 5), sticker, sticker]);
    let mut bytes = Vec::new();
    seen.items[0].blobs[0].copy_to(&mut bytes).unwrap();
    assert_eq!((bytes.as_slice(), attached[0].sha256), (b"photo".as_slice(), Digest::of(b"photo")));
    let orphans: Vec<_> = seen.findings.iter().filter(|f| f.code == Code::MediaOrphan).map(|f| &f.place).collect();
    assert_eq!(orphans, [&Place::entry(path.display().to_string(), "🎉 party.mp4")]);
    assert_eq!(seen.opened, [path.display().to_string()]);
}

#[test]
fn media_of_a_folder_are_read_where_they_are() {
    let bench = Bench::new();
    let text = bench.file(ANN, TEXT.as_bytes());
    bench.file("IMG-20220325-WA0001.jpg", b"photo");
    bench.file("other.pdf", b"x");
    let seen = bench.read(&bench.folder());
    assert!(matches!(seen.items[0].blobs[0], Blob::Evidence(_)));
    assert_eq!((seen.codes(Code::MediaMissing), seen.codes(Code::MediaOrphan)), (2, 1));
    assert_eq!(seen.opened, [ANN]);
    // The text by itself finds what lies beside it, and says nothing of the rest.
    let alone = bench.read(&text);
    assert_eq!((alone.items[0].blobs.len(), alone.codes(Code::MediaOrphan)), (1, 0));
}

#[test]
fn several_chats_in_one_zip_or_folder_are_several_conversations() {
    let bench = Bench::new();
    let line = |name: &str| format!("25/03/22, 09:00 - {name}: hi\n25/03/22, 09:01 - Ann Lee: ho\n");
    let (bob, cid) = (line("Bob Ray"), line("Cid Dee"));
    bench.zip(
        "both.zip",
        &[(ANN, bob.as_bytes()), ("WhatsApp Chat with Cid Dee.txt", cid.as_bytes()), ("notes.txt", b"milk, bread")],
    );
    bench.file("sub/WhatsApp Chat with Cid Dee.txt", cid.as_bytes());
    bench.zip("WhatsApp Chat - Eve Fox.zip", &[("_chat.txt", line("Eve Fox").as_bytes())]);
    let seen = bench.read(&bench.folder());
    let mut chats: BTreeMap<&str, usize> = BTreeMap::new();
    seen.items.iter().for_each(|i| *chats.entry(i.message.conversation.id.as_str()).or_default() += 1);
    assert_eq!(chats, BTreeMap::from([("title:bob ray", 2), ("title:cid dee", 4), ("title:eve fox", 2)]));
    assert_eq!((seen.codes(Code::ForeignFile), seen.codes(Code::MediaOrphan)), (1, 0));
    let keys = seen.keys();
    assert_eq!(
        keys.iter().collect::<std::collections::BTreeSet<_>>().len(),
        6,
        "the same chat twice is the same messages"
    );
}

#[test]
fn a_text_that_was_sent_around_is_a_document() {
    let bench = Bench::new();
    bench.file(ANN, b"25/03/22, 09:00 - Bob Ray: old.txt (file attached)\n25/03/22, 09:01 - Ann Lee: ok\n");
    bench.file("old.txt", b"25/03/20, 09:00 - Eve: hi\n25/03/20, 09:01 - Fay: ho\n");
    let seen = bench.read(&bench.folder());
    assert_eq!(seen.items.len(), 2);
    assert_eq!(seen.items[0].message.attachments[0].media_type, "text/plain");
    assert_eq!(seen.codes(Code::MediaOrphan), 0);
}

#[test]
fn exports_with_and_without_media_give_the_same_identities() {
    let bench = Bench::new();
    let without = "25/03/22, 09:00 - Bob Ray: <Media omitted>\nlook\n25/03/22, 09:01 - Ann Lee: nice\n\
                   25/03/22, 09:02 - Bob Ray: <Media omitted>\n25/03/22, 09:02 - Bob Ray: <Media omitted>\n";
    let media: [(&str, &[u8]); 2] = [("IMG-20220325-WA0001.jpg", b"photo"), ("STK-20220325-WA0002.webp", b"sticker")];
    let full = bench.read(&bench.zip("a.zip", &[(ANN, TEXT.as_bytes()), media[0], media[1]]));
    let bare = bench.read(&bench.zip("b.zip", &[(ANN, without.as_bytes())]));
    let gone = bench.read(&bench.zip("c.zip", &[(ANN, TEXT.as_bytes())]));
    let ids = |seen: &Seen| seen.keys().into_iter().map(|(id, _)| id).collect::<Vec<_>>();
    assert_eq!(ids(&full), ids(&bare));
    assert_eq!(bare.keys(), gone.keys(), "media that are missing are like media that were left out");
    let same = full.keys().iter().zip(bare.keys()).filter(|(a, b)| **a == *b).count();
    assert_eq!(same, 1, "a message that has its medium is another version");
    assert_eq!(bare.items[0].message.details.as_ref().unwrap().media[0].state, MediaState::Omitted);
}

/// The limit that the module `identity` states: it is measured here, so that nobody takes it for something else.
#[test]
fn a_cut_between_two_media_of_one_minute_counts_them_anew_and_nothing_after_that_minute() {
    let bench = Bench::new();
    let medium = |minute: u32, n: u32| {
        format!("25/03/22, 09:{minute:02} - Bob Ray: IMG-20220325-WA000{n}.jpg (file attached)\n")
    };
    let rest = medium(1, 3) + "25/03/22, 09:02 - Ann Lee: nice\n";
    let (whole, cut) = (medium(0, 1) + &medium(0, 2) + &rest, medium(0, 2) + &rest);
    let ids = |name: &str, text: &str| {
        let seen = bench.read(&bench.zip(name, &[(ANN, text.as_bytes())]));
        seen.keys().into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    let (whole, cut) = (ids("a.zip", &whole), ids("b.zip", &cut));
    assert_eq!(cut[0], whole[0], "the second of the minute is counted as its first");
    assert_eq!(cut[1..], whole[2..]);
}

#[test]
fn chats_that_are_not_wanted_are_counted_and_ask_for_nothing() {
    let bench = Bench::new();
    let group = "3/4/2022, 10:00 - Bob Ray: secret\n3/5/2022, 10:00 - Cid: x\n3/5/2022, 10:00 - Dee: y\n";
    bench.file("family/WhatsApp Chat with Family.txt", group.as_bytes());
    bench.file("family/secret.jpg", b"x");
    bench.file(ANN, TEXT.as_bytes());
    let mut options = bench.options();
    options.exclude_chats = vec!["family".into()];
    let seen = try_read(&bench.folder(), &options).unwrap();
    assert_eq!((seen.items.len(), seen.left_out, seen.codes(Code::MediaOrphan)), (4, 3, 0));
    options.exclude_chats.clear();
    options.only_chats = vec!["Bob Ray".into()];
    assert_eq!(try_read(&bench.folder(), &options).unwrap().left_out, 3);
    options.only_chats.clear();
    let error = try_read(&bench.folder(), &options).err().unwrap();
    assert!(error.hint().unwrap().contains("--date-order") && error.hint().unwrap().contains("--me"), "{error:?}");
}

#[test]
fn who_i_am_is_asked_for_and_a_wrong_name_is_answered_with_the_authors() {
    let bench = Bench::new();
    let path =
        bench.file("chat.txt", b"25/03/22, 09:00 - Bob: hi\n25/03/22, 09:01 - Cid: ho\n25/03/22, 09:02 - Dee: hm\n");
    let mut options = bench.options();
    let error = try_read(&path, &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().contains("Bob, Cid, Dee") && error.hint().unwrap().contains("--me"));
    options.me = Some("Bobby".into());
    let error = try_read(&path, &options).err().unwrap();
    assert!(error.to_string().contains("Bobby") && error.to_string().contains("Bob, Cid, Dee"));
    options.me = Some("-".into());
    let seen = try_read(&path, &options).unwrap();
    assert!(seen.items.iter().all(|i| i.message.details.as_ref().unwrap().from_me == Some(false)));
    options.me = Some(" bob".into());
    let seen = try_read(&path, &options).unwrap();
    assert_eq!(seen.items[0].message.details.as_ref().unwrap().from_me, Some(true));
    assert_eq!(seen.items[0].members.len(), 2);
    options.source_tz = None;
    assert!(try_read(&path, &options).err().unwrap().hint().unwrap().contains("--source-tz"));
}

#[test]
fn each_file_of_which_the_owner_is_not_known_is_named_with_its_own_authors() {
    let bench = Bench::new();
    let line = |name: &str, minute: u32| format!("25/03/22, 09:{minute:02} - {name}: hi\n");
    bench.file("a.txt", (line("Bob", 1) + &line("Cid", 2) + &line("Dee", 3)).as_bytes());
    bench.file("b.txt", (line("Eve", 1) + &line("Fay", 2) + &line("Gus", 3)).as_bytes());
    bench.file("WhatsApp Chat with Hal.txt", (line("Hal", 1) + &line("Ida", 2)).as_bytes());
    let mut options = bench.options();
    let error = try_read(&bench.folder(), &options).err().unwrap().to_string();
    let of = |file: &str| error.lines().find(|line| line.starts_with(file)).unwrap_or_default();
    assert!(
        of("a.txt").ends_with("authors: Bob, Cid, Dee") && of("b.txt").ends_with("authors: Eve, Fay, Gus"),
        "{error}"
    );
    assert!(!error.contains("Hal"), "{error}");
    options.me = Some("Zoe".to_owned());
    let error = try_read(&bench.folder(), &options).err().unwrap().to_string();
    assert!(error.contains("Zoe") && error.contains("authors: Hal, Ida") && error.lines().count() == 3, "{error}");
    for n in 0..30 {
        let names: String = (0..30).map(|m| line(&format!("P{n}x{m}"), m)).collect();
        bench.file(&format!("c{n:02}.txt"), names.as_bytes());
    }
    let error = try_read(&bench.folder(), &options).err().unwrap().to_string();
    assert!(error.lines().count() == 11 && error.contains("23 more files: nobody"), "{error}");
    assert!(error.lines().all(|line| line.matches(", ").count() <= 20), "{error}");
}

#[test]
fn one_of_something_is_told_in_the_singular() {
    let bench = Bench::new();
    let path = bench.file("WhatsApp Chat with Ann Lee.txt", b"preface\n25/03/22, 09:00 - Ann Lee: hi\n");
    let why = &detect(&path).unwrap().unwrap().chats[0];
    assert!(why.why.starts_with("1 line begins like a message of "), "{}", why.why);
    assert_eq!(why.date_evidence, "the only date does not exist in the order mdy");
    let told = |code| bench.read(&path).findings.into_iter().find(|f| f.code == code).unwrap().detail;
    assert_eq!(told(Code::NoRecord), "1 line before the first record");
    let empty = bench.file("WhatsApp Chat with Nobody.txt", b"");
    let why = crate::source::detect(&empty).unwrap().remove(0).why;
    assert!(why.ends_with("the file is empty"), "{why}");
}

#[test]
fn hostile_zips_cost_a_medium_and_never_a_message() {
    let bench = Bench::new();
    let text = "25/03/22, 09:00 - Bob Ray: IMG-20220325-WA0001.jpg (file attached)\n\
                25/03/22, 09:01 - Ann Lee: ../../evil.jpg (file attached)\n";
    let bomb = vec![0; 8 << 20];
    let path = bench.zip(
        "a.zip",
        &[
            (ANN, text.as_bytes()),
            ("IMG-20220325-WA0001.jpg", &bomb),
            ("../../evil.jpg", b"evil"),
            ("x/../../../y", b"z"),
        ],
    );
    let seen = bench.read(&path);
    assert_eq!(seen.items.len(), 2);
    assert_eq!((seen.codes(Code::LimitExceeded), seen.codes(Code::HostileName)), (1, 2));
    assert_eq!(seen.items[0].message.details.as_ref().unwrap().media[0].state, MediaState::Missing);
    assert!(!bench.dir.path().join("evil.jpg").exists() && !bench.dir.path().join("in/evil.jpg").exists());
    let mut bytes = fs::read(&path).unwrap();
    bytes.truncate(bytes.len() - 60);
    let cut = bench.file("cut.zip", &bytes);
    let seen = bench.read(&cut);
    assert_eq!((seen.items.len(), seen.codes(Code::ZipDamaged)), (2, 1));
}

#[test]
fn an_export_of_forty_thousand_is_said_to_be_cut() {
    let bench = Bench::new();
    let lines = |n: usize| "25/03/22, 09:00 - Bob Ray: x\n".repeat(n);
    let path = bench.file(ANN, lines(39_899).as_bytes());
    assert_eq!(bench.read(&path).codes(Code::ExportCut), 0);
    let path = bench.file(ANN, lines(39_900).as_bytes());
    let seen = bench.read(&path);
    assert_eq!((seen.codes(Code::ExportCut), seen.items.len()), (1, 39_900));
    let ids: std::collections::BTreeSet<_> = seen.keys().into_iter().collect();
    assert_eq!(ids.len(), 39_900, "equal records of one minute are told apart by their count");
}

#[test]
fn what_is_no_chat_is_said_to_be_none() {
    let bench = Bench::new();
    let notes = bench.file("notes.txt", b"milk\nbread\n");
    assert!(detect(&notes).unwrap().is_none());
    assert_eq!(bench.read(&notes).codes(Code::ForeignFile), 1);
    let empty = bench.file("WhatsApp Chat with Nobody.txt", b"");
    assert_eq!(detect(&empty).unwrap().unwrap().records, 0);
    assert_eq!(bench.read(&empty).codes(Code::ZeroByte), 1);
    let log = bench.file("a.txt", b"2022-03-25 09:00:01: start\n2022-03-25 09:00:02: stop\n");
    assert!(detect(&log).unwrap().is_none());
    assert_eq!(detect(&bench.dir.path().join("gone")).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_contact_card_is_named_and_a_deletion_knows_no_target() {
    let bench = Bench::new();
    let text = "[25.03.22, 09:00:01] Bob Ray: \u{200e}<attached: 00000002-Max M.vcf>\r\n\
                [25.03.22, 09:00:02] Ann Lee: \u{200e}You deleted this message.\r\n";
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Max Example\r\nEND:VCARD\r\n";
    let path =
        bench.zip("WhatsApp Chat - Bob Ray.zip", &[("_chat.txt", text.as_bytes()), ("00000002-Max M.vcf", card)]);
    let seen = bench.read(&path);
    let message = &seen.items[0].message;
    assert_eq!(message.details.as_ref().unwrap().contacts, ["Max Example"]);
    assert_eq!(message.attachments[0].media_type, "text/vcard");
    let message = &seen.items[1].message;
    assert_eq!((message.kind, message.deletion.as_ref().unwrap().target.as_ref()), (MessageKind::Deletion, None));
    assert_eq!(message.details.as_ref().unwrap().verbatim.as_deref(), text.lines().nth(1));
}

#[test]
fn an_entry_that_cannot_be_unpacked_is_tried_once_and_leaves_nothing_behind() {
    let bench = Bench::new();
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [(ANN, TEXT.as_bytes()), ("STK-20220325-WA0002.webp", b"a sticker")] {
        zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let mut bytes = zip.finish().unwrap().into_inner();
    let at = bytes.windows(9).position(|window| window == b"a sticker").unwrap();
    bytes[at] = b'A';
    let options = bench.options();
    let seen = try_read(&bench.file("WhatsApp Chat with Bob Ray.zip", &bytes), &options).unwrap();
    assert_eq!((seen.items.len(), seen.codes(Code::EntryUnreadable)), (4, 2), "each message says it");
    assert_eq!(fs::read_dir(options.spool.path()).unwrap().count(), 0);
    assert!(options.spool.fresh("").ends_with("1"), "one copy was tried");
}

#[test]
fn a_name_that_no_chat_has_is_refused_with_the_names_that_there_are() {
    let bench = Bench::new();
    let path = bench.file("WhatsApp Chat with Dr. Kim.txt", TEXT.replace("Bob Ray", "Dr. Kim").as_bytes());
    let mut options = bench.options();
    options.exclude_chats = vec!["Dr Kim".into()];
    let error = try_read(&path, &options).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Usage);
    assert!(error.to_string().ends_with("no conversation is called \"Dr Kim\"; there are: Dr. Kim"), "{error}");
    options.exclude_chats = vec![" dr.  KIM\u{200f}".into()];
    assert_eq!(try_read(&path, &options).unwrap().left_out, 4);
    let path =
        bench.file("WhatsApp Chat with +44 7700 900101.txt", TEXT.replace("Bob Ray", "+44 7700 900101").as_bytes());
    options.exclude_chats = vec!["0044-7700-900101".into()];
    assert_eq!(try_read(&path, &options).unwrap().left_out, 4);
}
