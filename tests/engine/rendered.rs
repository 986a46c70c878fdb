//! Python's `email` reads the e-mails that we make of a phone's messages: no defect in any part, and the same facts.

use crate::readers::tool;
use custodia::{
    fs::spool::Spool,
    model::{
        Attachment, Conversation, ConversationKind, Details, Digest, Identity, Instant, Message, MessageKind,
        Participant, PhoneNumber, Place, SourceKind,
        details::{Location, WallTime},
    },
    source::{
        self,
        phone::{
            Blob, PhoneItem,
            render::{Content, render},
        },
    },
};
use serde_json::{Value, json};
use std::{fs, process::Command, sync::Arc};

const PYTHON: &str = r#"
import datetime, email, email.policy, hashlib, json, pathlib, sys
seen = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.eml")):
    want = json.loads(path.with_suffix(".json").read_text("utf-8"))
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    for part in mail.walk():
        assert not part.defects, (path, part.defects)
        for name, value in part.items():
            assert not getattr(value, "defects", ()), (path, name, value, value.defects)
    party = lambda field: [[a.display_name, a.addr_spec] for a in mail[field].addresses]
    date = mail["date"] and mail["date"].datetime
    offset = date and date.utcoffset()
    utc = date and int(date.replace(tzinfo=date.tzinfo or datetime.timezone.utc).timestamp())
    leaves = [part for part in mail.walk() if not part.is_multipart()]
    files = leaves[len(mail["x-custodia-parts"].split()):]
    assert mail.is_multipart() == (len(leaves) > 1), path
    got = {
        "subject": mail["subject"],
        "from": party("from"),
        "to": party("to"),
        "date": utc,
        "offset": None if offset is None else offset.total_seconds() / 60,
        "body": leaves[0].get_content().replace("\r\n", "\n")[:-1],
        "files": [[f["content-disposition"].params.get("filename", ""), f.get_content_type(), hashlib.sha256(f.get_payload(decode=True)).hexdigest()] for f in files],
        "reply": mail["in-reply-to"],
        "group": mail["x-custodia-conversation-name"],
    }
    assert got == want, (path, got, want)
    seen += 1
print(seen)
"#;

fn plain() -> Message {
    Message {
        identity: Identity {
            source: SourceKind::Android,
            account: Some("ann@northgate.example".into()),
            native: "3EB0A1".into(),
        },
        kind: MessageKind::Chat,
        call: None,
        deletion: None,
        edit: None,
        sent: Some(Instant(1_772_615_561_000)),
        sender: Participant { name: Some("Bo".into()), number: PhoneNumber::parse("447700900102"), email: None },
        recipients: Vec::new(),
        carbon: Default::default(),
        conversation: Conversation {
            id: "120363041234567890@g.us".into(),
            name: Some("Deal room".into()),
            kind: ConversationKind::Group,
        },
        subject: String::new(),
        body: "hello".into(),
        attachments: Vec::new(),
        encrypted: false,
        journaled: false,
        media_removed: Vec::new(),
        source_words: Vec::new(),
        details: Some(Box::default()),
        findings: Vec::new(),
    }
}

/// A message, the names and bytes of its files, and the name that a reader must show for its sender.
type Case = (Message, Vec<(String, Vec<u8>)>, String);

