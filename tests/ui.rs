//! What must not compile: nobody outside the decision can make a key to deletion.

#[test]
fn user_code_cannot_make_a_clearance() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
