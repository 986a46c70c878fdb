//! What they say: business chatter in seven languages, with topic words at known rates.
//!
//! Contract: a tracked word ([`TRACKED`]) stands in plain English sentences only, between spaces and punctuation,
//! never inside a file name, a name or a subject, so that every sensible word breaker counts the same. In templates
//! `#` becomes a number, `~` a thing, `^` a firm, `&` a weekday.

use super::cast::Language;
use super::prng::Prng;

/// The words (and one phrase) whose messages the truth counts.
pub(super) const TRACKED: [&str; 5] = ["wire", "transfer", "wire transfer", "invoice", "offer"];

/// Sentences of a topic and how often a chat message has one, in 10,000.
type Topic = (u64, &'static [&'static str]);

const TOPICS: &[Topic] = &[
    (
        60,
        &[
            "The wire transfer of #,000 goes out &.",
            "Please hold the wire transfer until ^ confirms the ~.",
            "Who released the wire transfer to ^? The ~ is not signed yet.",
            "Wire transfer to ^ is done, reference #.",
        ],
    ),
    (
        90,
        &[
            "The wire to ^ is still pending, can you chase the bank?",
            "Did the wire for the ~ arrive?",
            "No wire before &, legal wants to see the ~ first.",
        ],
    ),
    (
        120,
        &[
            "Can we transfer the ~ to ^ before &?",
            "The transfer of the ~ needs a second signature.",
            "I will transfer # tonight, the rest on &.",
        ],
    ),
    (
        300,
        &[
            "Invoice # from ^ is on your desk.",
            "Please resend the invoice, the number should be #.",
            "^ paid the invoice for the ~ on &.",
            "The invoice says # but we agreed less.",
        ],
    ),
    (
        250,
        &[
            "^ made an offer: # for the ~.",
            "Their offer expires on &.",
            "I would not take the offer, the ~ is worth more.",
            "New offer from ^, call me.",
        ],
    ),
];

const ENGLISH: &[&str] = &[
    "Are you free for a call on &?",
    "The ~ is ready for review.",
    "I sent the ~ to ^ this morning.",
    "Can somebody check the ~? Version # looks wrong.",
    "Running ten minutes late, start without me.",
    "^ asked about the ~ again.",
    "Thanks, that works for me.",
    "Let us move the meeting to &.",
    "Please do not forward the ~.",
    "Lunch at the usual place?",
    "Room # is booked for &.",
    "The numbers for ^ are up by # basis points.",
    "I have no signal here, writing from the train.",
    "Can you print the ~ for the board?",
    "Did ^ sign the ~?",
    "Ok.",
    "Noted, will do.",
    "The auditors want the ~ by &.",
    "Who owns the ~ on our side?",
    "Happy birthday! Cake in the kitchen.",
    "The vessel is delayed, new arrival is &.",
    "Margin on the ~ went from # to #.",
    "Let us talk on the phone, not here.",
    "My flight lands at #, I will join from the taxi.",
    "See the ~, page #.",
    "^ wants to renegotiate the ~.",
    "Compliance has a question about the ~.",
    "Great work on ^ everybody.",
    "The server room alarm went off again.",
    "Good morning, any news from ^?",
];

const POLISH: &[&str] = &[
    "Dzień dobry, czy umowa z ^ jest już podpisana?",
    "Faktura nr # dotarła dziś rano.",
    "Spotkanie przełożone na przyszły tydzień.",
    "Łódź potwierdziła dostawę, proszę sprawdzić załącznik.",
    "Dziękuję, zadzwonię później.",
    "Proszę nie przesyłać tego dalej.",
];
const GERMAN: &[&str] = &[
    "Guten Morgen, liegt der Vertrag von ^ schon vor?",
    "Die Rechnung # ist noch nicht bezahlt.",
    "Das Gespräch müssen wir auf nächste Woche verschieben.",
    "Können Sie mir die Größe der Lieferung bestätigen?",
    "Vielen Dank, ich rufe später zurück.",
    "Straße und Hausnummer fehlen in Anlage #.",
];
const SPANISH: &[&str] = &[
    "Buenos días, ¿ya llegó el contrato de ^?",
    "La factura # está pendiente.",
    "Mañana hablamos con el abogado.",
    "¿Puedes enviarme la versión del año pasado?",
    "Gracias, te llamo después.",
];
const ARABIC: &[&str] = &[
    "صباح الخير، هل وصل العقد؟",
    "الفاتورة رقم # لم تدفع بعد.",
    "سنتحدث غدا إن شاء الله.",
    "شكرا جزيلا، سأتصل بك لاحقا.",
    "الشحنة متأخرة يومين.",
];
const HINDI: &[&str] = &[
    "सुप्रभात, क्या अनुबंध तैयार है?",
    "चालान संख्या # अभी बाकी है।",
    "कल बात करते हैं।",
    "धन्यवाद, मैं बाद में फ़ोन करूँगा।",
    "जहाज़ दो दिन देर से आएगा।",
];
const CHINESE: &[&str] = &[
    "早上好，合同准备好了吗？",
    "发票号码 # 还没有付款。",
    "我们明天再谈。",
    "谢谢，我稍后给你打电话。",
    "货物延迟了两天。",
];

