//! Independent programs read the mailboxes and count the same messages.

use crate::common::TestArchive;
use std::process::{Command, Output};

/// Runs a tool; `None` if it is not there and need not be. With `CUSTODIA_REQUIRE_TOOLS` a missing tool fails.
pub fn tool(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert!(std::env::var_os("CUSTODIA_REQUIRE_TOOLS").is_none(), "{command:?}: {error}");
            None
        }
    }
}

fn number(output: &Output) -> u64 {
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().unwrap_or_else(|_| panic!("{text:?} {}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn python_reads_every_mailbox_and_the_bytes_of_the_vault() {
    let (test, _) = TestArchive::imported(300);
    let script = "import mailbox,sys,hashlib,os\n\
        box=mailbox.Maildir(sys.argv[1],create=False)\n\
        sub=box.get_folder('WhatsApp Archiver')\n\
        names=set(os.path.basename(f)[:-4] for d,_,fs in os.walk(sys.argv[2]) for f in fs)\n\
        bad=[k for k in sub.keys() if hashlib.sha256(sub.get_bytes(k).replace(b'\\r\\n',b'\\n').replace(b'\\n',b'\\r\\n')).hexdigest() not in names]\n\
        assert not bad, bad[:3]\n\
        assert all(m['subject'] for m in sub)\n\
        print(len(sub))\n";
    for (mailbox, items) in &test.truth.items {
        let mut python = Command::new("python3");
        python.arg("-c").arg(script).arg(test.path().join("mail").join(mailbox)).arg(test.path().join("vault"));
        let Some(output) = tool(&mut python) else { return };
        assert_eq!(number(&output), *items, "{mailbox}");
    }
}

#[test]
fn notmuch_and_mu_count_the_same_messages() {
    let (test, _) = TestArchive::imported(300);
    // Readers write their own files beside the mail: they get a copy.
    let copy = test.dir.path().join("copy");
    let status = Command::new("cp").arg("-rL").arg(test.path().join("mail")).arg(&copy).status().unwrap();
    assert!(status.success());
    let config = test.dir.path().join("notmuch");
    std::fs::write(
        &config,
        format!("[database]\npath={}\n[user]\nname=t\nprimary_email=t@t.example\n", copy.display()),
    )
    .unwrap();
    let notmuch = |arguments: &[&str]| {
        tool(Command::new("notmuch").env("NOTMUCH_CONFIG", &config).env("HOME", test.dir.path()).args(arguments))
    };
    if notmuch(&["new", "--quiet"]).is_some() {
        let files = notmuch(&["count", "--output=files", "*"]).unwrap();
        assert_eq!(number(&files), test.truth.total_items());
        let messages = notmuch(&["count", "--output=messages", "*"]).unwrap();
        assert_eq!(number(&messages), test.truth.archived.messages, "one Message-ID a message, whatever the mailbox");
    }
    let muhome = test.dir.path().join("mu");
    let mu = |arguments: &[&str]| {
        tool(
            Command::new("mu")
                .env("HOME", test.dir.path())
                .arg(arguments[0])
                .arg(format!("--muhome={}", muhome.display()))
                .args(&arguments[1..]),
        )
    };
    if mu(&["init", &format!("--maildir={}", copy.display())]).is_some() {
        let indexed = mu(&["index", "--quiet"]).unwrap();
        assert!(indexed.status.success(), "{}", String::from_utf8_lossy(&indexed.stderr));
        let found = mu(&["find", "--fields=l", "--skip-dups", ""]).unwrap();
        let lines = String::from_utf8_lossy(&found.stdout).lines().count() as u64;
        assert_eq!(lines, test.truth.archived.messages);
    }
}
