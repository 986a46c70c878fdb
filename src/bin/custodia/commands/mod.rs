//! What the commands do: one file for each noun.
//!
//! Contract: a command gets its arguments and a [`Session`], asks the library, prints, and returns its exit. It never
//! asks a question: what it needs and was not given is a usage error that names the flag.

pub mod completions;
pub mod man;
pub mod session;
pub mod version;

use crate::cli::Command;
use crate::error::Exit;
use custodia::{Error, ErrorKind, Result};
use session::Session;

/// Runs a command.
pub fn run(command: Option<Command>, session: &mut Session) -> Result<Exit> {
    match command {
        Some(Command::Completions(args)) => completions::run(&args, session),
        Some(Command::Man(args)) => man::run(&args, session),
        Some(Command::Version) => version::run(session),
        None | Some(_) => {
            session.archive()?;
            Err(Error::new(ErrorKind::Usage, "this command needs the engine"))
        }
    }
}
