//! Words for halves and parts of the day, and the small words between a date and a time, by language.
//!
//! Looked up lower case and without dots, spaces and quotes: `a. m.` is `am`. A word that could be two parts in two
//! languages is not listed.

/// What a word makes of an hour between 1 and 12.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Before noon; 12 is 0.
    Am,
    /// After noon.
    Pm,
    /// Around noon: 11 and 12 stay, 1 and later are after noon.
    Noon,
    /// Evening and night: 12 is 0, 1 to 5 stay, 6 to 11 are after noon.
    Night,
}

impl Half {
    /// The hour of the day, from 0 to 23.
    pub fn hour(self, hour: u8) -> u8 {
        match (self, hour) {
            (_, 13..) => hour,
            (Self::Am | Self::Night, 12) => 0,
            (Self::Am, _) | (Self::Pm | Self::Noon, 12) | (Self::Noon, 10 | 11) | (Self::Night, 0..6) => hour,
            (Self::Pm | Self::Noon | Self::Night, _) => hour + 12,
        }
    }
}

use Half::{Am, Night, Noon, Pm};

/// Language, word, meaning.
pub const HALVES: &[(&str, &str, Half)] = &[
    ("en", "am", Am),
    ("en", "pm", Pm),
    ("en", "a", Am),
    ("en", "p", Pm),
    ("en", "inthemorning", Am),
    ("en", "noon", Noon),
    ("en", "intheafternoon", Pm),
    ("en", "intheevening", Pm),
    ("en", "atnight", Night),
    ("en", "night", Night),
    ("de", "morgens", Am),
    ("de", "früh", Am),
    ("de", "vormittags", Am),
    ("de", "vorm", Am),
    ("de", "mittags", Noon),
    ("de", "nachmittags", Pm),
    ("de", "nachm", Pm),
    ("de", "abends", Night),
    ("de", "nachts", Night),
    ("es", "delamañana", Am),
    ("es", "delamadrugada", Am),
    ("es", "delmediodía", Noon),
    ("es", "delatarde", Pm),
    ("es", "delanoche", Night),
    ("pt", "damanhã", Am),
    ("pt", "damadrugada", Am),
    ("pt", "datarde", Pm),
    ("pt", "danoite", Night),
    ("fr", "dumatin", Am),
    ("fr", "midi", Noon),
    ("fr", "delaprèsmidi", Pm),
    ("fr", "dusoir", Night),
    ("nl", "vm", Am),
    ("nl", "nm", Pm),
    ("nl", "sochtends", Am),
    ("nl", "smorgens", Am),
    ("nl", "smiddags", Pm),
    ("nl", "savonds", Night),
    ("nl", "snachts", Night),
    ("sv", "fm", Am),
    ("sv", "em", Pm),
    ("fi", "ap", Am),
    ("fi", "ip", Pm),
    ("cs", "dop", Am),
    ("cs", "odp", Pm),
    ("hu", "de", Am),
    ("hu", "du", Pm),
    ("el", "πμ", Am),
    ("el", "μμ", Pm),
    ("tr", "öö", Am),
    ("tr", "ös", Pm),
    ("ru", "дп", Am),
    ("ru", "пп", Pm),
    ("bg", "проб", Am),
    ("bg", "слоб", Pm),
    ("sq", "pd", Am),
    ("sq", "md", Pm),
    ("ms", "pg", Am),
    ("ms", "ptg", Pm),
    ("vi", "sa", Am),
    ("vi", "ch", Pm),
    ("ar", "ص", Am),
    ("ar", "م", Pm),
    ("ar", "صباحا", Am),
    ("ar", "صباحًا", Am),
    ("ar", "ظهرا", Noon),
    ("ar", "ظهرًا", Noon),
    ("ar", "مساء", Pm),
    ("ar", "مساءً", Pm),
    ("fa", "قظ", Am),
    ("fa", "بظ", Pm),
    ("fa", "قبلازظهر", Am),
    ("fa", "بعدازظهر", Pm),
    ("he", "לפנהצ", Am),
    ("he", "לפנה״צ", Am),
    ("he", "אחהצ", Pm),
    ("he", "אחה״צ", Pm),
    ("hi", "पूर्वाह्न", Am),
    ("hi", "अपराह्न", Pm),
    ("hi", "सुबह", Am),
    ("hi", "दोपहर", Noon),
    ("hi", "शाम", Pm),
    ("hi", "रात", Night),
    ("mr", "मपू", Am),
    ("mr", "मउ", Pm),
    ("bn", "পূর্বাহ্ণ", Am),
    ("bn", "অপরাহ্ণ", Pm),
    ("ta", "முற்பகல்", Am),
    ("ta", "பிற்பகல்", Pm),
    ("kn", "ಪೂರ್ವಾಹ್ನ", Am),
    ("kn", "ಅಪರಾಹ್ನ", Pm),
    ("th", "ก่อนเที่ยง", Am),
    ("th", "หลังเที่ยง", Pm),
    ("zh", "凌晨", Am),
    ("zh", "清晨", Am),
    ("zh", "早上", Am),
    ("zh", "上午", Am),
    ("zh", "中午", Noon),
    ("zh", "下午", Pm),
    ("zh", "晚上", Night),
    ("ja", "午前", Am),
    ("ja", "午後", Pm),
    ("ko", "오전", Am),
    ("ko", "오후", Pm),
];

/// Words between a date and a time, or after one, that say nothing: `klo`, `à`, `Uhr`.
pub const SMALL_WORDS: &[(&str, &str)] = &[
    ("en", "at"),
    ("fr", "à"),
    ("fi", "klo"),
    ("da", "kl"),
    ("de", "um"),
    ("de", "uhr"),
    ("nl", "om"),
    ("pt", "às"),
    ("pt", "as"),
    ("it", "alle"),
    ("id", "pukul"),
    ("tr", "saat"),
    ("vi", "lúc"),
    ("ru", "в"),
    ("uk", "о"),
    ("bg", "г"),
    ("bg", "ч"),
    ("th", "เวลา"),
    ("th", "น"),
    ("iso", "t"),
];

/// Words for a calendar, beside a date. `true`: years are Buddhist.
pub const ERAS: &[(&str, bool)] = &[("be", true), ("พศ", true), ("ad", false), ("ce", false), ("คศ", false)];
