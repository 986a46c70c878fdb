//! What decides the order of dates, and what does not.

use super::super::records::Layout;
use super::*;

fn decide(lines: &[&str]) -> Decision {
    let text = lines.join("\n");
    let layout = Layout::of(&text).unwrap();
    let mut evidence = Evidence::new(layout.survey.shape);
    layout.records().for_each(|record| evidence.add(&record));
    evidence.decide()
}

fn order(lines: &[&str]) -> &'static str {
    match decide(lines) {
        Decision::Open(_) => "open",
        Decision::Same(_) => "same",
        Decision::Order { order, .. } => word(order),
    }
}

#[test]
fn a_number_over_twelve_decides() {
    assert_eq!(order(&["03/04/2022, 10:00 - A: x", "13/04/2022, 10:00 - A: x"]), "dmy");
    assert_eq!(order(&["03/04/2022, 10:00 - A: x", "03/14/2022, 10:00 - A: x"]), "mdy");
    assert_eq!(order(&["2022-04-03, 10:00 - A: x"]), "ymd");
    assert_eq!(order(&["22/04/05, 10:00 - A: x", "22/04/06, 10:00 - A: x"]), "ymd");
    assert_eq!(order(&["16.02.21, 10:00 - A: x", "18.02.21, 10:00 - A: x"]), "dmy");
}

#[test]
fn short_buddhist_years_are_known_by_their_distance() {
    let layout = Layout::of("27/3/65, 21:41 - A: x").unwrap();
    let stamp = layout.records().next().unwrap().header.stamp;
    assert_eq!(date(&stamp, DateOrder::Dmy), NaiveDate::from_ymd_opt(2022, 3, 27));
}

#[test]
fn names_of_media_decide_before_habits() {
    let named = "[3/4/22, 10:00:00] A: \u{200e}<attached: 00000001-PHOTO-2022-04-03-10-00-00.jpg>";
    assert_eq!(order(&["[1/4/22, 10:00:00] A: x", named]), "dmy");
    assert_eq!(order(&["03/04/2022, 10:00 - A: IMG-20220304-WA0001.jpg (file attached)"]), "mdy");
    assert_eq!(
        order(&["03/04/2022, 10:00 - A: IMG-20190101-WA0001.jpg (file attached)"]),
        "dmy",
        "an old file says nothing"
    );
}

#[test]
fn steps_back_in_time_decide_before_habits() {
    let lines = ["1/10/22, 10:00 - A: x", "1/11/22, 10:00 - A: x", "1/12/22, 10:00 - A: x", "2/1/22, 10:00 - A: x"];
    assert_eq!(order(&lines), "mdy");
    let lines =
        ["10/01/22, 10:00 - A: x", "11/01/22, 10:00 - A: x", "12/01/22, 10:00 - A: x", "01/02/22, 10:00 - A: x"];
    assert_eq!(order(&lines), "dmy");
}

#[test]
fn habits_decide_where_nothing_else_does() {
    assert_eq!(order(&["03/04/2022, 10:00 - A: x"]), "dmy");
    assert_eq!(order(&["3/4/22, 10:00 - A: x"]), "mdy");
    assert_eq!(order(&["3/4/2022, 10:00 AM - A: x"]), "mdy");
    assert_eq!(order(&["3/4/2022, 10:00 am - A: x"]), "dmy");
    assert_eq!(order(&["3.4.2022, 10:00 - A: x"]), "dmy");
}

#[test]
fn no_evidence_and_contradictory_evidence_are_open() {
    assert_eq!(order(&["3/4/2022, 10:00 - A: x"]), "open");
    assert_eq!(order(&["10/11/22, 10:00 - A: x"]), "open");
    assert_eq!(order(&["13/04/2022, 10:00 - A: x", "04/13/2022, 10:00 - A: x"]), "open");
    let named =
        "[13/4/22, 10:00:00] A: x\n[3/4/22, 10:00:00] A: \u{200e}<attached: 00000001-PHOTO-2022-03-04-10-00-00.jpg>";
    assert_eq!(order(&[named]), "open", "the names contradict the dates");
    assert!(matches!(decide(&["2022/13/04, 10:00 - A: x"]), Decision::Open(why) if why.contains("line 1")));
}

#[test]
fn where_every_order_gives_the_same_days_nothing_is_decided() {
    assert_eq!(order(&["12.12.12, 10:00 - A: x", "03.03.12, 10:00 - A: x"]), "same");
    assert_eq!(order(&["3/3/2022, 10:00 - A: x"]), "same");
}
