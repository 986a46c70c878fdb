//! Who talks to whom: an invented firm (Northgate), its counterparties and their conversations.
//!
//! Contract: every number is from a range kept for fiction (447700900000–447700900999, 1-NXX-555-01xx), every domain
//! ends in `.example`. Each internal party reaches its mailbox on another way, so that a corpus exercises every rule
//! of the mapping. `mailbox` is where it ends up after [`super::Corpus::users_csv`] and
//! [`super::Corpus::mapping_csv`] were imported, both mapping switches being on.

/// A party as the feed names it.
#[derive(Debug)]
pub(super) struct Party {
    /// Digits only; empty if the feed gives an address without a number.
    pub number: &'static str,
    /// The address in the feed.
    pub address: &'static str,
    /// The form in From and To.
    pub header: &'static str,
    /// Where an item of this party is delivered; `None`: nowhere.
    pub mailbox: Option<&'static str>,
}

impl Party {
    /// What a subject and `ArchiveInitiator` call it: the number, else the address.
    pub(super) fn label(&self) -> &'static str {
        if self.number.is_empty() { self.address } else { self.number }
    }
}

macro_rules! parties {
    ($($(#[$doc:meta])* $id:ident = $number:literal, $address:literal, $header:literal, $mailbox:expr;)*) => {
        $($(#[$doc])* pub(super) static $id: Party =
            Party { number: $number, address: $address, header: $header, mailbox: $mailbox };)*
    };
}

parties! {
    /// By the custom mapping; the feed also knows her address.
    ANA = "447700900101", "ana.ruiz@northgate.example",
        "\"Ana Ruiz 447700900101\" <ana.ruiz@northgate.example>", Some("ana.ruiz@northgate.example");
    /// By the custom mapping alone: the feed knows his number only.
    BEN = "447700900102", "447700900102@mobile.example",
        "\"447700900102\" <447700900102@mobile.example>", Some("ben.okafor@northgate.example");
    /// By her number in the user directory; the feed's address is no mailbox.
    LIN = "447700900103", "lin.chen@capture.example",
        "\"Lin Chen 447700900103\" <lin.chen@capture.example>", Some("lin.chen@northgate.example");
    /// By the item's address alone: no number anywhere.
    SARA = "", "sara.patel@northgate.example",
        "\"Sara Patel\" <sara.patel@northgate.example>", Some("sara.patel@northgate.example");
    /// By the custom mapping; his first telephone.
    JONAS = "447700900105", "jonas.weber@northgate.example",
        "\"Jonas Weber 447700900105\" <jonas.weber@northgate.example>", Some("jonas.weber@northgate.example");
    /// His second telephone, mapped to the same mailbox.
    JONAS_TWO = "447700900115", "447700900115@mobile.example",
        "\"Jonas Weber 447700900115\" <447700900115@mobile.example>", Some("jonas.weber@northgate.example");
    /// By the custom mapping.
    MARTA = "447700900106", "marta.kowalczyk@northgate.example",
        "\"Marta Kowalczyk 447700900106\" <marta.kowalczyk@northgate.example>", Some("marta.kowalczyk@northgate.example");
    /// By the item's address: his number is mapped nowhere.
    OMAR = "447700900107", "omar.haddad@northgate.example",
        "\"Omar Haddad 447700900107\" <omar.haddad@northgate.example>", Some("omar.haddad@northgate.example");
    /// By the custom mapping; the feed gives a bare address whose local part is the number.
    GRACE = "447700900108", "447700900108@mobile.example",
        "447700900108@mobile.example", Some("grace.lindqvist@northgate.example");
    /// Looks internal, is mapped nowhere: somebody forgot a row.
    STRAY = "447700900199", "447700900199@mobile.example",
        "\"447700900199\" <447700900199@mobile.example>", None;

    /// A counterparty in New York.
    VIKTOR = "12125550101", "viktor.lang@harbourline.example",
        "\"Viktor Lang 12125550101\" <viktor.lang@harbourline.example>", None;
    /// A broker.
    CLAIRE = "447700900301", "claire.dubois@lumenbrokers.example",
        "\"Claire Dubois 447700900301\" <claire.dubois@lumenbrokers.example>", None;
    /// A counterparty whom the feed knows by number.
    HIROSHI = "447700900302", "447700900302@mobile.example",
        "\"447700900302\" <447700900302@mobile.example>", None;
    /// A counterparty with a name outside ASCII.
    LUKASZ = "447700900303", "lukasz.nowak@wschod.example",
        "=?UTF-8?B?xYF1a2FzeiBOb3dhayA0NDc3MDA5MDAzMDM=?= <lukasz.nowak@wschod.example>", None;
    /// A client.
    FATIMA = "447700900304", "fatima.alsayed@qamar.example",
        "\"Fatima Al-Sayed 447700900304\" <fatima.alsayed@qamar.example>", None;
    /// A client.
    PRIYA = "447700900305", "priya.nair@monsoon.example",
        "\"Priya Nair 447700900305\" <priya.nair@monsoon.example>", None;
    /// A client.
    WEI = "447700900306", "wei.zhang@jadeport.example",
        "\"Wei Zhang 447700900306\" <wei.zhang@jadeport.example>", None;
    /// A lawyer in Chicago.
    DEBORAH = "13125550142", "deborah.stone@stonelaw.example",
        "\"Deborah Stone 13125550142\" <deborah.stone@stonelaw.example>", None;
}

/// What kind of conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Two parties.
    Direct,
    /// A group with its id and name.
    Group {
        /// `X-TELEMESSAGE-GroupID`.
        id: &'static str,
        /// Its display name; two groups may share one.
        name: &'static str,
    },
    /// One to many: only the first party writes.
    Broadcast,
}

/// The language that a part of a conversation is written in; the rest is English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Polish,
    German,
    Spanish,
    Arabic,
    Hindi,
    Chinese,
}

/// One conversation. Its first party is the account that was captured.
#[derive(Debug)]
pub(super) struct Chat {
    /// Direct, group, broadcast.
    pub shape: Shape,
    /// `X-TELEMESSAGE-THREAD_ID`; `None`: unthreaded.
    pub thread: Option<&'static str>,
    /// Who is in it, the captured account first.
    pub parties: &'static [&'static Party],
    /// How often it is chosen, in 1,000.
    pub weight: u64,
    /// Its second language.
    pub language: Language,
}

