//! Counts in words for people.

/// A count with what is counted: `1 line begins`, `2 lines begin`.
pub(super) fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_singular() {
        assert_eq!(
            [0, 1, 2].map(|n| counted(n, "line begins", "lines begin")),
            ["0 lines begin", "1 line begins", "2 lines begin"]
        );
    }
}