/// Messages with everything that has broken a mail program.
fn nasty() -> Vec<Case> {
    let long = "x".repeat(300);
    let family = "👩‍👩‍👧‍👦 Семья Александра Константиновича и друзья из соседнего дома";
    let names = [
        ("Bo", "Bo"),
        ("Lee, Ann", "Lee, Ann"),
        ("Ann \"A\" \\ Lee <x@y.example>; (c)", "Ann \"A\" \\ Lee <x@y.example>; (c)"),
        ("مرحبا بالعالم", "مرحبا بالعالم"),
        ("\u{202e}שלום\u{202c} Ann", "\u{202e}שלום\u{202c} Ann"),
        (family, family),
        ("=?utf-8?q?fake?=", "=?utf-8?q?fake?="),
        ("Bo\r\nBcc: eve@x.example\0", "Bo Bcc: eve@x.example\u{2400}"),
        (long.as_str(), long.as_str()),
        ("'", "'"),
    ];
    let mut all: Vec<_> = names
        .into_iter()
        .map(|(name, shown)| {
            let mut message = plain();
            message.sender.name = Some(name.to_owned());
            message.conversation.name = Some(name.to_owned());
            (message, vec![(name.to_owned(), b"bytes".to_vec())], shown.to_owned())
        })
        .collect();
    let long = "y".repeat(5_000);
    for body in [
        "",
        "\n",
        "a\r\nb\rc\0d",
        " ends in blanks  ",
        "\n\nbegins",
        "ends\n\n",
        &long,
        "привет\n",
        "From x\n.\n--=_m_",
        "\u{feff}bom",
    ] {
        let mut message = plain();
        message.body = body.to_owned();
        all.push((message, Vec::new(), "Bo".into()));
    }
    let mut message = plain();
    let details = message.details.as_mut().unwrap();
    details.wall =
        Some(WallTime { shown: "2026-03-04T14:42".into(), offset_minutes: Some(330), ..WallTime::default() });
    details.location =
        Some(Location { latitude: Some("1.5".into()), longitude: Some("-2".into()), ..Location::default() });
    let inner = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ncut".to_vec();
    let every: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    all.push((
        message,
        vec![("old.eml".into(), inner), ("a.bin".into(), every), (String::new(), Vec::new())],
        "Bo".into(),
    ));
    let mut message = plain();
    message.sent = None;
    all.push((message, Vec::new(), "Bo".into()));
    all
}

fn item(mut message: Message, files: &[(String, Vec<u8>)]) -> PhoneItem {
    for (name, bytes) in files {
        let media_type = if name.ends_with(".eml") { "message/rfc822" } else { "text/plain" };
        message.attachments.push(Attachment {
            name: name.clone(),
            media_type: media_type.into(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
        });
    }
    let blobs = files.iter().map(|(_, bytes)| Blob::of(bytes)).collect();
    PhoneItem { place: Place::file("msgstore.db"), message, blobs, members: Arc::from([]) }
}

/// What Python has to say of a message.
fn expected(message: &Message, files: &[(String, Vec<u8>)], shown: &str) -> Value {
    let details: &Details = message.details.as_ref().unwrap();
    let types = |name: &str| if name.ends_with(".eml") { "application/octet-stream" } else { "text/plain" };
    // Where a name stands in a header field, it is the name as it is shown.
    let name =
        |name: &str| if message.sender.name.as_deref() == Some(name) { shown.to_owned() } else { name.to_owned() };
    let group = message.conversation.name.as_deref().map(name).unwrap();
    let exact = message.conversation.name.as_deref() == Some(&group);
    json!({
        "subject": format!("WhatsApp message from 447700900102 to chat group {group}"),
        "from": [[shown, "447700900102@whatsapp.invalid"]],
        "to": [[group, "g-5d37fdb5def40020@whatsapp.invalid"]],
        "date": message.sent.map(Instant::seconds),
        "offset": details.wall.as_ref().and_then(|w| w.offset_minutes),
        "body": message.body,
        "files": files.iter().map(|(file, bytes)| json!([name(file), types(file), Digest::of(bytes)])).collect::<Vec<_>>(),
        "reply": null,
        // Control characters stand in a field of ours as they do in JSON.
        "group": if exact { group.clone() } else { "\"Bo\\u000d\\u000aBcc: eve@x.example\\u0000\"".into() },
    })
}

#[test]
fn python_finds_no_defect_in_a_rendered_message_and_the_same_facts() {
    let dir = tempfile::tempdir().unwrap();
    let spool = Spool::create(dir.path()).unwrap();
    let all = nasty();
    for (n, (message, files, shown)) in all.iter().enumerate() {
        let rendered = render(&item(message.clone(), files), &spool).unwrap();
        let Content::Memory(bytes) = rendered.content else { panic!("small messages stay in memory") };
        let understood = source::understand(SourceKind::Android, &bytes).unwrap();
        assert_eq!(
            (&understood.body, understood.id()),
            (&message.body, {
                let mut same = rendered.message.clone();
                same.identity.account = None;
                same.id()
            })
        );
        fs::write(dir.path().join(format!("{n}.eml")), &bytes).unwrap();
        fs::write(dir.path().join(format!("{n}.json")), expected(message, files, shown).to_string()).unwrap();
    }
    let Some(output) = tool(Command::new("python3").arg("-c").arg(PYTHON).arg(dir.path())) else { return };
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), all.len().to_string(), "{}", String::from_utf8_lossy(&output.stderr));
}
