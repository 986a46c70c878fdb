//! `demo`: a synthetic archive, made and questioned by the real commands, each printed as the reader can type it.
//!
//! Contract: the story is told by the commands themselves. Every step has the exit code that it must have; a step that
//! answers otherwise ends the demo as a bug.

use super::session::Session;
use crate::args::setup::Demo;
use crate::cli::Cli;
use crate::error::{self, Exit};
use crate::printer::Role;
use crate::{help, human, shell};
use clap::FromArgMatches;
use custodia::archive::{Archive, SearchOptions};
use custodia::clock::SystemClock;
use custodia::synthetic::{Corpus, Truth};
use custodia::{Error, ErrorKind, Result};
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Lines of a long answer that the story shows.
const HEAD: usize = 8;

/// Where the demo puts things.
struct Place {
    archive: PathBuf,
    feed: PathBuf,
    users: PathBuf,
    mapping: PathBuf,
}

/// Tells it.
pub fn run(args: &Demo, session: &mut Session) -> Result<Exit> {
    let corpus = Corpus { seed: args.seed, messages: args.messages };
    let input = args.dir.join("input");
    let place = Place {
        archive: args.dir.join("archive"),
        feed: input.join(corpus.feed_name()),
        users: input.join("users.csv"),
        mapping: input.join("mapping.csv"),
    };
    let occupied = std::fs::read_dir(&args.dir).is_ok_and(|mut entries| entries.next().is_some()) || args.dir.is_file();
    if occupied {
        return Err(Error::new(
            ErrorKind::CannotCreate,
            format!("{} is there already and not empty", args.dir.display()),
        )
        .with_hint("name a folder that does not exist: custodia demo DIR"));
    }
    if args.dry_run.dry_run {
        return foresee(args, &place, session);
    }
    std::fs::create_dir_all(&input).map_err(|e| {
        Error::new(ErrorKind::CannotCreate, format!("cannot create {}: {e}", input.display())).with_source(e)
    })?;
    let truth = write_input(&corpus, &place)?;
    let mut story = Story { session, place: &place, steps: Vec::new() };
    story.introduce(args)?;
    story.tell(&corpus)?;
    let steps = story.steps;
    finish(args, &place, &truth, &steps, session)
}

fn foresee(args: &Demo, place: &Place, session: &Session) -> Result<Exit> {
    if session.printer.json() {
        session.printer.document(&json!({
            "schema": "custodia.demo/1", "path": args.dir, "seed": args.seed, "messages": args.messages, "dry_run": true,
        }))?;
        return Ok(Exit::Done);
    }
    let messages = human::counted(args.messages, "invented message");
    session.printer.line(&format!("would write {messages} to {}", place.feed.display()))?;
    session.printer.line(&format!("would make an archive in {} and import them", place.archive.display()))?;
    session.end_dry_run(true)?;
    Ok(Exit::Done)
}

fn write_input(corpus: &Corpus, place: &Place) -> Result<Truth> {
    let failed = |path: &Path, e| Error::io("write", path, e);
    let file = File::create_new(&place.feed).map_err(|e| failed(&place.feed, e))?;
    let mut out = BufWriter::new(file);
    let truth = corpus.write_feed(&mut out)?;
    out.flush().map_err(|e| failed(&place.feed, e))?;
    std::fs::write(&place.users, corpus.users_csv()).map_err(|e| failed(&place.users, e))?;
    std::fs::write(&place.mapping, corpus.mapping_csv()).map_err(|e| failed(&place.mapping, e))?;
    Ok(truth)
}

struct Story<'a> {
    session: &'a mut Session,
    place: &'a Place,
    steps: Vec<(String, u8)>,
}

