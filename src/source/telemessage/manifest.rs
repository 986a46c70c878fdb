//! The manifest of a feed (`.mf`): how many e-mails there should be, and which.
//!
//! Contract: a manifest only ever adds findings; no file that is there is left out because of it. The layout of its lines is
//! not public, so `Count: N` and one file name a line are accepted in the spellings that tools use, and a line
//! that is neither is one finding for the whole manifest.

use super::words::eat;
use crate::{
    model::{Code, Finding, Place},
    source::counted::counted,
};
use std::collections::HashMap;

/// Bytes of a manifest that are read.
pub const MANIFEST_BYTES: u64 = 64 * 1024 * 1024;
/// Longest file name of a line, in bytes; a longer line is not understood.
const NAME_BYTES: usize = 1_000;

/// A manifest, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `Count: N`.
    pub count: Option<u64>,
    /// The names, with their lines from 1.
    pub names: Vec<(String, u64)>,
    /// The first line that is neither, from 1, and how many there are.
    pub unknown: Option<(u64, u64)>,
}

/// A file that is there.
#[derive(Clone, Debug)]
pub struct Present {
    /// Its name.
    pub name: String,
    /// Whether it counts as an e-mail.
    pub mail: bool,
}

/// Whether a name is a manifest's.
#[must_use]
pub fn is_manifest(name: &str) -> bool {
    has_extension(name, ".mf")
}

/// Whether `name` ends so, in any case.
pub(super) fn has_extension(name: &str, extension: &str) -> bool {
    let at = name.len().checked_sub(extension.len());
    at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(extension))
}

/// The last component of a name.
pub(super) fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Reads a manifest.
#[must_use]
pub fn parse(bytes: &[u8]) -> Manifest {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut manifest = Manifest::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(count) = count(line) {
            manifest.count = Some(manifest.count.unwrap_or(0).saturating_add(count));
        } else if let Some(name) = file_name(line) {
            manifest.names.push((name.to_owned(), number));
        } else {
            let (first, lines) = manifest.unknown.unwrap_or((number, 0));
            manifest.unknown = Some((first, lines + 1));
        }
    }
    manifest
}

fn count(line: &str) -> Option<u64> {
    let rest = eat(line, "count")?.trim_start().trim_start_matches([':', '=']).trim();
    rest.trim_matches('"').parse().ok()
}

/// The file name of a line: alone, after `Name:`, in quotes, as a path, or in the first column of a table.
fn file_name(line: &str) -> Option<&str> {
    let labels = ["file name", "filename", "file", "name"];
    let labelled = labels.iter().find_map(|label| eat(line, label)?.trim_start().strip_prefix([':', '=']));
    let bare = |text: &str| text.trim().trim_matches(['"', '\'']).trim().len();
    let text = labelled.unwrap_or(line).trim();
    let whole = base(text.trim_matches(['"', '\'']).trim());
    let first = base(text.split([',', ';', '\t', '|']).next().unwrap_or(text).trim().trim_matches(['"', '\'']).trim());
    if has_extension(first, ".eml") && bare(text) > 0 {
        return (first.len() <= NAME_BYTES).then_some(first);
    }
    let extension = whole.rsplit_once('.').map_or("", |(stem, extension)| if stem.is_empty() { "" } else { extension });
    let file_like = (1..=8).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_alphanumeric());
    (file_like && whole.len() <= NAME_BYTES && !whole.contains([':', ',', ';', '\t'])).then_some(whole)
}

