//! Runs the program in an empty folder with an empty environment.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// What came of one run.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// The error document of `--json`.
    pub fn error(&self) -> Value {
        assert_eq!(self.err.lines().count(), 1, "one line on stderr: {}", self.err);
        serde_json::from_str(&self.err).unwrap_or_else(|e| panic!("{e}: {}", self.err))
    }

    /// The document on stdout.
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

/// An empty folder to run the program in.
pub struct Place {
    dir: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Runs `custodia` with these arguments.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(&[], args)
    }

    /// What `custodia` writes to stdout, as bytes.
    pub fn raw(&self, args: &[&str]) -> Vec<u8> {
        let mut command = Command::cargo_bin("custodia").unwrap();
        command.current_dir(self.path()).env_clear().args(args).output().unwrap().stdout
    }

    /// Runs `custodia` with another stdout; nothing of it is in the answer.
    pub fn run_to(&self, args: &[&str], stdout: std::process::Stdio) -> Ran {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("custodia"));
        command.current_dir(self.path()).env_clear().args(args).stdout(stdout).stderr(std::process::Stdio::piped());
        let output = command.spawn().unwrap().wait_with_output().unwrap();
        Ran { code: output.status.code().unwrap(), out: String::new(), err: String::from_utf8(output.stderr).unwrap() }
    }

    /// The same with environment variables.
    pub fn run_with(&self, env: &[(&str, &str)], args: &[&str]) -> Ran {
        let output = Command::cargo_bin("custodia")
            .unwrap()
            .current_dir(self.path())
            .env_clear()
            .envs(env.iter().copied())
            .args(args)
            .output()
            .unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
