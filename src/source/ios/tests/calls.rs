//! Calls of the history, and the notes of them in chats.

use super::fixture::{ADA, BO, CALLS, CY, Cells, GROUP, OWNER, Phone, T0};
use crate::model::{CallMedia, ConversationKind, MessageKind};
use rusqlite::ToSql;

const DB: &str = "CallHistory.sqlite";

fn phone() -> Phone {
    let phone = Phone::new();
    phone.make(DB, CALLS);
    phone
}

/// A call with its aggregate and participants.
fn call(phone: &Phone, incoming: i64, video: i64, outcome: i64, others: &[&str], cells: Cells<'_>) {
    let aggregate = phone.insert_into(
        DB,
        "ZWAAGGREGATECALLEVENT",
        &[("ZINCOMING", &incoming), ("ZVIDEO", &video), ("ZMISSED", &i64::from(outcome == 1))],
    );
    for other in others {
        phone.insert_into(
            DB,
            "ZWACDCALLEVENTPARTICIPANT",
            &[("Z1PARTICIPANTS", &aggregate), ("ZJIDSTRING", other), ("ZOUTCOME", &0)],
        );
    }
    let mut all: Vec<(&str, &dyn ToSql)> = vec![("Z_ENT", &2), ("Z1CALLEVENTS", &aggregate), ("ZOUTCOME", &outcome)];
    all.extend(cells);
    phone.insert_into(DB, "ZWACDCALLEVENT", &all);
}

#[test]
fn calls_have_direction_outcome_duration_and_parties() {
    let phone = phone();
    call(&phone, 1, 0, 0, &[ADA], &[("ZDATE", &(T0 + 1.0)), ("ZDURATION", &125.4), ("ZCALLIDSTRING", &"ANSWERED")]);
    call(&phone, 1, 1, 1, &[ADA], &[("ZDATE", &(T0 + 2.0)), ("ZDURATION", &0), ("ZCALLIDSTRING", &"MISSED")]);
    call(
        &phone,
        0,
        0,
        4,
        &[BO],
        &[("ZDATE", &(T0 + 3.0)), ("ZCALLIDSTRING", &"REJECTED"), ("ZGROUPCALLCREATORUSERJIDSTRING", &OWNER)],
    );
    call(
        &phone,
        1,
        1,
        0,
        &[ADA, CY],
        &[
            ("ZDATE", &(T0 + 4.0)),
            ("ZDURATION", &60),
            ("ZGROUPJIDSTRING", &GROUP),
            ("ZGROUPCALLCREATORUSERJIDSTRING", &ADA),
        ],
    );
    call(&phone, 0, 0, 7, &[ADA, CY], &[("ZDATE", &(T0 + 5.0)), ("ZCALLIDSTRING", &"ADHOC")]);
    let seen = phone.read();
    assert_eq!(seen.items.len(), 5);
    assert!(seen.noticed.is_empty(), "{:?}", seen.noticed);
    let answered = seen.message("call:ANSWERED");
    assert_eq!((answered.kind, answered.body.as_str()), (MessageKind::Call, "Voice call, answered, 125 seconds"));
    assert_eq!((answered.call.as_ref().unwrap().answered, answered.conversation.id.as_str()), (Some(true), ADA));
    assert_eq!((answered.sender.name.as_deref(), answered.recipients.len()), (Some("Ada Example"), 0));
    assert_eq!(
        (seen.details("call:ANSWERED").from_me, seen.details("call:REJECTED").from_me),
        (Some(false), Some(true))
    );
    assert_eq!(seen.details("call:ANSWERED").call.clone().unwrap().result, "answered");
    assert_eq!(seen.details("call:ANSWERED").raw.get("ZOUTCOME").map(String::as_str), Some("0"));
    let missed = seen.message("call:MISSED");
    assert_eq!((missed.call.as_ref().unwrap().media, missed.body.as_str()), (CallMedia::Video, "Video call, missed"));
    let rejected = seen.message("call:REJECTED");
    let owner = rejected.sender.number.as_ref().map(|number| number.digits());
    assert_eq!((owner, rejected.recipients.len()), (Some("447700900100"), 1));
    assert_eq!(rejected.call.as_ref().unwrap().answered, Some(false));
    let group = &seen.items[3].message;
    assert_eq!((group.conversation.id.as_str(), group.conversation.name.as_deref()), (GROUP, Some("Project Alpha")));
    assert_eq!((group.sender.label().as_str(), group.recipients.len()), ("Ada Example", 1));
    let facts = group.details.as_ref().unwrap().call.clone().unwrap();
    assert_eq!(
        (facts.group, facts.parties.len(), facts.parties[0].code.as_str(), facts.parties[0].result.as_str()),
        (true, 2, "0", "")
    );
    let adhoc = seen.message("call:ADHOC");
    assert_eq!((adhoc.conversation.kind, adhoc.recipients.len()), (ConversationKind::Group, 2));
    assert_eq!(
        seen.details("call:ADHOC").call.clone().unwrap().result,
        "",
        "an outcome that nobody knows has no label"
    );
}