/// Compares a manifest with the files that are there. `at` is the manifest's place; `file` makes the place of a file.
#[must_use]
pub fn check(manifest: &Manifest, at: &Place, present: &[Present], file: &dyn Fn(&str) -> Place) -> Vec<Finding> {
    let mut findings = Vec::new();
    let line = |line: u64| Place { line: Some(line), ..at.clone() };
    if let Some((first, lines)) = manifest.unknown {
        findings.push(Finding::new(
            Code::ManifestUnknown,
            line(first),
            format!("{} not understood", counted(lines, "line is", "lines are")),
        ));
    } else if manifest.count.is_none() && manifest.names.is_empty() {
        findings.push(Finding::new(Code::ManifestUnknown, at.clone(), "it names no count and no file"));
    }
    let mails = present.iter().filter(|p| p.mail).count() as u64;
    if let Some(count) = manifest.count.filter(|count| *count != mails) {
        findings.push(Finding::new(Code::ManifestCount, at.clone(), format!("manifest: {count}, there: {mails}")));
    }
    let mut there: HashMap<&str, u64> = HashMap::new();
    for file in present {
        *there.entry(base(&file.name)).or_default() += 1;
    }
    let mut listed: HashMap<&str, u64> = HashMap::new();
    for (name, number) in &manifest.names {
        let times = listed.entry(name).or_default();
        *times += 1;
        if there.get(name.as_str()).is_none_or(|n| *n < *times) {
            // A name that is listed twice and there once is a slip of the manifest, not a file that is missing.
            let code = if *times > 1 { Code::ManifestDuplicate } else { Code::ManifestMissing };
            findings.push(Finding::new(code, line(*number), name.clone()));
        }
    }
    if !manifest.names.is_empty() {
        let mut seen: HashMap<&str, u64> = HashMap::new();
        for p in present.iter().filter(|p| p.mail) {
            let times = seen.entry(base(&p.name)).or_default();
            *times += 1;
            if listed.get(base(&p.name)).is_none_or(|n| *n < *times) {
                findings.push(Finding::new(Code::ManifestUnlisted, file(&p.name), base(&p.name)));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str, mails: &[&str]) -> Vec<(Code, Option<u64>)> {
        let present: Vec<_> =
            mails.iter().map(|m| Present { name: (*m).to_owned(), mail: m.ends_with(".eml") }).collect();
        let at = Place::entry("f.zip", "x.mf");
        let found = check(&parse(text.as_bytes()), &at, &present, &|name| Place::entry("f.zip", name));
        found.into_iter().map(|f| (f.code, f.place.line)).collect()
    }

    #[test]
    fn a_manifest_that_fits_says_nothing_in_every_spelling() {
        for text in [
            "Count: 2\na.eml\nb.eml\n",
            "\u{feff}COUNT : 2\r\n\r\n\"a.eml\"\r\n./mails/b.eml\r\n",
            "# feed\nName: a.eml\nFile Name = b.eml\ncount=2",
            "a.eml,1200\nb.eml\t900\nCount 2",
        ] {
            assert_eq!(codes(text, &["a.eml", "b.eml"]), [], "{text}");
        }
    }

    #[test]
    fn every_mismatch_is_named_with_its_line() {
        assert_eq!(codes("Count: 3\na.eml\nb.eml", &["a.eml", "b.eml"]), [(Code::ManifestCount, None)]);
        assert_eq!(codes("Count: 1\na.eml\nb.eml", &["a.eml"]), [(Code::ManifestMissing, Some(3))]);
        assert_eq!(codes("Count: 2\na.eml", &["a.eml", "b.eml"]), [(Code::ManifestUnlisted, None)]);
        assert_eq!(codes("a.eml\na.eml", &["a.eml"]), [(Code::ManifestDuplicate, Some(2))]);
        assert_eq!(codes("a.eml", &["a.eml", "a.eml"]), [(Code::ManifestUnlisted, None)]);
        assert_eq!(codes("Count: 1\na.eml\npic.jpg", &["a.eml", "pic.jpg"]), []);
        assert_eq!(codes("Count: 1\n<xml what/>\n?? ??\na.eml", &["a.eml"]), [(Code::ManifestUnknown, Some(2))]);
        assert_eq!(codes("", &["a.eml"]), [(Code::ManifestUnknown, None)]);
        assert_eq!(
            codes("Count: 1\nA.eml", &["a.eml"]),
            [(Code::ManifestMissing, Some(2)), (Code::ManifestUnlisted, None)]
        );
    }
}
