//! Our events in the words of Microsoft Purview's audit log, for tools and people that know those.
//!
//! Contract: a name beside ours, never instead of it. Where Purview has no operation that means the same, there is none here.

use serde_json::Value;

/// Our type, and Purview's operation.
const TABLE: &[(&str, &str)] = &[
    ("search.run", "SearchStarted"),
    ("case.search_saved", "SearchCreated"),
    ("case.search_run", "SearchStarted"),
    ("case.search_removed", "SearchRemoved"),
    ("message.viewed", "PreviewItemRendered"),
    ("export.done", "SearchExported"),
    ("tag.added", "TagFiles"),
    ("tag.removed", "TagFiles"),
    ("case.created", "CaseAdded"),
    ("case.edited", "CaseUpdated"),
    ("case.noted", "CaseUpdated"),
    ("case.closed", "CaseUpdated"),
    ("case.reopened", "CaseUpdated"),
    ("custodian.added", "CaseMemberAdded"),
    ("custodian.described", "CaseMemberUpdated"),
    ("custodian.removed", "CaseMemberRemoved"),
    ("hold.placed", "HoldCreated"),
    ("hold.widened", "HoldUpdated"),
    ("hold.previewed", "SearchPreviewed"),
    ("hold.delay_ended", "HoldUpdated"),
    ("item.restored", "Move"),
    ("hold.released", "HoldRemoved"),
    ("retention.policy_locked", "SetRestrictiveRetentionUI"),
    ("delete.started", "SearchResultsPurged"),
];

/// Reading operations, and Purview's.
const READS: &[(&str, &str)] = &[
    ("case.show", "CaseViewed"),
    ("case.list", "CaseViewed"),
    ("case.report", "SearchReport"),
    ("case.search_list", "SearchViewed"),
    ("case.search_diff", "SearchReport"),
];

/// What Purview calls an event; empty where it has no such operation.
#[must_use]
pub fn purview_operation(event: &Value) -> &'static str {
    let text = |key: &str| event.get(key).and_then(Value::as_str).unwrap_or_default();
    let in_table = |table: &[(&str, &'static str)], word: &str| {
        table.iter().find(|(ours, _)| *ours == word).map_or("", |(_, theirs)| *theirs)
    };
    match text("type") {
        "item.disposed" if text("how") == "recoverable" => "SoftDelete",
        "item.disposed" => "HardDelete",
        "message.purged" => "HardDelete",
        "record.viewed" => in_table(READS, text("operation")),
        "retention.policy_locked" => in_table(TABLE, "retention.policy_locked"),
        other if other.starts_with("retention.policy") => retention(other, "RetentionCompliancePolicy"),
        other if other.starts_with("retention.label") => retention(other, "ComplianceTag"),
        other => in_table(TABLE, other),
    }
}

/// `New-`, `Set-` and `Remove-` of a retention policy or label.
fn retention(kind: &str, noun: &str) -> &'static str {
    let done = kind.rsplit(['.', '_']).next().unwrap_or_default();
    match (done, noun) {
        ("added" | "created", "RetentionCompliancePolicy") => "NewRetentionCompliancePolicy",
        ("removed", "RetentionCompliancePolicy") => "RemoveRetentionCompliancePolicy",
        (_, "RetentionCompliancePolicy") => "SetRetentionCompliancePolicy",
        ("added" | "created", _) => "NewComplianceTag",
        ("removed", _) => "RemoveComplianceTag",
        ("applied" | "cleared", _) => "UpdateComplianceTag",
        _ => "SetComplianceTag",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_purview_knows_has_its_name_and_what_it_does_not_has_none() {
        for (event, operation) in [
            (json!({"type": "hold.placed"}), "HoldCreated"),
            (json!({"type": "item.disposed", "how": "recoverable"}), "SoftDelete"),
            (json!({"type": "item.disposed", "how": "purged"}), "HardDelete"),
            (json!({"type": "record.viewed", "operation": "case.show"}), "CaseViewed"),
            (json!({"type": "record.viewed", "operation": "audit.list"}), ""),
            (json!({"type": "retention.policy_added"}), "NewRetentionCompliancePolicy"),
            (json!({"type": "retention.policy_edited"}), "SetRetentionCompliancePolicy"),
            (json!({"type": "retention.policy_locked"}), "SetRestrictiveRetentionUI"),
            (json!({"type": "retention.label_applied"}), "UpdateComplianceTag"),
            (json!({"type": "delete.started"}), "SearchResultsPurged"),
            (json!({"type": "rebuild.done"}), ""),
            (json!("x"), ""),
        ] {
            assert_eq!(purview_operation(&event), operation, "{event}");
        }
    }
}