impl Story<'_> {
    fn introduce(&self, args: &Demo) -> Result<()> {
        if self.session.printer.json() {
            return Ok(());
        }
        let printer = &self.session.printer;
        let n = human::count(args.messages);
        printer.line(&format!(
            "Everything here is invented: {n} messages of a firm that does not exist (seed {}).",
            args.seed
        ))?;
        let program =
            std::env::current_exe().map(|path| path.display().to_string()).unwrap_or_else(|_| "custodia".to_owned());
        printer.line(&format!(
            "Each line that begins with $ can be typed; if custodia is not on your PATH it is {program}"
        ))
    }

    fn tell(&mut self, corpus: &Corpus) -> Result<()> {
        let story = corpus.story();
        let (archive, feed) = (text(&self.place.archive), text(&self.place.feed));
        let (users, mapping) = (text(&self.place.users), text(&self.place.mapping));
        self.say("An archive, the people whose mailboxes exist, and which number is whose:")?;
        self.run(&["init", &archive, "--name", story.firm], &[0], None)?;
        self.run(&["-A", &archive, "user", "import", &users], &[0], None)?;
        self.run(&["-A", &archive, "map", "import", &mapping], &[0], None)?;
        self.say("What is in the feed, and bring it in. One number is mapped to nobody, so that some messages are not\nimported and the import ends with exit code 3. Nothing is lost silently: each one is listed.")?;
        self.run(&["detect", &feed], &[0], None)?;
        self.run(&["-A", &archive, "import", &feed], &[0, 3], None)?;
        let run = self.library()?.runs().pop().map(|run| run.id.0).unwrap_or_default();
        self.run(&["-A", &archive, "run", "issues", &run], &[0], Some(HEAD))?;
        self.say("The same feed again changes nothing:")?;
        self.run(&["-A", &archive, "import", &feed], &[0, 3], None)?;
        self.say("Find something, and look at it:")?;
        self.run(&["-A", &archive, "search", story.query, "--limit", "3"], &[0], None)?;
        let options =
            SearchOptions { mailboxes: vec![story.custodian.to_owned()], limit: 1, ..SearchOptions::default() };
        let found = self.library()?.search_ids(story.query, &options)?;
        let id = found.first().ok_or_else(|| Error::bug("the demo's query finds nothing of the custodian"))?.short();
        self.run(&["-A", &archive, "show", &id, "--provenance"], &[0], None)?;
        self.say(&format!("{} is investigated: everything in the mailbox is put on hold.", story.custodian_name))?;
        self.run(&["-A", &archive, "case", "create", story.case, "--description", "An invented matter"], &[0], None)?;
        let place = ["-A", &archive, "hold", "place", story.hold, "--case", story.case, "--custodian", story.custodian];
        self.run(&[&place[..], &["--reason", story.reason]].concat(), &[0], None)?;
        self.run(&["-A", &archive, "hold", "explain", &id], &[0], None)?;
        self.say(
            "A deletion is planned, and refused (exit code 4): what is on hold cannot be deleted by any command.",
        )?;
        let query = format!("{} OR {}", story.query, story.common_word);
        self.run(&["-A", &archive, "delete", &query, "--reason", "Tidying up"], &[0, 4], None)?;
        let plan = self.library()?.plans()?.pop().map(|plan| plan.plan.0).unwrap_or_default();
        self.run(&["-A", &archive, "delete", "apply", &plan, "--confirm", &plan], &[4], None)?;
        self.say("The audit trail has all of it, and every byte is as it was archived:")?;
        self.run(&["-A", &archive, "audit", "verify"], &[0], None)?;
        self.run(&["-A", &archive, "verify"], &[0], None)
    }

    fn library(&self) -> Result<Archive> {
        Archive::open(&self.place.archive, self.session.actor(), Arc::new(SystemClock))
    }

    fn say(&self, text: &str) -> Result<()> {
        if self.session.printer.json() { Ok(()) } else { self.session.printer.line(&format!("\n{text}")) }
    }

    /// Prints a command line and runs it. `head`: only so many lines of its answer are shown.
    fn run(&mut self, words: &[&str], expected: &[u8], head: Option<usize>) -> Result<()> {
        let argv: Vec<String> = std::iter::once("custodia").chain(words.iter().copied()).map(str::to_owned).collect();
        let mut shown = shell::line(&argv);
        if let Some(lines) = head {
            shown.push_str(&format!(" | head -n {lines}"));
        }
        let silent = self.session.printer.json();
        if !silent {
            let printer = &self.session.printer;
            printer.line(&format!("\n{} {}", printer.paint(Role::Strong, "$"), printer.paint(Role::Strong, &shown)))?;
            printer.flush()?;
        }
        let exit = self.perform(argv, head, silent)?;
        if exit != 0 && !silent {
            self.session.printer.line(&format!("(exit code {exit})"))?;
        }
        self.steps.push((shown.clone(), exit));
        if expected.contains(&exit) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Bug,
            format!("the demo went otherwise than told: `{shown}` answered with exit code {exit}"),
        )
        .with_details(json!({"command": shown, "exit": exit, "expected": expected})))
    }

    fn perform(&self, argv: Vec<String>, head: Option<usize>, silent: bool) -> Result<u8> {
        let parsed = help::command().try_get_matches_from(argv).and_then(|matches| Cli::from_arg_matches(&matches));
        let cli = parsed.map_err(|e| Error::bug(format!("the demo types a wrong command: {e}")))?;
        let mut global = self.session.global.clone();
        (global.archive, global.json) = (cli.global.archive, false);
        global.quiet |= silent;
        let mut child = Session::new(global);
        if silent {
            child.printer.redirect(Box::new(std::io::sink()));
        } else if let Some(lines) = head {
            child.printer.redirect(Box::new(Head { lines }));
        }
        let done = super::run(cli.command, &mut child).and_then(|exit| child.printer.flush().map(|()| exit));
        Ok(match done {
            Ok(exit) => exit as u8,
            Err(failed) if silent => error::answer(failed.kind()).exit,
            Err(failed) => error::tell(&failed, &child.printer),
        })
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// stdout, for so many lines; then the pipe is closed, as `head` does.
struct Head {
    lines: usize,
}

impl Write for Head {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.lines == 0 {
            return Err(std::io::ErrorKind::BrokenPipe.into());
        }
        let end = bytes.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let line = end.and_then(|end| bytes.get(..end)).unwrap_or(bytes);
        let written = std::io::stdout().write(line)?;
        if end.is_some() && written == line.len() {
            self.lines -= 1;
        }
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stdout().flush()
    }
}

