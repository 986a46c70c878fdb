//! Arabic, Hebrew, and Persian and Urdu, which share the script.

use super::{
    CallWord::{MissedVideo, MissedVoice},
    NONE, Words,
};

pub(super) const WORDS: &[Words] = &[
    Words {
        language: "ar",
        titles: &["دردشة واتساب مع {new}", "محادثة واتساب مع {new}"],
        omitted: &[
            ("", "تم استبعاد الوسائط"),
            ("", "تم استبعاد ملف الوسائط"),
            ("image", "تم استبعاد الصورة"),
            ("image", "الصورة محذوفة"),
            ("video", "تم استبعاد الفيديو"),
            ("audio", "تم استبعاد الصوت"),
            ("sticker", "تم استبعاد الملصق"),
            ("document", "تم استبعاد المستند"),
        ],
        attached: &["الملف مرفق", "ملف مرفق", "المُرفق", "المرفق"],
        deleted: &["تم حذف هذه الرسالة"],
        you_deleted: &["لقد حذَفت هذه الرسالة", "لقد حذفت هذه الرسالة", "حذفتَ هذه الرسالة"],
        edited: &["تم تعديل هذه الرسالة"],
        calls: &[(MissedVoice, "مكالمة صوتية فائتة"), (MissedVideo, "مكالمة فيديو فائتة")],
        poll: &["استطلاع", "استطلاع رأي"],
        location: &["الموقع"],
        system: &[
            ("encryption_notice", "الرسائل والمكالمات مشفرة تمامًا بين الطرفين{new}"),
            ("encryption_notice", "الرسائل والمكالمات {new}"),
            ("group_created", "me:لقد أنشأتَ مجموعة \"{new}\""),
            ("group_created", "me:لقد أنشأت مجموعة \"{new}\""),
            ("group_created", "أنشأ {by} مجموعة \"{new}\""),
            ("group_created", "{by} أنشأ مجموعة \"{new}\""),
        ],
        ..NONE
    },
    Words {
        language: "he",
        titles: &["צ'אט WhatsApp עם {new}", "שיחת WhatsApp עם {new}"],
        omitted: &[
            ("", "המדיה לא נכללה"),
            ("", "מדיה הושמטה"),
            ("image", "התמונה הושמטה"),
            ("image", "תמונה הושמטה"),
            ("video", "סרטון הווידאו הושמט"),
            ("video", "הסרטון הושמט"),
            ("audio", "השמע הושמט"),
        ],
        attached: &["קובץ מצורף", "מצורף"],
        deleted: &["הודעה זו נמחקה", "ההודעה נמחקה"],
        you_deleted: &["מחקת הודעה זו", "מחקת את ההודעה הזו"],
        edited: &["הודעה זו נערכה", "ההודעה נערכה"],
        calls: &[(MissedVoice, "שיחה קולית שלא נענתה"), (MissedVideo, "שיחת וידאו שלא נענתה")],
        poll: &["סקר"],
        location: &["מיקום"],
        system: &[
            ("encryption_notice", "ההודעות והשיחות מוצפנות מקצה לקצה{new}"),
            ("group_created", "me:יצרת את הקבוצה \"{new}\""),
            ("group_created", "הקבוצה \"{new}\" נוצרה על ידי {by}"),
            ("group_created", "{by} יצר/ה את הקבוצה \"{new}\""),
        ],
        ..NONE
    },
    Words {
        language: "fa",
        titles: &["گفتگوی واتساپ با {new}", "چت واتس‌اپ با {new}"],
        omitted: &[("", "رسانه حذف شد"), ("", "پیوست نما/برنما حذف شد"), ("image", "تصویر حذف شد")],
        attached: &["فایل پیوست شد", "پیوست شد"],
        deleted: &["این پیام حذف شد"],
        you_deleted: &["شما این پیام را حذف کردید"],
        edited: &["این پیام ویرایش شد"],
        calls: &[(MissedVoice, "تماس صوتی از دست رفته"), (MissedVideo, "تماس تصویری از دست رفته")],
        ..NONE
    },
    Words {
        language: "ur",
        titles: &["WhatsApp چیٹ {new} کے ساتھ"],
        omitted: &[("", "میڈیا چھوڑ دیا گیا"), ("", "میڈیا شامل نہیں")],
        attached: &["فائل منسلک ہے"],
        deleted: &["یہ پیغام حذف کر دیا گیا", "یہ میسج حذف کر دیا گیا تھا"],
        you_deleted: &["آپ نے یہ پیغام حذف کر دیا"],
        calls: &[(MissedVoice, "مسڈ وائس کال"), (MissedVideo, "مسڈ ویڈیو کال")],
        ..NONE
    },
];
