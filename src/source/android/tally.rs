//! How many calls and reactions an import of a database will find beside its rows of messages.

use super::{
    calls::bare,
    codes::{add_on, kind},
};
use crate::{
    Result,
    source::sqlite::{Database, Order},
};
use std::collections::{HashMap, HashSet};

/// Calls of the log that no message stands for, by the rules of the import: linked by a row, or by their id.
pub fn calls_alone(database: &Database, tables: &[&str]) -> Result<u64> {
    let (mut alone, mut ids) = (HashSet::new(), HashMap::new());
    database.select("call_log", &["_id", "call_id"], Order::Id, &mut |row| {
        let id = row.int(0).unwrap_or(row.id());
        alone.insert(id);
        if let Some(call) = row.words(1) {
            ids.entry(bare(&call).to_owned()).or_insert(id);
        }
        Ok(())
    })?;
    if alone.is_empty() {
        return Ok(0);
    }
    let mut linked = Vec::new();
    database.select("message_call_log", &["message_row_id", "call_log_row_id"], Order::Id, &mut |row| {
        linked.extend(row.int(0).or(Some(row.id())).zip(row.int(1)));
        Ok(())
    })?;
    for table in tables {
        let mut messages = database.lookup(table, &["_id"], "_id")?;
        for (message, call) in &linked {
            if alone.contains(call) && messages.first(*message, |_| Some(()))?.is_some() {
                alone.remove(call);
            }
        }
        if !ids.values().any(|call| alone.contains(call)) {
            continue;
        }
        let code = if *table == "messages" { "media_wa_type" } else { "message_type" };
        database.select(table, &["key_id", code], Order::Id, &mut |row| {
            if matches!(row.int(1), Some(kind::CALL | kind::CALL_MISSED | kind::CALL_LEGACY))
                && let Some(call) = row.text(0).and_then(|key| ids.get(bare(&key)))
            {
                alone.remove(call);
            }
            Ok(())
        })?;
    }
    Ok(alone.len() as u64)
}

/// Reactions: messages of their own in the archive.
pub fn reactions(database: &Database) -> Result<u64> {
    let mut sides = database.lookup("message_add_on_reaction", &["reaction"], "message_add_on_row_id")?;
    let mut count = 0;
    database.select("message_add_on", &["_id", "message_add_on_type"], Order::Id, &mut |row| {
        let id = row.int(0).unwrap_or(row.id());
        count += u64::from(row.int(1) == Some(add_on::REACTION) || sides.first(id, |_| Some(()))?.is_some());
        Ok(())
    })?;
    Ok(count)
}
