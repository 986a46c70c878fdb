//! `completions`: completions for a shell, on stdout.

use super::session::Session;
use crate::args::tool::Completions;
use crate::{error::Exit, help};
use custodia::Result;

/// Prints them.
pub fn run(args: &Completions, session: &Session) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut help::command(), "custodia", &mut script);
    session.printer.raw(&script)?;
    Ok(Exit::Done)
}
