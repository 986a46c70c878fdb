//! `completions` and `man`.

use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

/// Print completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia completions bash > ~/.local/share/bash-completion/completions/custodia
  custodia completions zsh > ~/.zfunc/_custodia")]
pub struct Completions {
    /// Which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Print or write the manual pages.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  custodia man hold place | man -l -
  custodia man --dir ~/.local/share/man/man1")]
pub struct Man {
    /// The command whose page to print; the program's page if not given
    #[arg(value_name = "COMMAND", conflicts_with = "dir")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
