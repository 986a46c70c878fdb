//! A draft as a TeleMessage e-mail: headers with the vendor's own spelling, CRLF throughout.
//!
//! Contract: deterministic; every e-mail carries `X-Synthetic: yes`; no line is longer than 998 bytes (RFC 5322).

use super::cast::{Party, Shape};
use super::draft::{Draft, Seal};
use super::media;
use super::when;
use crate::model::MessageKind;

/// Bytes of UTF-8 in one encoded word: 45 become 60 letters, with its frame 72 of the 75 that RFC 2047 allows.
const WORD_BYTES: usize = 45;

/// Writes the e-mail to the end of `out`.
pub(super) fn write(draft: &Draft, out: &mut Vec<u8>) {
    if draft.seal == Seal::Journaled {
        journal(draft, out);
    } else {
        item(draft, out);
    }
}

/// A journal mail around the item, as an Exchange server would make it.
fn journal(draft: &Draft, out: &mut Vec<u8>) {
    header(out, "X-Synthetic", "yes");
    header(out, "Message-ID", &format!("<journal-{}@journal.example>", draft.native));
    header(out, "Date", &when::mail(draft.at + 60_000));
    header(out, "From", "\"Journal\" <journal@journal.example>");
    header(out, "To", "\"Archive\" <archive@northgate.example>");
    encoded_header(out, "Subject", &draft.subject);
    header(out, "X-MS-Journal-Report", "");
    header(out, "MIME-Version", "1.0");
    let boundary = format!("=_journal_{}", draft.native);
    header(out, "Content-Type", &format!("multipart/mixed; boundary=\"{boundary}\""));
    put(out, &["\r\n--", &boundary, "\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nSender: "]);
    put(out, &[draft.from.address, "\r\nMessage-Id: <", &draft.native, "@telemessage.example>\r\n"]);
    for party in draft.recipients() {
        put(out, &["Recipient: ", party.address, "\r\n"]);
    }
    put(out, &["\r\n--", &boundary, "\r\nContent-Type: message/rfc822\r\n\r\n"]);
    item(draft, out);
    put(out, &["\r\n--", &boundary, "--\r\n"]);
}

fn item(draft: &Draft, out: &mut Vec<u8>) {
    header(out, "Return-Path", "<noreply@telemessage.example>");
    header(out, "X-Synthetic", "yes");
    header(out, "Message-ID", &format!("<{}@telemessage.example>", draft.native));
    let date = match draft.seal {
        Seal::AbsurdDate => "Sun, 01 Jan 57300 00:00:00 +0000".to_owned(),
        _ => when::mail(draft.at),
    };
    header(out, "Date", &date);
    header(out, "From", draft.from.header);
    recipients(draft, out);
    encoded_header(out, "Subject", &draft.subject);
    vendor_headers(draft, out);
    header(out, "MIME-Version", "1.0");
    if draft.media.is_empty() {
        text(draft, out);
        return;
    }
    let boundary = format!("=_tm_{}", draft.native);
    header(out, "Content-Type", &format!("multipart/mixed; boundary=\"{boundary}\""));
    put(out, &["\r\n--", &boundary, "\r\n"]);
    text(draft, out);
    for file in &draft.media {
        put(out, &["--", &boundary, "\r\nContent-Type: ", file.media_type, "; name=\"", &file.name, "\"\r\n"]);
        put(out, &["Content-Disposition: attachment; filename=\"", &file.name, "\"\r\n"]);
        put(out, &["Content-Transfer-Encoding: base64\r\n\r\n"]);
        media::base64(&file.bytes, out);
    }
    put(out, &["--", &boundary, "--\r\n"]);
}

fn recipients(draft: &Draft, out: &mut Vec<u8>) {
    out.extend_from_slice(b"To: ");
    for (at, party) in draft.recipients().enumerate() {
        put(out, &[if at == 0 { "" } else { ",\r\n " }, party.header]);
    }
    out.extend_from_slice(b"\r\n");
}

fn vendor_headers(draft: &Draft, out: &mut Vec<u8>) {
    header(out, "X-TELEMESSAGE-ArchiveMessageID", &draft.native);
    header(out, "X-TELEMESSAGE-ArchiveInitiator", draft.chat.parties.first().copied().map_or("", Party::label));
    if let Some(thread) = draft.chat.thread {
        header(out, "X-TELEMESSAGE-THREAD_ID", thread);
    }
    if let Shape::Group { id, name } = draft.chat.shape {
        encoded_header(out, "X-TELEMESSAGE-ThreadName", name);
        header(out, "X-TELEMESSAGE-GroupID", id);
        encoded_header(out, "X-TELEMESSAGE-GROUP_NAME", name);
    }
    header(out, "X-TELEMESSAGE-Network", "WhatsApp");
    header(out, "X-TELEMESSAGE-ArchiveSource", "WhatsApp Cloud Archiver");
    let kind = match draft.kind {
        MessageKind::Chat if draft.media.is_empty() => "app-message",
        MessageKind::Chat => "multimedia-message",
        MessageKind::Call => "call-log",
        MessageKind::Deletion | MessageKind::Edit | MessageKind::System => "event",
    };
    header(out, "X-TELEMESSAGE-MessageType", kind);
    header(out, "X-TELEMESSAGE-Status", "Delivered");
    if draft.seal == Seal::Encrypted {
        header(out, "X-TELEMESSAGE-ENC-DATAKEY", "c3ludGhldGljIGtleSwgb3BlbnMgbm90aGluZw==");
        header(out, "X-TELEMESSAGE-ENC-KEY-ID", "synthetic-key-1");
    }
}

/// The text part: its headers, the empty line, the body. ASCII goes as it is; other text as UTF-8, plain or in base64.
fn text(draft: &Draft, out: &mut Vec<u8>) {
    let plain = draft.text.is_ascii();
    // Both codings occur in a feed; the id decides, so that a draft always looks the same.
    let coded = !plain && draft.native.bytes().last().is_some_and(|byte| byte % 2 == 0);
    let charset = if plain { "us-ascii" } else { "utf-8" };
    header(out, "Content-Type", &["text/plain; charset=", charset].concat());
    let coding = match (plain, coded) {
        (true, _) => "7bit",
        (false, true) => "base64",
        (false, false) => "8bit",
    };
    header(out, "Content-Transfer-Encoding", coding);
    out.extend_from_slice(b"\r\n");
    if coded {
        media::base64(draft.text.replace('\n', "\r\n").as_bytes(), out);
        return;
    }
    for line in draft.text.lines() {
        put(out, &[line, "\r\n"]);
    }
}

fn header(out: &mut Vec<u8>, name: &str, value: &str) {
    put(out, &[name, ": ", value, "\r\n"]);
}

/// A header whose value may be outside ASCII: as RFC 2047 encoded words, folded.
fn encoded_header(out: &mut Vec<u8>, name: &str, value: &str) {
    if value.is_ascii() {
        header(out, name, value);
        return;
    }
    put(out, &[name, ":"]);
    let mut rest = value;
    while !rest.is_empty() {
        let cut = rest.floor_char_boundary(WORD_BYTES);
        let Some((word, after)) = rest.split_at_checked(cut).filter(|_| cut > 0) else { break };
        out.extend_from_slice(b" =?UTF-8?B?");
        media::base64_run(word.as_bytes(), out);
        out.extend_from_slice(if after.is_empty() { b"?=" } else { b"?=\r\n" });
        rest = after;
    }
    out.extend_from_slice(b"\r\n");
}

fn put(out: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}
