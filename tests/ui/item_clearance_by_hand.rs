//! The fields of the key are private.
use custodia::governance::ItemClearance;

fn main() {
    let id = custodia::model::MessageId([0; 16]);
    let mailbox = custodia::model::MailboxName::parse("a@x.example").unwrap();
    let _key = ItemClearance { id, mailbox, digest: custodia::model::Digest([0; 32]), seq: custodia::model::Seq(1) };
}
