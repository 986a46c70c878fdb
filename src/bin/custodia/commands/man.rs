//! `man`: manual pages of the program and of each command, in roff.

use super::session::Session;
use crate::args::tool::Man;
use crate::{error::Exit, help};
use clap::Command;
use clap_mangen::Man as Page;
use custodia::{Error, ErrorKind, Result};
use serde_json::json;
use std::path::Path;

/// Prints one page, or writes them all into a folder.
pub fn run(args: &Man, session: &Session) -> Result<Exit> {
    let pages = pages();
    let Some(dir) = &args.dir else {
        let name =
            std::iter::once("custodia").chain(args.command.iter().map(String::as_str)).collect::<Vec<_>>().join("-");
        let (_, page) = pages.into_iter().find(|(page, _)| *page == name).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no command `{}`", args.command.join(" ")))
                .with_hint("custodia --help lists the commands")
        })?;
        session.printer.raw(&page)?;
        return Ok(Exit::Done);
    };
    let names = write(dir, &pages)?;
    if session.printer.json() {
        session.printer.document(&json!({"schema": "custodia.man/1", "path": dir, "files": names}))?;
    } else {
        session.printer.say(&format!("Wrote {} pages into {}", names.len(), dir.display()));
    }
    Ok(Exit::Done)
}

fn write(dir: &Path, pages: &[(String, Vec<u8>)]) -> Result<Vec<String>> {
    std::fs::create_dir_all(dir).map_err(|e| Error::io("create", dir, e))?;
    let mut names = Vec::with_capacity(pages.len());
    for (name, page) in pages {
        let file = format!("{name}.1");
        let path = dir.join(&file);
        std::fs::write(&path, page).map_err(|e| Error::io("write", &path, e))?;
        names.push(file);
    }
    Ok(names)
}

/// Every page by its name: `custodia`, `custodia-hold`, `custodia-hold-place` …
fn pages() -> Vec<(String, Vec<u8>)> {
    // The grouped list of the help is for terminals; a manual page lists the commands itself.
    let mut root = help::command().disable_help_subcommand(true);
    root.build();
    let mut pages = Vec::new();
    collect(&root, "custodia", &mut pages);
    pages
}

fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let mut page = Vec::new();
    // Writing into memory does not fail.
    if Page::new(command.clone().name(name.to_owned())).title(name.to_owned()).render(&mut page).is_ok() {
        pages.push((name.to_owned(), page));
    }
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        collect(sub, &format!("{name}-{}", sub.get_name()), pages);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_and_no_page_has_terminal_codes() {
        let pages = pages();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        for name in ["custodia", "custodia-init", "custodia-hold-place", "custodia-delete-apply", "custodia-version"] {
            assert!(names.contains(&name), "{name}");
        }
        assert!(pages.iter().all(|(_, page)| !page.contains(&0x1b)));
        assert!(pages.iter().all(|(_, page)| page.starts_with(b".ie") || page.starts_with(b".TH")));
    }
}
