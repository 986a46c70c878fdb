//! Tokens in a row: where a phrase stands in a value.
//!
//! Contract: pure, linear in the value, also for a phrase of one word repeated a thousand times.

/// Whether the tokens stand in a row in the value.
pub(super) fn contains(value: &[String], tokens: &[String], prefix: bool) -> bool {
    !find(value, tokens, prefix, true).is_empty()
}

/// Where the tokens stand in a row: the index of the first token of each place. `first_only`: at most one place.
///
/// Knuth, Morris and Pratt over all but the last token: linear also for a phrase of one word repeated a thousand times.
pub(super) fn find(value: &[String], tokens: &[String], prefix: bool, first_only: bool) -> Vec<usize> {
    let mut places = Vec::new();
    let Some((last, head)) = tokens.split_last() else { return places };
    let borders = borders(head);
    let mut matched = 0;
    for (at, token) in value.iter().enumerate() {
        if matched == head.len() {
            let found = if prefix { token.starts_with(last.as_str()) } else { token == last };
            if found {
                places.push(at.saturating_sub(head.len()));
                if first_only {
                    return places;
                }
            }
            matched = borders.last().copied().unwrap_or(0);
        }
        while matched > 0 && head.get(matched) != Some(token) {
            matched = matched.checked_sub(1).and_then(|before| borders.get(before)).copied().unwrap_or(0);
        }
        if head.get(matched) == Some(token) {
            matched += 1;
        }
    }
    places
}

/// For each beginning of `head`, the length of its longest proper part that is both its beginning and its end.
fn borders(head: &[String]) -> Vec<usize> {
    let mut borders: Vec<usize> = Vec::with_capacity(head.len());
    let mut length = 0;
    for (at, token) in head.iter().enumerate() {
        if at > 0 {
            while length > 0 && head.get(length) != Some(token) {
                length = borders.get(length - 1).copied().unwrap_or(0);
            }
            if head.get(length) == Some(token) {
                length += 1;
            }
        }
        borders.push(length);
    }
    borders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_tokens_is_found_where_a_plain_search_finds_it() {
        let split = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        proptest::proptest!(|(value in "[ab]( [ab]{1,2}){0,12}", tokens in "[ab]( [ab]){0,4}", prefix: bool)| {
            let (value, tokens) = (split(&value), split(&tokens));
            let expected: Vec<usize> = value
                .windows(tokens.len())
                .enumerate()
                .filter(|(_, window)| {
                    window.iter().zip(&tokens).enumerate().all(|(at, (have, want))| {
                        have == want || (prefix && at + 1 == tokens.len() && have.starts_with(want))
                    })
                })
                .map(|(at, _)| at)
                .collect();
            proptest::prop_assert_eq!(find(&value, &tokens, prefix, false), expected);
        });
    }
}