fn finish(args: &Demo, place: &Place, truth: &Truth, steps: &[(String, u8)], session: &Session) -> Result<Exit> {
    let counts = &truth.archived;
    let users = truth.items.len();
    if session.printer.json() {
        let steps: Vec<_> = steps.iter().map(|(command, exit)| json!({"command": command, "exit": exit})).collect();
        session.printer.document(&json!({
            "schema": "custodia.demo/1", "path": args.dir, "archive": place.archive, "seed": args.seed, "users": users,
            "chats": truth.conversations, "messages": args.messages, "archived": counts.messages,
            "media": counts.attachments, "calls": counts.calls, "deletions": counts.deletions, "edits": counts.edits,
            "unmapped": truth.unmapped, "synthetic": true, "steps": steps,
        }))?;
        return Ok(Exit::Done);
    }
    let printer = &session.printer;
    printer.line(&format!(
        "\nThe demo archive has {} in {} of {}: {}, {}, {}, {}.",
        human::counted(counts.messages, "message"),
        human::counted(truth.conversations, "chat"),
        human::counted(users as u64, "user"),
        human::counted(counts.attachments, "attachment"),
        human::counted(counts.calls, "call"),
        human::counted(counts.deletions, "deletion"),
        human::counted(counts.edits, "edit"),
    ))?;
    let at = shell::quoted(&text(&place.archive));
    printer.line("Try next:")?;
    printer.line(&format!("  custodia -A {at} search 'kind:deletion' --limit 5"))?;
    printer.line(&format!("  custodia -A {at} stats --by month"))?;
    printer.line(&format!("  custodia -A {at} hold coverage"))?;
    printer.line(&format!(
        "  custodia -A {at} retention policy add Short --keep 90d --then delete --all-mailboxes --reason 'To look at' -n"
    ))?;
    printer.line(&format!("  custodia -A {at} audit list --type 'delete.*'"))?;
    printer.line(&format!("  custodia -A {at} backup create {}/backup", shell::quoted(&text(&args.dir))))?;
    printer.line(&format!(
        "  custodia -A {at} export '\"wire transfer\"' --to {}/export --reason 'To look at'",
        shell::quoted(&text(&args.dir))
    ))?;
    Ok(Exit::Done)
}
