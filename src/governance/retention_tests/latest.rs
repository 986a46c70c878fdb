//! An item that may have one label or another is due when it is due with each of them.

use super::*;

#[test]
fn what_may_match_a_label_that_deletes_earlier_is_due_only_when_the_policy_says_so_too() {
    let mut schedule = Schedule::default();
    label(&mut schedule, "early", "delete 3y", Some("body:invoice"));
    policy(&mut schedule, "late", false, "delete 6y");
    let (box_, unread) = (mailbox(1), facts("", true));
    let item = subject(&box_, None, Some(&unread));
    let due_at = |years| due(&item, &Rules::new(after(years), [].iter(), &schedule)).map(|due| due.name);
    assert_eq!((due_at(4), due_at(6).as_deref()), (None, Some("late")));
    let certain = facts("the invoice", false);
    let item = subject(&box_, None, Some(&certain));
    let due = due(&item, &Rules::new(after(4), [].iter(), &schedule)).unwrap();
    assert_eq!(due.name, "early", "the label has it for certain");
}
