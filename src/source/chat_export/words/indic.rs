//! Hindi, Bengali, Marathi, Gujarati, Tamil.

use super::{
    CallWord::{MissedVideo, MissedVoice},
    NONE, Words,
};

pub(super) const WORDS: &[Words] = &[
    Words {
        language: "hi",
        titles: &["{new} के साथ WhatsApp चैट", "WhatsApp चैट {new} के साथ"],
        omitted: &[
            ("", "मीडिया के बिना"),
            ("", "मीडिया शामिल नहीं है"),
            ("image", "फ़ोटो शामिल नहीं है"),
            ("image", "इमेज को छोड़ा गया"),
            ("image", "छवि हटा दी गई"),
            ("video", "वीडियो शामिल नहीं है"),
            ("audio", "ऑडियो शामिल नहीं है"),
        ],
        attached: &["फ़ाइल संलग्न है", "फ़ाइल अटैच की गई", "संलग्न"],
        deleted: &["यह मैसेज डिलीट कर दिया गया है", "यह मैसेज डिलीट कर दिया गया था", "यह संदेश हटा दिया गया था"],
        you_deleted: &["आपने यह मैसेज डिलीट किया है", "आपने यह मैसेज डिलीट कर दिया", "आपने यह संदेश हटा दिया है"],
        edited: &["यह मैसेज एडिट किया गया है", "इस मैसेज को एडिट किया गया"],
        calls: &[(MissedVoice, "मिस्ड वॉइस कॉल"), (MissedVideo, "मिस्ड वीडियो कॉल")],
        poll: &["पोल"],
        location: &["लोकेशन"],
        system: &[
            ("encryption_notice", "मैसेज और कॉल एंड-टू-एंड एन्क्रिप्टेड हैं{new}"),
            ("group_created", "me:आपने \"{new}\" ग्रुप बनाया"),
            ("group_created", "{by} ने \"{new}\" ग्रुप बनाया"),
        ],
        ..NONE
    },
    Words {
        language: "bn",
        titles: &["{new} এর সাথে WhatsApp চ্যাট"],
        omitted: &[("", "মিডিয়া বাদ দেওয়া হয়েছে"), ("image", "ছবি বাদ দেওয়া হয়েছে")],
        attached: &["ফাইল সংযুক্ত"],
        deleted: &["এই মেসেজটি মুছে ফেলা হয়েছে", "এই বার্তাটি মুছে ফেলা হয়েছে"],
        you_deleted: &["আপনি এই মেসেজটি মুছে ফেলেছেন"],
        calls: &[(MissedVoice, "মিসড ভয়েস কল"), (MissedVideo, "মিসড ভিডিও কল")],
        ..NONE
    },
    Words {
        language: "mr",
        titles: &["{new} सह WhatsApp चॅट"],
        omitted: &[("", "मीडिया वगळले")],
        attached: &["फाईल जोडली"],
        deleted: &["हा संदेश हटवला गेला", "हा मेसेज हटवला गेला"],
        you_deleted: &["तुम्ही हा संदेश हटवला"],
        ..NONE
    },
    Words {
        language: "gu",
        titles: &["{new} સાથે WhatsApp ચેટ"],
        omitted: &[("", "મીડિયા અવગણવામાં આવ્યું")],
        attached: &["ફાઇલ જોડેલી છે"],
        deleted: &["આ મેસેજ ડિલીટ કરવામાં આવ્યો હતો"],
        you_deleted: &["તમે આ મેસેજ ડિલીટ કર્યો"],
        ..NONE
    },
    Words {
        language: "ta",
        titles: &["{new} உடன் WhatsApp அரட்டை"],
        omitted: &[("", "மீடியா தவிர்க்கப்பட்டது")],
        attached: &["கோப்பு இணைக்கப்பட்டது"],
        deleted: &["இந்த மெசேஜ் நீக்கப்பட்டது", "இந்தச் செய்தி நீக்கப்பட்டது"],
        you_deleted: &["நீங்கள் இந்த மெசேஜை நீக்கிவிட்டீர்கள்"],
        ..NONE
    },
];
