//! From a file of the evidence to an open private copy.

use super::{Database, ROW_BYTES, judge, schema::Schema, watch::Watch};
use crate::{
    Error, ErrorKind, Result,
    fs::{
        durable,
        evidence::EvidenceFile,
        read,
        spool::{Spool, SpoolFile},
    },
    model::{Code, Digest, Finding, Place},
    source::phone::{PhoneRead, Visit},
};
use rusqlite::{Connection, OpenFlags, config::DbConfig, limits::Limit};
use std::{
    cell::{Cell, RefCell},
    ffi::OsString,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// Bytes of the largest database that is copied.
pub const DATABASE_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// The first bytes of every SQLite database.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The last bytes of a rollback journal that names a further file. SQLite would look at that file and could remove it.
const SUPER_JOURNAL: [u8; 8] = [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];

/// A file that was copied.
#[derive(Clone, Debug)]
pub struct OpenedFile {
    /// How findings name it.
    pub file: String,
    /// Where it is.
    pub path: PathBuf,
    /// SHA-256 of the whole file.
    pub digest: Digest,
    /// Its size in bytes.
    pub size: u64,
}

/// What opening gave.
#[derive(Debug)]
pub struct Opened {
    /// The database; `None` if it cannot be read at all (the findings say why).
    pub database: Option<Database>,
    /// The files that were copied: the database and its log.
    pub files: Vec<OpenedFile>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

impl Opened {
    /// Tells the visitor the files and the findings; gives the database.
    ///
    /// # Errors
    /// Those of the visitor.
    pub fn report(self, visit: Visit<'_>) -> Result<Option<Database>> {
        for OpenedFile { file, path, digest, size } in self.files {
            visit(PhoneRead::Opened { file, path, digest, size })?;
        }
        for finding in self.findings {
            visit(PhoneRead::Noticed(finding))?;
        }
        Ok(self.database)
    }
}

/// Copies the database at `path` with its log and opens the copy. `name` is how findings call it.
///
/// # Errors
/// The file cannot be read, or the spool cannot be written. That it is no database is a finding.
pub fn open(path: &Path, name: &str, spool: &Spool) -> Result<Opened> {
    let logs = ["-wal", "-journal"].map(|suffix| (suffix, with_suffix(path, suffix)));
    open_logged(path, &logs, name, spool)
}

/// The same for a database whose write-ahead log has another name than SQLite gives it.
///
/// # Errors
/// As for [`open`].
pub fn open_with_log(path: &Path, log: PathBuf, name: &str, spool: &Spool) -> Result<Opened> {
    open_logged(path, &[("-wal", log)], name, spool)
}

fn open_logged(path: &Path, logs: &[(&str, PathBuf)], name: &str, spool: &Spool) -> Result<Opened> {
    let mut from = Tail::new(EvidenceFile::open(path)?);
    let size = from.file.size();
    let Some(copy) = spool.copy(&mut from, DATABASE_BYTES, name, ".db")? else {
        let why = format!("{size} bytes, more than {DATABASE_BYTES}");
        let finding = Finding::new(Code::LimitExceeded, Place::file(name), why);
        return Ok(Opened { database: None, files: Vec::new(), findings: vec![finding] });
    };
    let (file, path) = (name.to_owned(), path.to_owned());
    let mut files = vec![OpenedFile { file, path, digest: copy.digest(), size: copy.size() }];
    let mut findings = Vec::new();
    for (suffix, log) in logs {
        if let Some(log) = beside(log, name, suffix, &copy, spool, &mut findings)? {
            files.push(log);
        }
    }
    let logged = files.len() > 1;
    finish(copy, name, logged, files, findings)
}

/// Opens a database that lies in the spool already (a decrypted backup).
///
/// # Errors
/// The spool cannot be used. That it is no database is a finding.
pub fn open_copy(copy: SpoolFile, name: &str) -> Result<Opened> {
    finish(copy, name, false, Vec::new(), Vec::new())
}

/// Opens a database where it lies, to look at it: read only, without a lock, without its log. For what needs no copy and
/// may be a little behind: what a file is, how many messages it has.
///
/// # Errors
/// The file cannot be read. That it is no database is a finding.
pub fn look(path: &Path, name: &str) -> Result<Opened> {
    let head = EvidenceFile::open(path)?.head(MAGIC.len() as u64)?;
    let mut opened = Opened { database: None, files: Vec::new(), findings: Vec::new() };
    if head != MAGIC {
        opened.findings.push(Finding::new(Code::DatabaseDamaged, Place::file(name), "not a SQLite database"));
        return Ok(opened);
    }
    let absolute = std::path::absolute(path).map_err(|e| Error::io("look at", path, e))?;
    let mut uri = String::from("file:");
    for byte in absolute.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(*byte)),
            byte => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str("?immutable=1");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    match connect(Path::new(&uri), flags, name, Vec::new())? {
        Ok(database) => opened.database = Some(database),
        Err(why) => opened.findings.push(Finding::new(Code::DatabaseDamaged, Place::file(name), why)),
    }
    Ok(opened)
}

/// Copies the log of a database to the name at which SQLite looks for it.
fn beside(
    log: &Path,
    name: &str,
    suffix: &str,
    copy: &SpoolFile,
    spool: &Spool,
    findings: &mut Vec<Finding>,
) -> Result<Option<OpenedFile>> {
    let file = format!("{name}{suffix}");
    // A link beside the evidence may lead anywhere.
    if !read::stat(log)?.is_some_and(|stat| stat.is_file && stat.size > 0) {
        return Ok(None);
    }
    let mut from = Tail::new(EvidenceFile::open(log)?);
    let Some(spooled) = spool.copy(&mut from, DATABASE_BYTES, &file, ".log")? else {
        findings.push(Finding::new(Code::LimitExceeded, Place::file(file), "the log of the database is not used"));
        return Ok(None);
    };
    if suffix == "-journal" && from.last == SUPER_JOURNAL {
        let why = "a rollback journal that names a further file is not used";
        findings.push(Finding::new(Code::DatabaseDamaged, Place::file(file), why));
        return Ok(None);
    }
    durable::rename(spooled.path(), &with_suffix(copy.path(), suffix))?;
    Ok(Some(OpenedFile { file, path: log.to_owned(), digest: spooled.digest(), size: spooled.size() }))
}

fn finish(
    copy: SpoolFile,
    name: &str,
    logged: bool,
    files: Vec<OpenedFile>,
    mut findings: Vec<Finding>,
) -> Result<Opened> {
    let head = EvidenceFile::open(copy.path())?.head(MAGIC.len() as u64)?;
    // A new database may still stand in its log alone.
    let database = if head == MAGIC || (head.is_empty() && logged) {
        // Writable, because a log can only be recovered into a database that may be written; it is a copy.
        let flags =
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        match connect(copy.path(), flags, name, vec![copy.clone()])? {
            Ok(database) => Some(database),
            Err(why) => {
                findings.push(Finding::new(Code::DatabaseDamaged, Place::file(name), why));
                None
            }
        }
    } else {
        let why = if head.is_empty() { "empty" } else { "not a SQLite database" };
        findings.push(Finding::new(Code::DatabaseDamaged, Place::file(name), why));
        None
    };
    Ok(Opened { database, files, findings })
}

/// The inner error is what is wrong with the database.
fn connect(path: &Path, flags: OpenFlags, name: &str, copies: Vec<SpoolFile>) -> Result<Result<Database, String>> {
    let why = match connect_once(path, flags, false, name)? {
        Ok((connection, watch, schema)) => return Ok(Ok(database(connection, watch, schema, name, copies))),
        Err(why) => why,
    };
    // One damaged description of a table must not cost the others.
    let Ok((connection, watch, schema)) = connect_once(path, flags, true, name)? else { return Ok(Err(why)) };
    if schema.is_empty() {
        return Ok(Err(why));
    }
    let database = database(connection, watch, schema, name, copies);
    let why = format!("{why}; tables that are described no more are not read");
    database.notice(Finding::new(Code::DatabaseDamaged, Place::file(name), why));
    Ok(Ok(database))
}

fn database(connection: Connection, watch: Watch, schema: Schema, name: &str, copies: Vec<SpoolFile>) -> Database {
    Database {
        connection,
        name: name.to_owned(),
        schema,
        noticed: RefCell::new(Vec::new()),
        beyond: Cell::new(0),
        told: RefCell::default(),
        watch,
        _copies: copies,
    }
}

/// `lenient`: descriptions of tables that cannot be parsed are passed over.
fn connect_once(
    path: &Path,
    flags: OpenFlags,
    lenient: bool,
    name: &str,
) -> Result<Result<(Connection, Watch, Schema), String>> {
    let ours = |e: rusqlite::Error| Error::new(ErrorKind::Io, format!("cannot open {name}: {e}"));
    let connection = Connection::open_with_flags(path, flags).map_err(ours)?;
    harden(&connection).map_err(ours)?;
    // It makes errors of the schema pass; the defensive mode still forbids to write one.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, lenient).map_err(ours)?;
    let watch = Watch::start(connection.get_interrupt_handle());
    match prepare(&connection).and_then(|()| Schema::read(&connection, &watch, lenient)) {
        Ok(schema) => Ok(Ok((connection, watch, schema))),
        Err(error) => judge(&error).map(Err),
    }
}

/// Before the first byte of the file is looked at.
fn harden(connection: &Connection) -> rusqlite::Result<()> {
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_LENGTH, ROW_BYTES),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000),
        (Limit::SQLITE_LIMIT_COLUMN, 1_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 4),
        (Limit::SQLITE_LIMIT_VDBE_OP, 250_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 16),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 16),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    for (config, value) in [
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, false),
        (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
    ] {
        connection.set_db_config(config, value)?;
    }
    Ok(())
}

/// The first statements; the log is recovered in them.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // Exclusive: the index of the log stays in memory, no third file is made.
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384; PRAGMA automatic_index = OFF; PRAGMA query_only = ON;",
    )
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(suffix);
    PathBuf::from(name)
}

/// Remembers the last bytes that went through.
struct Tail {
    file: EvidenceFile,
    last: [u8; 8],
}

impl Tail {
    fn new(file: EvidenceFile) -> Self {
        Self { file, last: [0; 8] }
    }
}

impl Read for Tail {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buf)?;
        for byte in buf.get(n.saturating_sub(self.last.len())..n).unwrap_or_default() {
            self.last.rotate_left(1);
            if let Some(end) = self.last.last_mut() {
                *end = *byte;
            }
        }
        Ok(n)
    }
}
