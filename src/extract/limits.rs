//! Every maximum of the extraction, with its unit and its reason. All are counts, never times: what is found in a
//! file must be the same on every machine, because holds and the index depend on it.

/// Bytes of an attachment that is read at all: documents are smaller, and this much is held in memory per attachment.
pub const ATTACHMENT_BYTES: u64 = 32 * 1024 * 1024;
/// Characters of text from one attachment: about 1,000 printed pages.
pub const TEXT_CHARS: usize = 2_000_000;
/// Bytes that all compressed parts of one document may unpack to: parts are held in memory one at a time, PDF object
/// streams together.
pub const UNPACKED_BYTES: usize = 64 * 1024 * 1024;
/// Entries of a zip container: the largest presentations have some thousands.
pub const ZIP_ENTRIES: usize = 10_000;
/// Depth of nested XML elements and RTF groups: Word reaches about 60.
pub const DEPTH: usize = 256;
/// Depth of nested arrays and dictionaries of a PDF, which are read by recursion.
pub const PDF_DEPTH: usize = 64;
/// Numbered objects of a PDF; 30 bytes of memory each.
pub const PDF_OBJECTS: usize = 1_000_000;
/// Pages of a PDF.
pub const PDF_PAGES: usize = 20_000;
/// Values (numbers, names, strings, arrays, dictionaries) that are read from a PDF, each as often as it is read:
/// bounds time where pages share large objects.
pub const PDF_VALUES: usize = 20_000_000;
/// Values within one object of a PDF; the widths of a large Chinese font are 40,000. A dictionary takes up to 700
/// bytes of memory.
pub const PDF_OBJECT_VALUES: usize = 150_000;
/// Values that are held at once while the tree of pages and forms within forms are walked; memory as above.
pub const PDF_HELD_VALUES: usize = 300_000;
/// Values before one operator of a page: a line of text with the distances between its letters has some hundreds.
pub const PDF_OPERAND_VALUES: usize = 20_000;
/// Depth of forms drawn within forms on a page of a PDF.
pub const PDF_FORMS: usize = 12;
/// Filters of one stream of a PDF; two are common.
pub const PDF_FILTERS: usize = 4;
/// Fonts of one PDF that are read; each page of a merged file brings its own.
pub const PDF_FONTS: usize = 10_000;
/// Mappings and widths of all fonts of one PDF: about 100 bytes of memory each.
pub const PDF_MAPPINGS: usize = 500_000;
/// Glyphs that are put in order together, at most, as one line.
pub const PDF_LINE_GLYPHS: usize = 4_096;
/// Memory that the shared strings of a workbook take, in bytes.
pub const SHARED_BYTES: usize = 32 * 1024 * 1024;
