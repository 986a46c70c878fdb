//! A small synthetic archive, made once by the program itself; tests that write get a copy of their own.

use crate::harness::{Place, Ran};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Messages of the synthetic feed.
pub const MESSAGES: u64 = 300;
/// The mailbox that the story holds.
pub const CUSTODIAN: &str = "ana.ruiz@northgate.example";

static DEMO: OnceLock<Place> = OnceLock::new();

fn demo() -> &'static Place {
    DEMO.get_or_init(|| {
        let place = Place::new();
        let ran = place.run_with(
            &[("CUSTODIA_ACTOR", "j.ward")],
            &["demo", "demo", "--messages", &MESSAGES.to_string(), "--json"],
        );
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{}", ran.out);
        place
    })
}

/// A folder with a copy of the demo: `demo/archive` and `demo/input`.
pub struct Archive {
    place: Place,
}

impl Archive {
    /// A copy with everything that the demo's story did.
    pub fn copied() -> Self {
        let place = Place::new();
        copy(&demo().path().join("demo"), &place.path().join("demo"));
        Self { place }
    }

    /// Runs a command on the archive.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.place.run_with(&[("CUSTODIA_ACTOR", "j.ward")], &[&["-A", "demo/archive"], args].concat())
    }

    /// Runs a command with `--json`.
    pub fn json(&self, args: &[&str]) -> Ran {
        self.run(&[args, &["--json"]].concat())
    }

    /// Runs a command whose stdout is something else.
    pub fn run_to(&self, args: &[&str], stdout: std::process::Stdio) -> Ran {
        self.place.run_to(&[&["-A", "demo/archive"], args].concat(), stdout)
    }

    /// Every file of the archive with its bytes.
    pub fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let (mut files, mut folders) = (Vec::new(), vec![self.path()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files
    }

    /// The lines of the journal. `audit list` would add one that says that it was read.
    pub fn trail(&self) -> Vec<(PathBuf, Vec<u8>)> {
        self.bytes().into_iter().filter(|(path, _)| path.extension().is_some_and(|ext| ext == "jsonl")).collect()
    }

    pub fn path(&self) -> PathBuf {
        self.place.path().join("demo/archive")
    }

    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The path of the feed zip, from the folder that commands run in.
    pub fn feed(&self) -> String {
        let mut names = std::fs::read_dir(self.place.path().join("demo/input")).unwrap();
        let zip = names.find_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.ends_with(".zip").then_some(name)
        });
        format!("demo/input/{}", zip.unwrap())
    }
}

/// Copies a folder; what is one file under two names stays one file.
fn copy(from: &Path, to: &Path) {
    let ran = std::process::Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(ran.success());
}

/// Replaces what differs from run to run: ids that the archive makes, hashes, times of today, folders.
pub fn scrubbed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let before = out.chars().last();
        let boundary = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        if boundary && let Some((word, length)) = scrub_at(rest) {
            out.push_str(word);
            rest = &rest[length..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

fn scrub_at(rest: &str) -> Option<(&'static str, usize)> {
    let hex = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    for (prefix, word) in [
        ("arc_", "arc_XXXXXXXX"),
        ("run_", "run_XXXXXXXX"),
        ("case_", "case_XXXXXXXX"),
        ("hold_", "hold_XXXXXXXX"),
        ("plan_", "plan_XXXXXXXX"),
        ("exp_", "exp_XXXXXXXX"),
        ("pol_", "pol_XXXXXXXX"),
        ("lbl_", "lbl_XXXXXXXX"),
    ] {
        if let Some(tail) = rest.strip_prefix(prefix)
            && hex(tail) >= 8
        {
            return Some((word, prefix.len() + hex(tail)));
        }
    }
    if hex(rest) == 64 {
        return Some(("<sha256>", 64));
    }
    // Messages of the corpus are older than any run of this test.
    let year = rest.get(..4).and_then(|year| year.parse::<u32>().ok())?;
    let is_date = rest.as_bytes().get(4) == Some(&b'-') && rest.as_bytes().get(7) == Some(&b'-');
    let is_time = rest.as_bytes().get(13) == Some(&b':');
    let around = |days: i64| {
        let then = chrono::Utc::now() + chrono::Duration::days(days);
        [then, then - chrono::Duration::days(1)].iter().any(|day| rest.starts_with(&day.format("%Y-%m-%d").to_string()))
    };
    // A released hold has a delay of 30 days.
    let (recent, delayed) = (around(0), around(30));
    if year < 2025 || !is_date || !(recent || delayed) {
        return None;
    }
    let end = if is_time { rest.find('Z').map_or(10, |z| z + 1) } else { 10 };
    Some((if recent { "<today>" } else { "<30 days on>" }, end))
}
