//! What kind of character it is, as far as the analyser has to know: a mark, a script without spaces, an emoji.
//!
//! Contract: pure tables over code points, fixed with [`super::words::ANALYSER_VERSION`]; a changed range is a new
//! version. Not a complete Unicode script database: only the distinctions that the tokenizer makes.

/// Direction marks, zero-width characters and byte order marks: they are no part of any word.
#[must_use]
pub fn is_ignorable(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{2066}'..='\u{2069}' | '\u{202a}'..='\u{202e}'
        | '\u{61c}' | '\u{ad}' | '\u{640}' | '\u{fe00}'..='\u{fe0f}')
}

/// Scripts that write no space between words. Their text is cut into overlapping pairs of characters.
#[must_use]
pub fn is_spaceless(c: char) -> bool {
    matches!(c,
        // Han
        '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3038}'..='\u{303b}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        // Hiragana, Katakana, Bopomofo
        | '\u{3041}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3105}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}' | '\u{31f0}'..='\u{31ff}' | '\u{1b000}'..='\u{1b16f}'
        // Thai, Lao, Khmer, Myanmar
        | '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{1000}'..='\u{109f}' | '\u{a9e0}'..='\u{a9ff}'
        | '\u{aa60}'..='\u{aa7f}')
}

/// Letters and digits whose marks are decoration that people leave out: Latin, Greek, Cyrillic, Arabic, Hebrew.
#[must_use]
pub fn drops_marks(c: char) -> bool {
    matches!(c,
        '\0'..='\u{2af}' | '\u{370}'..='\u{52f}' | '\u{590}'..='\u{6ff}' | '\u{750}'..='\u{77f}'
        | '\u{870}'..='\u{8ff}' | '\u{1c80}'..='\u{1c8f}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1fff}'
        | '\u{2c60}'..='\u{2c7f}' | '\u{a640}'..='\u{a69f}' | '\u{a720}'..='\u{a7ff}' | '\u{ab30}'..='\u{ab6f}'
        | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
}

/// Whether a grapheme cluster is an emoji: a pictograph with its modifiers, a flag, a keycap.
#[must_use]
pub fn is_emoji(cluster: &str) -> bool {
    let Some(first) = cluster.chars().next() else { return false };
    match first {
        // Letters in squares and circles are letters in disguise (NFKC makes them letters again) …
        '\u{1f100}'..='\u{1f16f}' | '\u{1f172}'..='\u{1f17d}' | '\u{1f180}'..='\u{1f18d}' => false,
        // … all else up there is pictures, flags included.
        '\u{1f000}'..='\u{1faff}' => true,
        '\u{2600}'..='\u{27bf}' | '\u{2b05}'..='\u{2b55}' | '\u{23e9}'..='\u{23fa}' => true,
        '\u{231a}' | '\u{231b}' | '\u{2328}' | '\u{23cf}' => true,
        '0'..='9' | '#' | '*' => cluster.contains('\u{20e3}'),
        // Signs that are text unless they ask to be shown as a picture.
        '\u{a9}'
        | '\u{ae}'
        | '\u{203c}'
        | '\u{2049}'
        | '\u{2122}'
        | '\u{2139}'
        | '\u{2190}'..='\u{21ff}'
        | '\u{25a0}'..='\u{25ff}'
        | '\u{2934}'
        | '\u{2935}'
        | '\u{3030}'
        | '\u{303d}'
        | '\u{3297}'
        | '\u{3299}' => cluster.contains('\u{fe0f}'),
        _ => false,
    }
}

/// Columns that a character takes on a terminal, near enough for a caret.
#[must_use]
pub fn columns(c: char) -> usize {
    if is_ignorable(c) || unicode_normalization::char::is_combining_mark(c) {
        0
    } else if matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
    {
        2
    } else {
        1
    }
}
