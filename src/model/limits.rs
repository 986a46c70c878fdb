//! Every maximum, with its unit and its reason. Nothing is cut silently at one of these: each is reported.

/// One journal line, in bytes, line feed included.
pub const JOURNAL_LINE_BYTES: usize = 64 * 1024;
/// A journal segment is closed when it has grown to this many bytes.
pub const JOURNAL_SEGMENT_BYTES: u64 = 256 * 1024 * 1024;
/// Items in one journal line; longer lists go to `journal/lists/`. An item with the longest mailbox name takes 350
/// bytes, so that this many always fit.
pub const LINE_ITEMS: usize = 100;
/// Messages in one journal line about a tag; more take several lines of one batch. With the longest names and
/// a query of `FIELD_CHARS` beside them this many always fit.
pub const LINE_ORDINALS: usize = 1_000;
/// Message ids in the line that places a hold by list; further ones follow in lines of `LINE_IDS` each.
pub const LINE_FIRST_IDS: usize = 100;
/// Message ids in one further line of a hold by list: 37 bytes each.
pub const LINE_IDS: usize = 1_000;
/// Mailboxes in one line about a hold; with the longest addresses, the longest reason and a long query this many always fit.
pub const LINE_HOLD_MAILBOXES: usize = 50;
/// Messages of a hold by list: the ids of all of them stand in memory, 16 bytes each and some.
pub const HOLD_IDS: usize = 1_000_000;
/// Ranges of ordinals in one journal line; sets of more go to `journal/lists/`. The state keeps them for every run of a saved
/// search, 8 bytes each.
pub const LINE_RANGES: usize = 100;
/// Notes of a case, saved searches of a case, and runs of a saved search: they stand in the state, which every command
/// reads.
pub const CASE_ENTRIES: usize = 10_000;
/// Characters of a tag's name.
pub const TAG_CHARS: usize = 100;
/// Tags of one archive, so that the tags of a message are read in microseconds.
pub const TAGS: usize = 1_000;
/// Mailboxes in the line that archives a message; further ones get lines of their own. With the longest addresses, and for a
/// phone's data the reason beside each, this many always fit.
pub const LINE_MAILBOXES: usize = 40;
/// Messages in one import batch.
pub const BATCH_MESSAGES: usize = 1_000;
/// Bytes of message files in one import batch.
pub const BATCH_BYTES: u64 = 64 * 1024 * 1024;
/// Messages between two index commits (a commit costs 15 fdatasyncs): with a few batches fewer than `TAIL_EVAL_MESSAGES`, so
/// that a search beside an import lacks nothing.
pub const INDEX_COMMIT_MESSAGES: u64 = 15_000;
/// Seconds between two index commits.
pub const INDEX_COMMIT_SECONDS: u64 = 30;
/// Items that one deletion step decides and unlinks while it holds both locks; they stand in one line.
pub const DELETE_CHUNK_ITEMS: usize = LINE_ITEMS;
/// Committed but unindexed messages that a reader evaluates directly; beyond it the answer says `behind`.
pub const TAIL_EVAL_MESSAGES: usize = 20_000;
/// The same where a hold was placed or released and what it covers is counted exactly: more than an import of any size
/// leaves unindexed (`INDEX_COMMIT_MESSAGES` and a few batches), about 600 bytes of memory each.
pub const TAIL_COUNT_MESSAGES: usize = 100_000;
/// Journal lines behind the state snapshot after which a command that may writes a new snapshot.
pub const STATE_TAIL_LINES: u64 = 20_000;
/// The same for a search, where the lines behind the snapshot deliver no message: about 0.4 ms to replay.
pub const READ_TAIL_LINES: u64 = 100;
/// Bytes of one e-mail that are read at all (mail-parser's offsets are 32 bit; a feed item is at most tens of MB).
pub const EMAIL_BYTES: u64 = 256 * 1024 * 1024;
/// Entries that are read from one zip.
pub const ZIP_ENTRIES: usize = 1_000_000;
/// Bytes that all entries of one zip may unpack to.
pub const ZIP_TOTAL_BYTES: u64 = 64 * 1024 * 1024 * 1024;
/// How many times its packed size an entry above 1 MiB may unpack to (text reaches about 20; deflate's limit is 1,032).
pub const ZIP_RATIO: u64 = 200;
/// Depth of nested MIME parts.
pub const MIME_DEPTH: usize = 30;
/// MIME parts of one message.
pub const MIME_PARTS: usize = 2_000;
/// Participants of one message.
pub const PARTICIPANTS: usize = 10_000;
/// Characters of a query.
pub const QUERY_CHARS: usize = 10_000;
/// Tokens that NEAR allows between two operands: further apart, AND says the same. The index leaves a larger gap between two
/// values of a message, so that proximity never crosses from one into the next.
pub const NEAR_TOKENS: u32 = 1_000;
/// Different numbers in the texts of one message that are found in any spelling: about 8 MB of memory.
pub const NUMBERS: usize = 100_000;
/// Nesting of parentheses in a query.
pub const QUERY_DEPTH: usize = 100;
/// Terms that one prefix may expand to in the index; more is an error, not a smaller answer.
pub const PREFIX_TERMS: usize = 50_000;
/// Characters of a journal field that comes from outside (file name, reason); longer ones are refused or cut with `…`.
pub const FIELD_CHARS: usize = 2_000;
