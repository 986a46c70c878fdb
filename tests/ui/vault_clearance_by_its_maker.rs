//! The makers of the keys are not part of the public API.
use custodia::governance::VaultClearance;

fn main() {
    let _key = VaultClearance::when_none_left(custodia::model::Digest([0; 32]), 0, custodia::model::Seq(1));
}