const THINGS: &[&str] = &[
    "term sheet",
    "contract",
    "charter party",
    "memo",
    "draft",
    "budget",
    "forecast",
    "collateral",
    "cargo list",
    "insurance policy",
    "bill of lading",
    "loan book",
    "prospectus",
    "lease",
    "price list",
    "minutes",
    "pitch deck",
    "side letter",
    "guarantee",
    "amendment",
    "spreadsheet",
    "hedge",
    "position",
    "option",
    "licence",
    "schedule",
    "inspection report",
    "valuation",
    "due diligence file",
    "risk report",
    "audit letter",
    "exposure table",
];
const FIRMS: &[&str] = &[
    "Harbourline",
    "Lumen Brokers",
    "Jadeport",
    "Qamar",
    "Monsoon",
    "Wschod",
    "Stone Law",
    "Bluewater",
    "Kestrel",
    "Orchard Street",
    "Ferrous",
    "Polaris",
    "Tidewell",
    "Aldgate Partners",
    "Copperfield",
    "Redwood Marine",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
const EMOJI: &[&str] = &["👍", "🙏", "😂", "✅", "🚢", "👩\u{200d}💻", "🇵🇱", "❤\u{fe0f}", "📈"];

/// The sentence that the story finds: it stands in the first message of every corpus.
pub(super) const STORY: &str = "Please hold the wire transfer for invoice 4471 until Monday, I will explain in person.";

/// The sentences of a language.
fn sentences(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => ENGLISH,
        Language::Polish => POLISH,
        Language::German => GERMAN,
        Language::Spanish => SPANISH,
        Language::Arabic => ARABIC,
        Language::Hindi => HINDI,
        Language::Chinese => CHINESE,
    }
}

/// Writes the text of one chat message to the end of `out`.
pub(super) fn say(prng: &mut Prng, language: Language, out: &mut String) {
    let foreign = language != Language::English && prng.chance(4_000);
    fill(prng, sentences(if foreign { language } else { Language::English }), out);
    for &(rate, topic) in TOPICS {
        if prng.chance(rate) {
            out.push(' ');
            fill(prng, topic, out);
        }
    }
    for rate in [4_500, 1_500] {
        if prng.chance(rate) {
            out.push(if prng.chance(1_000) { '\n' } else { ' ' });
            fill(prng, sentences(if foreign { language } else { Language::English }), out);
        }
    }
    if prng.chance(800) {
        out.push(' ');
        out.push_str(prng.word(EMOJI));
    }
}

/// Writes one of the templates with its gaps filled.
fn fill(prng: &mut Prng, templates: &[&'static str], out: &mut String) {
    for piece in prng.word(templates).split_inclusive(['#', '~', '^', '&']) {
        let mut chars = piece.chars();
        let gap = chars.next_back();
        let Some(gap @ ('#' | '~' | '^' | '&')) = gap else {
            out.push_str(piece);
            continue;
        };
        out.push_str(chars.as_str());
        match gap {
            '#' => number(prng.below(9_000) + 100, out),
            '~' => out.push_str(prng.word(THINGS)),
            '^' => out.push_str(prng.word(FIRMS)),
            _ => out.push_str(prng.word(DAYS)),
        }
    }
}

/// Writes a number of up to four digits.
fn number(value: u64, out: &mut String) {
    let digits = [value / 1_000 % 10, value / 100 % 10, value / 10 % 10, value % 10];
    let zeros = digits.iter().take(3).take_while(|digit| **digit == 0).count();
    out.extend(digits.iter().skip(zeros).filter_map(|digit| char::from_digit(u32::try_from(*digit).ok()?, 10)));
}

/// Which of [`TRACKED`] stand in `text`, in that order.
pub(super) fn tracked(text: &str) -> [bool; 5] {
    let [mut wire, mut transfer, mut phrase, mut invoice, mut offer] = [false; 5];
    let mut after_wire = false;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let is_wire = word.eq_ignore_ascii_case("wire");
        let is_transfer = word.eq_ignore_ascii_case("transfer");
        wire |= is_wire;
        transfer |= is_transfer;
        phrase |= is_transfer && after_wire;
        invoice |= word.eq_ignore_ascii_case("invoice");
        offer |= word.eq_ignore_ascii_case("offer");
        after_wire = is_wire;
    }
    [wire, transfer, phrase, invoice, offer]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tracked_word_is_a_whole_word_and_a_phrase_stands_together() {
        assert_eq!(tracked("Wire, then a transfer."), [true, true, false, false, false]);
        assert_eq!(tracked("the WIRE transfer"), [true, true, true, false, false]);
        assert_eq!(tracked("rewired transfers invoices offered"), [false; 5]);
        assert_eq!(tracked(STORY), [true, true, true, true, false]);
    }

    #[test]
    fn tracked_words_are_in_topics_only_and_gaps_are_always_filled() {
        let quiet = [ENGLISH, POLISH, GERMAN, SPANISH, ARABIC, HINDI, CHINESE, THINGS, FIRMS, DAYS];
        assert!(quiet.iter().flat_map(|list| list.iter()).all(|text| tracked(text) == [false; 5]));
        let (mut prng, mut out) = (Prng::new(3), String::new());
        for language in [Language::English, Language::Polish, Language::Arabic, Language::Chinese] {
            (0..500).for_each(|_| say(&mut prng, language, &mut out));
        }
        assert!(!out.contains(['#', '~', '^', '&']));
    }

    #[test]
    fn a_number_has_no_leading_zero() {
        let mut out = String::new();
        [0, 7, 100, 9_099].into_iter().for_each(|value| {
            number(value, &mut out);
            out.push(' ');
        });
        assert_eq!(out, "0 7 100 9099 ");
    }
}