macro_rules! chats {
    ($($shape:expr, $thread:expr, [$($party:ident),*], $weight:literal, $language:ident;)*) => {
        /// Every conversation. The weights sum to 1,000.
        pub(super) static CHATS: &[Chat] = &[$(Chat {
            shape: $shape, thread: $thread, parties: &[$(&$party),*], weight: $weight, language: Language::$language,
        },)*];
    };
}

/// The group that exists twice under one name: the first.
const FALCON: Shape = Shape::Group { id: "120363040000000101@g.us", name: "Deal Falcon" };
/// The second, with other people.
const FALCON_TWO: Shape = Shape::Group { id: "120363040000000202@g.us", name: "Deal Falcon" };
const EAST: Shape = Shape::Group { id: "120363040000000303@g.us", name: "Zespół Wschód" };
const SHIPPING: Shape = Shape::Group { id: "120363040000000404@g.us", name: "Shipping desk 🚢" };
const YEAR_END: Shape = Shape::Group { id: "120363040000000505@g.us", name: "Year End Close" };

chats! {
    Shape::Direct, None, [ANA, VIKTOR], 110, English;
    Shape::Direct, Some("TH-20250011"), [BEN, CLAIRE], 90, English;
    Shape::Direct, None, [LIN, WEI], 70, Chinese;
    Shape::Direct, Some("TH-20250013"), [SARA, DEBORAH], 60, Spanish;
    Shape::Direct, None, [JONAS, LUKASZ], 70, German;
    Shape::Direct, None, [JONAS_TWO, MARTA], 50, Polish;
    Shape::Direct, Some("TH-20250016"), [OMAR, FATIMA], 60, Arabic;
    Shape::Direct, None, [STRAY, VIKTOR], 30, English;
    FALCON, Some("TH-20250021"), [ANA, BEN, VIKTOR, STRAY], 140, English;
    FALCON_TWO, Some("TH-20250022"), [MARTA, JONAS, DEBORAH], 90, German;
    EAST, Some("TH-20250023"), [MARTA, LUKASZ, GRACE], 70, Polish;
    SHIPPING, Some("TH-20250024"), [OMAR, LIN, GRACE, PRIYA, HIROSHI], 80, Hindi;
    YEAR_END, Some("TH-20250025"), [SARA, ANA, BEN, LIN, JONAS, MARTA, OMAR, GRACE], 60, English;
    Shape::Broadcast, Some("TH-20250031"), [ANA, BEN, CLAIRE, HIROSHI, DEBORAH], 20, English;
}

