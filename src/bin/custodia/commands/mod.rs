//! What the commands do: one file for each noun.
//!
//! Contract: a command gets its arguments and a [`Session`], asks the library, prints, and returns its exit. It never
//! asks a question: what it needs and was not given is a usage error that names the flag.

pub mod anchor;
pub mod approve;
pub mod audit;
pub mod backup;
pub mod case;
pub mod certificate;
pub mod chat;
pub mod completions;
pub mod custodian;
pub mod delete;
pub mod demo;
pub mod detect;
pub mod doctor;
pub mod erasure;
pub mod export;
pub mod hold;
pub mod import;
pub mod init;
pub mod lints;
pub mod man;
pub mod map;
pub mod retention;
pub mod run;
pub mod search;
pub mod session;
pub mod show;
pub mod stats;
pub mod tag;
pub mod user;
pub mod verify;
pub mod version;

use crate::cli::Command;
use crate::error::Exit;
use custodia::Result;
use session::Session;

/// Runs a command; without one, tells how the archive is.
pub fn run(command: Option<Command>, session: &mut Session) -> Result<Exit> {
    let Some(command) = command else { return stats::status(session) };
    match command {
        Command::Init(args) => init::run(&args, session),
        Command::Demo(args) => demo::run(&args, session),
        Command::User(command) => user::run(command, session),
        Command::Map(command) => map::run(command, session),
        Command::Detect(args) => detect::run(&args, session),
        Command::Import(args) => import::run(&args, session),
        Command::Run(command) => run::run(command, session),
        Command::Search(args) => search::run(&args, session),
        Command::Show(args) => show::run(&args, session),
        Command::Chat(command) => chat::run(command, session),
        Command::Tag(command) => tag::run(command, session),
        Command::Stats(args) => stats::run(&args, session),
        Command::Case(command) => case::run(command, session),
        Command::Custodian(command) => custodian::run(command, session),
        Command::Hold(command) => hold::run(command, session),
        Command::Retention(command) => retention::run(command, session),
        Command::Delete(args) => delete::run(args.into_command(), session),
        Command::Erasure(command) => erasure::run(command, session),
        Command::Approve(args) => approve::run(&args, session),
        Command::Audit(command) => audit::run(command, session),
        Command::Verify(args) => verify::run(&args, session),
        Command::Rebuild(args) => verify::rebuild(&args, session),
        Command::Doctor => doctor::run(session),
        Command::Export(args) => export::run(args, session),
        Command::Backup(command) => backup::run(command, session),
        Command::Completions(args) => completions::run(&args, session),
        Command::Man(args) => man::run(&args, session),
        Command::Version => version::run(session),
    }
}
