//! Parts that are played in a process of their own: this executable, run again.
//!
//! A process is needed for what ends it (SIGKILL), and for fault plans, which are global to a process.

use crate::common;
use custodia::{
    ArchiveWriter,
    archive::{ApplyOptions, Backup, ImportOptions, RestoreRequest},
    clock::SystemClock,
    fs::fault,
    progress::Silent,
};
use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::Arc,
};

const PART: &str = "CUSTODIA_TEST_PART";
const ALONE: &str = "CUSTODIA_TEST_ALONE";
const SIGKILL: i32 = 9;

/// What happens to a part on its way.
#[derive(Clone, Copy, Debug)]
pub enum Fate<'a> {
    /// Nothing.
    Undisturbed,
    /// It is killed when it passes this point for the nth time.
    Killed(&'a str, u64),
    /// It rests so many milliseconds whenever it passes this point.
    Slow(&'a str, u64),
}

impl Fate<'_> {
    fn text(self) -> String {
        match self {
            Self::Undisturbed => "undisturbed - 0".to_owned(),
            Self::Killed(point, nth) => format!("killed {point} {nth}"),
            Self::Slow(point, ms) => format!("slow {point} {ms}"),
        }
    }
}

/// Begins to import `feed`.
pub fn import(archive: &Path, feed: &Path, fate: Fate<'_>) -> Child {
    start(&["import", &archive.display().to_string(), &feed.display().to_string()], fate)
}

/// Begins to apply a plan.
pub fn apply(archive: &Path, plan: &str, purge: bool, fate: Fate<'_>) -> Child {
    start(&[if purge { "purge" } else { "delete" }, &archive.display().to_string(), plan], fate)
}

/// Begins to undo a plan.
pub fn undo(archive: &Path, plan: &str, fate: Fate<'_>) -> Child {
    start(&["undo", &archive.display().to_string(), plan], fate)
}

/// Begins to purge what is among the recoverable items, a month later.
pub fn expire(archive: &Path, plan: &str, fate: Fate<'_>) -> Child {
    start(&["expire", &archive.display().to_string(), plan], fate)
}

/// An archive as it is opened a month after its last event.
pub fn a_month_later(archive: &Path) -> custodia::Archive {
    let now = common::open(archive).state().last_at.0 + 30 * 24 * 3600 * 1000;
    let clock = custodia::clock::FixedClock(custodia::model::Instant(now));
    custodia::Archive::open(archive, common::actor(), std::sync::Arc::new(clock)).unwrap()
}

/// Opens for writing, which finishes what a crash interrupted.
pub fn recover(archive: &Path, fate: Fate<'_>) -> Child {
    start(&["recover", &archive.display().to_string(), "-"], fate)
}

/// Begins to back an archive up.
pub fn backup(archive: &Path, dir: &Path, fate: Fate<'_>) -> Child {
    start(&["backup", &archive.display().to_string(), &dir.display().to_string()], fate)
}

/// Begins to restore a backup.
pub fn restore(dir: &Path, to: &Path, fate: Fate<'_>) -> Child {
    start(&["restore", &dir.display().to_string(), &to.display().to_string()], fate)
}

/// Waits for the end; it must be the kill.
pub fn killed(mut child: Child, when: &str) {
    let status = child.wait().unwrap();
    assert!(was_killed(status), "{when}: the child was not killed: {status}");
}

/// Waits for the end; it must be success.
pub fn done(mut child: Child) {
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
}

pub fn was_killed(status: ExitStatus) -> bool {
    status.signal() == Some(SIGKILL)
}

fn start(part: &[&str], fate: Fate<'_>) -> Child {
    let part = format!("{}\n{}", part.join("\n"), fate.text());
    rerun("child::plays_its_part").env(PART, part).spawn().unwrap()
}

fn rerun(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]).stdout(Stdio::null());
    command
}

/// Runs the body of `test` in a process of its own, by running that test again there.
pub fn alone(test: &str, body: impl FnOnce()) {
    if std::env::var(ALONE).is_ok_and(|name| name == test) {
        return body();
    }
    let output = rerun(test).env(ALONE, test).stderr(Stdio::piped()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn plays_its_part() {
    let Ok(part) = std::env::var(PART) else { return };
    let mut lines = part.lines();
    let (what, archive, object) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    let fate: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let number: u64 = fate[2].parse().unwrap();
    let arm = || match fate[0] {
        "killed" => fault::kill_at(fate[1], number),
        "slow" => fault::pause_at(fate[1], std::time::Duration::from_millis(number)),
        _ => {}
    };
    if what == "restore" {
        arm();
        let request = RestoreRequest { to: object.into(), ..RestoreRequest::default() };
        let backup = Backup::open(Path::new(archive)).unwrap();
        backup.restore(&request, common::actor(), Arc::new(SystemClock), &Silent).unwrap();
        return;
    }
    let mut archive = match what {
        "expire" => a_month_later(Path::new(archive)),
        _ => common::open(Path::new(archive)),
    };
    if what == "backup" {
        arm();
        archive.backup(Path::new(object), false, &Silent).unwrap();
        return;
    }
    if what == "recover" {
        arm();
    }
    let mut writer = ArchiveWriter::open(archive, &Silent).unwrap();
    arm();
    match what {
        "import" => {
            writer.import(&[object.into()], &ImportOptions::default(), &Silent, &mut |_| {}).unwrap();
        }
        "delete" | "purge" => {
            let options = ApplyOptions { deletable_only: true, purge: what == "purge", dry_run: false };
            writer.apply_plan(object, options).unwrap();
        }
        "undo" => {
            writer.undo_plan(object, "a mistake", false).unwrap();
        }
        "expire" => {
            writer.expire(Some(object)).unwrap();
        }
        _ => {}
    }
}
