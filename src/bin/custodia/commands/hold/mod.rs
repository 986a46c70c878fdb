//! `hold`: what blocks deletion, and why.

mod amount;
mod coverage;
mod end;
mod explain;
mod place;
mod preview;
mod show;

use super::session::Session;
use crate::args::hold::Hold;
use crate::error::Exit;
use custodia::Result;
pub use explain::name_cases;
pub use show::table;

/// Runs a sub-command.
pub fn run(command: Hold, session: &mut Session) -> Result<Exit> {
    match command {
        Hold::Place(args) => place::place(args, session),
        Hold::Litigation(args) => place::litigation(args, session),
        Hold::Preview(args) => preview::run(args, session),
        Hold::List(args) => show::list(&args, session),
        Hold::Show(args) => show::show(&args, session),
        Hold::Edit(args) => place::edit(&args, session),
        Hold::Explain(args) => explain::run(&args, session),
        Hold::Coverage(args) => coverage::run(&args, session),
        Hold::Release(args) => end::release(&args, session),
        Hold::EndDelay(args) => end::end_delay(&args, session),
    }
}