/// The user directory: mailbox, name, numbers that the directory itself lists.
pub(super) static USERS: &[(&str, &str, &[&str])] = &[
    ("ana.ruiz@northgate.example", "Ana Ruiz", &["447700900101"]),
    ("ben.okafor@northgate.example", "Ben Okafor", &[]),
    ("lin.chen@northgate.example", "Lin Chen", &["447700900103"]),
    ("sara.patel@northgate.example", "Sara Patel", &[]),
    ("jonas.weber@northgate.example", "Jonas Weber", &["447700900105", "447700900115"]),
    ("marta.kowalczyk@northgate.example", "Marta Kowalczyk", &[]),
    ("omar.haddad@northgate.example", "Omar Haddad", &[]),
    ("grace.lindqvist@northgate.example", "Grace Lindqvist", &[]),
];

/// The custom mapping: number, mailbox.
pub(super) static MAPPING: &[(&str, &str)] = &[
    ("447700900101", "ana.ruiz@northgate.example"),
    ("447700900102", "ben.okafor@northgate.example"),
    ("447700900105", "jonas.weber@northgate.example"),
    ("447700900115", "jonas.weber@northgate.example"),
    ("447700900106", "marta.kowalczyk@northgate.example"),
    ("447700900108", "grace.lindqvist@northgate.example"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The mapping's precedence, written anew: custom mapping, directory number, item address.
    fn resolve(party: &Party) -> Option<&'static str> {
        let custom = MAPPING.iter().find(|(number, _)| *number == party.number).map(|(_, mailbox)| *mailbox);
        let directory = USERS.iter().find(|(_, _, n)| n.contains(&party.number)).map(|(mailbox, ..)| *mailbox);
        custom.or(directory).or(USERS.iter().map(|(m, ..)| *m).find(|m| *m == party.address))
    }

    #[test]
    fn every_party_ends_where_the_mapping_sends_it() {
        for party in CHATS.iter().flat_map(|chat| chat.parties.iter()) {
            assert_eq!(party.mailbox, resolve(party), "{}", party.header);
        }
    }

    #[test]
    fn weights_sum_to_a_thousand_and_a_direct_chat_has_two_parties() {
        assert_eq!(CHATS.iter().map(|chat| chat.weight).sum::<u64>(), 1_000);
        assert!(CHATS.iter().filter(|c| c.shape == Shape::Direct).all(|c| c.parties.len() == 2));
        assert_eq!(CHATS.len(), 14);
    }

    #[test]
    fn every_number_is_kept_for_fiction_and_every_domain_is_an_example() {
        for party in CHATS.iter().flat_map(|chat| chat.parties.iter()) {
            let uk = party.number.strip_prefix("447700900").is_some_and(|rest| rest.len() == 3);
            let us =
                party.number.len() == 11 && party.number.starts_with('1') && party.number.get(4..9) == Some("55501");
            assert!(uk || us || party.number.is_empty(), "{}", party.number);
            assert!(party.address.ends_with(".example"), "{}", party.address);
        }
    }
}
