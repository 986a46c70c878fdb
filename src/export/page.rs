//! A document for people, as Markdown and as HTML: headings, facts, tables, text.
//!
//! Contract: pure. Whatever stands in it may come from strangers: in HTML everything is escaped, there is no script, no
//! style from elsewhere and nothing is loaded (`default-src 'none'`); in Markdown everything that could be markup is
//! escaped. Control characters and marks that turn the direction of text are made visible in both.

use std::fmt::Write as _;

/// One part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// Names and values.
    Facts(Vec<(String, String)>),
    /// Rows under columns; each row has as many cells as there are columns.
    Table(Vec<String>, Vec<Vec<String>>),
}

/// A document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// Its parts.
    pub blocks: Vec<Block>,
}

impl Page {
    /// An empty document.
    #[must_use]
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), blocks: Vec::new() }
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    /// Adds a paragraph.
    pub fn text(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Text(text.into()));
    }

    /// Adds names and values; pairs without a value are left out.
    pub fn facts<const N: usize>(&mut self, facts: [(&str, String); N]) {
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        self.blocks.push(Block::Facts(facts.map(|(name, value)| (name.to_owned(), value)).collect()));
    }

    /// Adds a table; says `empty` instead if it has no row.
    pub fn table(&mut self, columns: &[&str], rows: Vec<Vec<String>>, empty: &str) {
        if rows.is_empty() {
            return self.text(empty);
        }
        self.blocks.push(Block::Table(columns.iter().map(ToString::to_string).collect(), rows));
    }

    /// As Markdown (CommonMark with tables).
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut out = format!("# {}\n", markdown(&self.title));
        for block in &self.blocks {
            out.push('\n');
            match block {
                Block::Heading(text) => put(&mut out, format_args!("## {}\n", markdown(text))),
                Block::Text(text) => put(&mut out, format_args!("{}\n", markdown(text))),
                Block::Facts(facts) => {
                    for (name, value) in facts {
                        put(&mut out, format_args!("- **{}**: {}\n", markdown(name), markdown(value)));
                    }
                }
                Block::Table(columns, rows) => {
                    let line = |cells: &[String]| {
                        let cells: Vec<String> = cells.iter().map(|cell| markdown(cell)).collect();
                        format!("| {} |\n", cells.join(" | "))
                    };
                    out.push_str(&line(columns));
                    put(&mut out, format_args!("|{}\n", " --- |".repeat(columns.len())));
                    rows.iter().for_each(|row| out.push_str(&line(row)));
                }
            }
        }
        out
    }

    /// As HTML that stands alone.
    #[must_use]
    pub fn to_html(&self) -> String {
        let title = html(&self.title);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">\n\
             <title>{title}</title>\n</head>\n<body>\n<h1>{title}</h1>\n"
        );
        for block in &self.blocks {
            match block {
                Block::Heading(text) => put(&mut out, format_args!("<h2>{}</h2>\n", html(text))),
                Block::Text(text) => put(&mut out, format_args!("<p>{}</p>\n", html(text))),
                Block::Facts(facts) => {
                    out.push_str("<dl>\n");
                    for (name, value) in facts {
                        put(&mut out, format_args!("<dt>{}</dt><dd dir=\"auto\">{}</dd>\n", html(name), html(value)));
                    }
                    out.push_str("</dl>\n");
                }
                Block::Table(columns, rows) => {
                    let line = |cells: &[String], tag: &str| {
                        let cells: String =
                            cells.iter().map(|cell| format!("<{tag} dir=\"auto\">{}</{tag}>", html(cell))).collect();
                        format!("<tr>{cells}</tr>\n")
                    };
                    out.push_str("<table border=\"1\">\n<thead>\n");
                    out.push_str(&line(columns, "th"));
                    out.push_str("</thead>\n<tbody>\n");
                    rows.iter().for_each(|row| out.push_str(&line(row, "td")));
                    out.push_str("</tbody>\n</table>\n");
                }
            }
        }
        out.push_str("</body>\n</html>\n");
        out
    }
}

fn put(out: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing to a string does not fail.
    let _ = out.write_fmt(args);
}

/// Makes control characters and marks of direction visible, so that what is read is what stands there.
fn visible(c: char, out: &mut String) {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    match c {
        '\n' | '\r' | '\t' => out.push(' '),
        c if c.is_control() || turns => put(out, format_args!("\u{27e8}U+{:04X}\u{27e9}", u32::from(c))),
        c => out.push(c),
    }
}

fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => visible(c, &mut out),
        }
    }
    out
}

fn markdown(text: &str) -> String {
    const MARKUP: &str = "\\`*_[]()<>#|!~&";
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.chars().enumerate() {
        // At the front of a line these begin a list or a heading.
        if MARKUP.contains(c) || (at == 0 && matches!(c, '-' | '+' | '=')) {
            out.push('\\');
        }
        visible(c, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str =
        "<script>alert(1)</script> \"x\" 'y' & [a](http://evil.example) | `b` \u{202e}cod\u{1b}[2J\nz";

    fn page() -> Page {
        let mut page = Page::new(HOSTILE);
        page.heading(HOSTILE);
        page.text(HOSTILE);
        page.facts([(HOSTILE, HOSTILE.to_owned()), ("nothing", String::new())]);
        page.table(&[HOSTILE], vec![vec![HOSTILE.to_owned()]], "none");
        page.table(&["a"], vec![], "none at all");
        page
    }

    #[test]
    fn html_has_no_markup_but_its_own_and_loads_nothing() {
        let text = page().to_html();
        assert!(text.contains("content=\"default-src 'none'\""));
        assert!(!text.to_lowercase().contains("<script") && !text.contains("href") && !text.contains("src="));
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && text.contains("U+202E"));
        assert!(text.contains("&lt;script&gt;") && text.contains("none at all") && !text.contains("nothing"));
        let tags = text.matches('<').count();
        assert_eq!(tags, text.matches('>').count());
    }

    #[test]
    fn markdown_escapes_markup_and_keeps_a_row_on_one_line() {
        let text = page().to_markdown();
        assert!(!text.contains("<script>") && text.contains("\\<script\\>"));
        assert!(!text.contains("[a](http") && !text.contains('\u{1b}'));
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(rows.len(), 3, "{text}");
        assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 2), "{text}");
    }
}