#[test]
fn a_call_with_one_id_in_three_places_is_one_call() {
    let phone = phone();
    call(&phone, 1, 0, 0, &[ADA], &[("ZDATE", &T0), ("ZDURATION", &30), ("ZCALLIDSTRING", &"SAME")]);
    phone.insert_into(DB, "ZWAJOINABLECALLEVENT", &[("ZDATE", &T0), ("ZCALLIDSTRING", &"SAME")]);
    phone.message("SAME", 1, 59, &[]);
    phone.message("ALONE", 1, 59, &[]);
    let seen = phone.read();
    assert_eq!(seen.natives(), ["SAME", "ALONE"]);
    assert_eq!(
        (seen.message("SAME").kind, seen.message("SAME").body.as_str()),
        (MessageKind::Call, "Voice call, answered, 30 seconds")
    );
    assert_eq!(
        (seen.message("ALONE").body.as_str(), seen.message("ALONE").call.as_ref().unwrap().answered),
        ("Call", None)
    );
}

#[test]
fn a_joinable_call_is_the_one_of_the_history_if_group_and_time_say_so() {
    let phone = phone();
    call(&phone, 1, 1, 0, &[ADA], &[("ZDATE", &T0), ("ZGROUPJIDSTRING", &GROUP)]);
    for date in [T0, T0 + 60.0] {
        let row = phone.insert_into(
            DB,
            "ZWAJOINABLECALLEVENT",
            &[("ZDATE", &date), ("ZGROUPJIDSTRING", &GROUP), ("ZVIDEO", &1), ("ZCALLCREATORJIDSTRING", &CY)],
        );
        phone.insert_into(
            DB,
            "ZWAJOINABLECALLEVENTPARTICIPANT",
            &[("Z4PARTICIPANTS", &row), ("ZJIDSTRING", &CY), ("ZJOINED", &1)],
        );
    }
    let seen = phone.read();
    assert_eq!(seen.items.len(), 2);
    let joinable = &seen.items[1];
    assert_eq!(joinable.place.entry.as_deref(), Some("ZWAJOINABLECALLEVENT"));
    let facts = joinable.message.details.as_ref().unwrap().call.clone().unwrap();
    assert_eq!((facts.parties[0].result.as_str(), facts.parties[0].code.as_str()), ("joined", "1"));
}

#[test]
fn a_missed_call_and_its_note_are_both_kept_since_nothing_says_that_they_are_one() {
    let phone = phone();
    call(&phone, 1, 0, 1, &[ADA], &[("ZDATE", &T0), ("ZCALLIDSTRING", &"M")]);
    phone.message("NOTE", 1, 10, &[("ZGROUPEVENTTYPE", &1), ("ZMESSAGEDATE", &T0)]);
    let seen = phone.read();
    assert_eq!(seen.natives(), ["NOTE", "call:M"]);
    assert_eq!(seen.message("NOTE").body, seen.message("call:M").body);
}

#[test]
fn a_planned_call_is_linked_to_the_message_that_announced_it() {
    let phone = phone();
    phone.message("INVITE", 2, 0, &[("ZTEXT", &"let us talk"), ("ZGROUPMEMBER", &1)]);
    phone.insert_into(
        DB,
        "ZWAUPCOMINGCALLEVENT",
        &[
            ("ZCHATJIDSTRING", &GROUP),
            ("ZCREATORJIDSTRING", &ADA),
            ("ZMESSAGESTANZAID", &"INVITE"),
            ("ZTITLE", &"Weekly"),
            ("ZUNIXTIMEMS", &1_772_700_000_000_i64),
        ],
    );
    let seen = phone.read();
    let planned = seen.message("planned-call:INVITE");
    assert_eq!(planned.body, "A call was planned: Weekly: 2026-03-05T08:40:00Z");
    assert_eq!(seen.details("planned-call:INVITE").quote.clone().unwrap().message, Some(seen.message("INVITE").id()));
}

#[test]
fn calls_of_a_chat_that_is_not_wanted_are_counted() {
    let phone = phone();
    call(&phone, 1, 0, 0, &[ADA], &[("ZDATE", &T0)]);
    let seen = phone.read_with(|options| options.exclude_chats = vec![ADA.to_owned()]);
    assert_eq!((seen.items.len(), seen.left_out), (0, 1));
}
