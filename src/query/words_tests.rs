//! Tables of the analyser: what each script becomes.

use super::*;

fn of(text: &str) -> String {
    plain(text).join("|")
}

#[test]
fn each_script_becomes_the_tokens_that_people_search_for() {
    for (text, expected) in [
        ("Zażółć gęślą jaźń, Łódź", "zazolc|gesla|jazn|lodz"),
        ("Straße STRASSE Größe Übermut", "strasse|strasse|grosse|ubermut"),
        ("İstanbul IĞDIR ığdır", "istanbul|igdir|igdir"),
        ("Ærø œuvre þing Đorđe ħ ŋ", "aero|oeuvre|thing|dorde|h|n"),
        ("ΣΟΦΟΣ σοφός", "σοφοσ|σοφοσ"),
        ("Ёлка йод", "елка|иод"),
        ("مُحَمَّد محمـــد", "محمد|محمد"),
        ("أحمد ١٢٣", "احمد|123"),
        ("שָׁלוֹם שלום", "שלום|שלום"),
        ("नमस्ते हिन्दी", "नमस्ते|हिन्दी"),
        ("Nguyễn Văn Đức", "nguyen|van|duc"),
        ("계약서를 보냈다", "계약서를|보냈다"),
        ("合同已签", "合同|同已|已签|签"),
        ("東京タワー", "東京|京タ|タワ|ワー|ー"),
        ("ｶﾀｶﾅ", "カタ|タカ|カナ|ナ"),
        ("がんばる", "がん|んば|ばる|る"),
        ("iPhone手机x", "iphone|手机|机|x"),
        ("contract.docx a_b O'Neil x@y.example", "contract|docx|a|b|o|neil|x|y|example"),
        ("ﬁle Ｆｕｌｌ ２", "file|full|2"),
        ("\u{200e}left\u{200f} zero\u{200b}width", "left|zerowidth"),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn thai_is_found_by_any_part_of_a_run() {
    let stored = plain("สัญญาซื้อขาย");
    let wanted = wanted("ซื้อ", false);
    assert!(stored.windows(wanted.tokens.len()).any(|window| window == wanted.tokens.as_slice()), "{stored:?}");
}

#[test]
fn composed_and_decomposed_text_are_one() {
    assert_eq!(of("é"), of("e\u{301}"));
    assert_eq!(of("한국"), of(&"한국".nfd().collect::<String>()));
    assert_eq!(of("が"), of("か\u{3099}"));
}

#[test]
fn each_emoji_is_one_token() {
    for emoji in ["😀", "👨‍👩‍👧", "👍🏽", "🇬🇧", "1️⃣", "❤️", "🏳️‍🌈"] {
        let text = format!("ok{emoji}done");
        let tokens = tokens(&text);
        assert_eq!(tokens.len(), 3, "{text}: {tokens:?}");
        assert_eq!(tokens.get(1).map(|token| &text[token.from..token.to]), Some(emoji));
    }
    assert_eq!(of("❤️"), of("❤"));
    assert_eq!(plain("🇬🇧🇵🇱").len(), 2);
}

#[test]
fn tokens_point_into_the_original_text() {
    let text = "  Zażółć — ﬁn 東京!";
    let found: Vec<_> = tokens(text).iter().map(|token| (&text[token.from..token.to], token.text.clone())).collect();
    let expected = [("Zażółć", "zazolc"), ("ﬁn", "fin"), ("東京", "東京"), ("京", "京")];
    assert_eq!(found, expected.map(|(from, to)| (from, to.to_owned())));
}

#[test]
fn a_long_token_is_cut_and_never_dropped() {
    let tokens = plain(&"x".repeat(600));
    assert_eq!(tokens.iter().map(String::len).collect::<Vec<_>>(), [255, 255, 90]);
    assert_eq!(wanted(&"x".repeat(600), false).tokens, tokens);
    assert_eq!(plain(&"ш".repeat(200)).iter().map(String::len).collect::<Vec<_>>(), [254, 146]);
}

#[test]
fn ten_thousand_marks_are_no_burden() {
    let start = std::time::Instant::now();
    assert_eq!(of(&format!("a{}b", "\u{301}".repeat(10_000))), "ab");
    assert!(!plain(&format!("ก{}", "\u{e48}".repeat(10_000))).is_empty());
    assert!(start.elapsed().as_secs() < 2);
}

#[test]
fn a_query_in_a_script_without_spaces_looks_for_pairs() {
    assert_eq!(wanted("合同", false), Wanted { tokens: vec!["合同".into()], prefix: false });
    assert_eq!(wanted("同", false), Wanted { tokens: vec!["同".into()], prefix: true });
    assert_eq!(wanted("合同 x", false).tokens, ["合同", "同", "x"]);
    assert_eq!(wanted("合同", true), Wanted { tokens: vec!["合同".into()], prefix: false });
}

#[test]
fn a_star_needs_three_letters_or_one_of_a_script_without_spaces() {
    assert_eq!(check_star("cat"), Ok(()));
    assert_eq!(check_star("合"), Ok(()));
    assert_eq!(check_star("an"), Err(StarProblem::TooShort));
    assert_eq!(check_star("annual re"), Err(StarProblem::TooShort));
    assert_eq!(check_star("cat."), Err(StarProblem::Detached));
    assert_eq!(check_star(""), Err(StarProblem::Detached));
}

proptest::proptest! {
    #[test]
    fn offsets_are_in_order_and_on_character_boundaries(text in "\\PC{0,60}") {
        let mut before = 0;
        for token in tokens(&text) {
            proptest::prop_assert!(text.get(token.from..token.to).is_some_and(|part| !part.is_empty()));
            proptest::prop_assert!(token.from >= before && token.text.len() <= TOKEN_BYTES && !token.text.is_empty());
            before = token.from;
        }
    }

    #[test]
    fn what_stands_in_a_text_is_found_by_typing_it(before in "[a-z合同 ]{0,8}", word in "[a-zA-Zßéł合同ส]{1,8}") {
        let stored = plain(&format!("{before} {word}"));
        let wanted = wanted(&word, false);
        let hit = stored.windows(wanted.tokens.len()).any(|window| {
            window.iter().zip(&wanted.tokens).enumerate().all(|(at, (have, want))| {
                have == want || (wanted.prefix && at + 1 == wanted.tokens.len() && have.starts_with(want))
            })
        });
        proptest::prop_assert!(hit, "{stored:?} {wanted:?}");
    }
}

proptest::proptest! {
    /// The short way for ASCII is the long way.
    #[test]
    fn ascii_text_gives_the_same_tokens_either_way(text in "[ -~\\t\\r\\n\u{0}\u{1b}]{0,400}", long in "[a-zA-Z0-9]{0,600}") {
        for text in [text, long] {
            let long_way: Vec<String> = tokens(&text).into_iter().map(|token| token.text).collect();
            proptest::prop_assert_eq!(plain(&text), long_way);
        }
    }
}
