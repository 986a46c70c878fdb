//! Numbers, sizes and times for people. JSON gets none of this: bytes, RFC 3339 and plain numbers there.

use custodia::model::Instant;
use custodia::model::Zone;

/// A count with its thousands grouped: `12,000`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its unit: `1 message`, `2,000 messages`.
pub fn counted(n: u64, unit: &str) -> String {
    let plural = match unit.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        Some(_) => format!("{unit}s"),
        None if unit.ends_with('x') => format!("{unit}es"),
        None => format!("{unit}s"),
    };
    format!("{} {}", count(n), if n == 1 { unit } else { &plural })
}

/// A number of bytes in powers of 1000: `214 kB`, `88.1 MB`.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut tenths = u128::from(bytes) * 10;
    for unit in UNITS {
        tenths = (tenths + 500) / 1000;
        if tenths < 10_000 {
            return if tenths < 1000 {
                format!("{}.{} {unit}", tenths / 10, tenths % 10)
            } else {
                format!("{} {unit}", (tenths + 5) / 10)
            };
        }
    }
    format!("{bytes} B")
}

/// A time in a zone, to the second: `2026-03-04 09:12:41Z`, `2026-03-04 10:12:41+01:00`.
pub fn time(at: Instant, zone: Zone) -> String {
    match at.to_utc() {
        None => at.to_string(),
        Some(utc) if zone == Zone::UTC => utc.format("%Y-%m-%d %H:%M:%SZ").to_string(),
        Some(utc) => utc.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S%:z").to_string(),
    }
}

/// The day of a time in a zone: `2026-03-04`.
pub fn day(at: Instant, zone: Zone) -> String {
    at.to_utc().map_or_else(|| at.to_string(), |utc| utc.with_timezone(&zone).format("%Y-%m-%d").to_string())
}

/// A share of a whole in per cent: `38 %`, `2.5 %`, `–` of nothing.
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let tenths = u128::from(part) * 1000 / u128::from(whole);
    if tenths < 100 && tenths > 0 { format!("{}.{} %", tenths / 10, tenths % 10) } else { format!("{} %", tenths / 10) }
}

/// How much one blocker blocks, in items.
pub fn blocked_by(by: &custodia::model::event::BlockedBy) -> String {
    // The floor of the archive has no name but what it is.
    let named = format!("{} {}", by.kind.replace('_', " "), by.name);
    format!(
        "{} {}",
        count(by.items),
        named.strip_prefix("retention ").filter(|name| name.starts_with("minimum ")).unwrap_or(&named)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let grouped: Vec<String> = [0, 999, 1000, 12_000, 1_234_567].into_iter().map(count).collect();
        assert_eq!(grouped, ["0", "999", "1,000", "12,000", "1,234,567"]);
        assert_eq!(counted(1, "message"), "1 message");
        assert_eq!(counted(0, "mailbox"), "0 mailboxes");
        assert_eq!(counted(2, "query"), "2 queries");
        assert_eq!(counted(90, "day"), "90 days");
    }

    #[test]
    fn sizes_keep_three_digits() {
        let sizes: Vec<String> =
            [0, 999, 1000, 214_000, 88_100_000, 4_402_341_478, 999_999, 18_446_744_073_709_551_615]
                .into_iter()
                .map(size)
                .collect();
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "214 kB", "88.1 MB", "4.4 GB", "1.0 MB", "18.4 EB"]);
    }

    #[test]
    fn times_name_their_offset() {
        let at = Instant::parse_rfc3339("2026-07-04T09:12:41.250Z").unwrap();
        assert_eq!(time(at, Zone::UTC), "2026-07-04 09:12:41Z");
        assert_eq!(time(at, Zone::named("Europe/London").unwrap()), "2026-07-04 10:12:41+01:00");
        assert_eq!(
            day(Instant::parse_rfc3339("2026-07-04T23:30:00Z").unwrap(), Zone::named("Europe/London").unwrap()),
            "2026-07-05"
        );
        assert_eq!(time(Instant(i64::MAX), Zone::UTC), format!("{}ms", i64::MAX));
    }

    #[test]
    fn a_share_of_nothing_is_no_number() {
        assert_eq!([share(38, 100), share(25, 1000), share(0, 5), share(1, 0)], ["38 %", "2.5 %", "0 %", "–"]);
    }
}
