//! The command tree.
//!
//! Contract: what is here is what works. A command that a later version brings is absent, not a stub.

use crate::args::{
    approve::Approve,
    audit::Audit,
    backup::Backup,
    case::Case,
    chat::Chat,
    check::{Rebuild, Verify},
    custodian::Custodian,
    delete::Delete,
    erasure::Erasure,
    export::Export,
    global::Global,
    hold::Hold,
    import::{Detect, Import},
    map::Map,
    retention::Retention,
    run::Run,
    search::Search,
    setup::{Demo, Init},
    show::{Show, Stats},
    tag::Tag,
    tool::{Completions, Man},
    user::User,
};
use clap::{Parser, Subcommand};

/// An offline compliance archive for WhatsApp, kept as e-mail.
#[derive(Debug, Parser)]
#[command(name = "custodia", version, max_term_width = 100, subcommand_value_name = "COMMAND")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The program without its commands.
#[derive(Debug, Parser)]
#[command(name = "custodia", version, max_term_width = 100, subcommand_value_name = "COMMAND")]
pub struct Frame {
    #[command(flatten)]
    pub global: Global,
}

/// Every command, in the order of the help.
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(Init),
    Demo(Demo),
    #[command(subcommand, alias = "users")]
    User(User),
    #[command(subcommand, alias = "maps")]
    Map(Map),
    Detect(Detect),
    Import(Import),
    #[command(subcommand, alias = "runs")]
    Run(Run),
    Search(Search),
    Show(Show),
    #[command(subcommand, alias = "chats")]
    Chat(Chat),
    #[command(subcommand, alias = "tags")]
    Tag(Tag),
    Stats(Stats),
    #[command(subcommand, alias = "cases")]
    Case(Case),
    #[command(subcommand, alias = "custodians")]
    Custodian(Custodian),
    #[command(subcommand, alias = "holds")]
    Hold(Hold),
    #[command(subcommand)]
    Retention(Retention),
    #[command(alias = "deletes")]
    Delete(Box<Delete>),
    #[command(subcommand, alias = "erasures")]
    Erasure(Erasure),
    Approve(Approve),
    #[command(subcommand, alias = "audits")]
    Audit(Audit),
    Verify(Verify),
    Rebuild(Rebuild),
    /// Check the environment: disk, permissions, clock, links, locks
    Doctor,
    #[command(alias = "exports")]
    Export(Export),
    #[command(subcommand, alias = "backups")]
    Backup(Backup),
    Completions(Completions),
    Man(Man),
    /// Print version and archive formats
    Version,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{audit, delete, hold, search::Sort};
    use clap::FromArgMatches;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        let words = std::iter::once("custodia").chain(line.split_whitespace());
        crate::help::command().try_get_matches_from(words).and_then(|matches| Cli::from_arg_matches(&matches))
    }

    #[test]
    fn a_deletion_is_planned_with_and_without_the_word_plan() {
        for line in
            ["delete wire --reason r --mailbox a@x.example -n", "delete plan wire --reason r --mailbox a@x.example -n"]
        {
            let Some(Command::Delete(delete)) = parse(line).unwrap().command else { panic!("{line}") };
            let delete::Command::Plan(plan) = delete.into_command() else { panic!("{line}") };
            assert_eq!(plan.what.query.as_deref(), Some("wire"));
            assert_eq!((plan.reason.reason.as_str(), plan.mailboxes.len(), plan.dry_run.dry_run), ("r", 1, true));
        }
        for refused in
            ["delete", "delete wire", "delete --reason r", "delete wire --ids f --reason r", "delete apply p"]
        {
            assert!(parse(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_hold_is_placed_on_somebody_for_a_reason() {
        let line = "hold place F --case c --custodian a@x.example b@x.example --since 2026-01-01 --reason r";
        let Some(Command::Hold(Hold::Place(place))) = parse(line).unwrap().command else { panic!() };
        assert_eq!((place.name.as_str(), place.whose.custodians.len(), place.whose.all_custodians), ("F", 2, false));
        for refused in [
            "hold place F --case c --reason r",
            "hold place F --case c --custodian a@x.example",
            "hold place F --custodian a@x.example --reason r",
            "hold place F --case c --custodian a@x.example --mailbox b@x.example --reason r",
            "hold place F --case c --custodian nobody --reason r",
            "hold release F --reason r",
            "hold release F --confirm F",
        ] {
            assert!(parse(refused).is_err(), "{refused}");
        }
        assert!(matches!(
            parse("holds list --all").unwrap().command,
            Some(Command::Hold(Hold::List(hold::List { all: true })))
        ));
    }

    #[test]
    fn the_actor_of_audit_list_is_a_filter() {
        let Some(Command::Audit(Audit::List(list))) = parse("audit list --actor ward --type hold.*").unwrap().command
        else {
            panic!()
        };
        assert_eq!((list.actor.as_deref(), list.kind.as_deref()), (Some("ward"), Some("hold.*")));
        let Some(Command::Audit(audit::Audit::List(list))) = parse("audit list").unwrap().command else { panic!() };
        assert_eq!(list.actor, None);
    }

    #[test]
    fn global_flags_stand_before_and_after_the_command() {
        for line in
            ["--json -A d --tz europe/london --actor w search x", "search x --actor w --tz Europe/London -A d --json"]
        {
            let cli = parse(line).unwrap();
            assert!(cli.global.json);
            assert_eq!(cli.global.tz, Some(custodia::model::Zone::named("Europe/London").unwrap()));
            assert_eq!(cli.global.actor.as_deref(), Some("w"));
            assert_eq!(cli.global.archive.as_deref(), Some(std::path::Path::new("d")));
        }
    }

    #[test]
    fn sorting_takes_a_minus() {
        for (line, sort) in [
            ("search x --sort -date", Sort::Newest),
            ("search x --sort=date", Sort::Oldest),
            ("search x", Sort::Newest),
        ] {
            let Some(Command::Search(search)) = parse(line).unwrap().command else { panic!() };
            assert_eq!(search.sort, sort, "{line}");
        }
    }

    #[test]
    fn what_later_versions_bring_is_absent() {
        for line in [
            "connector list",
            "run retry r",
            "map suggest r",
            "verify-export d",
            "export x --to d --as mbox --reason r",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
