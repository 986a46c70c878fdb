//! The fields of an index document, and what stands with each commit.

use super::values::VALUES;
use crate::query::ANALYSER_VERSION;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

/// Version of the fields below and of the stored record. A change of either is a new number.
pub const SCHEMA_VERSION: u32 = 4;

/// The fields. Text fields hold the tokens of `query::Facts`: see `values`.
///
/// `id`, `digest`, `story` and `quoted` hold the first 64 bits of what they stand for: each message has its own, and dictionaries
/// of whole hex digits were a tenth of the time of an import. Who reads them compares the record behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    pub ordinal: Field,
    pub sent: Field,
    pub size: Field,
    pub kind: Field,
    pub has_attachment: Field,
    pub partial: Field,
    pub unindexed: Field,
    pub source: Field,
    pub lang: Field,
    pub numbers: Field,
    pub id: Field,
    pub digest: Field,
    pub story: Field,
    pub quoted: Field,
    pub conversation: Field,
    pub conversation_key: Field,
    pub conversation_name: Field,
    pub from_id: Field,
    pub to_id: Field,
    pub cc_id: Field,
    pub bcc_id: Field,
    pub subject: Field,
    pub body: Field,
    pub attachments: Field,
    pub contents: Field,
    pub from: Field,
    pub to: Field,
    pub cc: Field,
    pub bcc: Field,
    pub hit: Field,
}

/// Names of the columns that are read directly.
pub(super) const ORDINAL: &str = "ordinal";
pub(super) const SENT: &str = "sent";
pub(super) const SIZE: &str = "size";
pub(super) const KIND: &str = "kind";

/// What stands in the column of dates for a date that is unknown. No date is so early.
pub(super) const UNKNOWN_DATE: i64 = i64::MIN;

/// The schema of this version.
pub(super) fn schema() -> (Schema, Fields) {
    let text = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
    };
    let words = text(VALUES, IndexRecordOption::WithFreqsAndPositions, true);
    let raw = text("raw", IndexRecordOption::Basic, false);
    let fast = NumericOptions::default().set_fast();
    let mut builder = Schema::builder();
    let fields = Fields {
        ordinal: builder.add_u64_field(ORDINAL, fast.clone().set_indexed()),
        sent: builder.add_i64_field(SENT, fast.clone()),
        size: builder.add_u64_field(SIZE, fast.clone()),
        kind: builder.add_u64_field(KIND, fast.set_indexed()),
        has_attachment: builder.add_bool_field("has_attachment", INDEXED),
        partial: builder.add_text_field("partial", raw.clone()),
        unindexed: builder.add_bool_field("unindexed", INDEXED),
        source: builder.add_u64_field("source", INDEXED),
        lang: builder.add_text_field("lang", raw.clone()),
        numbers: builder.add_text_field("numbers", raw.clone()),
        id: builder.add_u64_field("id", INDEXED),
        digest: builder.add_u64_field("digest", INDEXED),
        story: builder.add_u64_field("story", INDEXED),
        quoted: builder.add_u64_field("quoted", INDEXED),
        conversation: builder.add_text_field("conversation", raw.clone()),
        conversation_key: builder.add_text_field("conversation_key", raw.clone()),
        conversation_name: builder.add_text_field("conversation_name", words.clone()),
        from_id: builder.add_text_field("from_id", raw.clone()),
        to_id: builder.add_text_field("to_id", raw.clone()),
        cc_id: builder.add_text_field("cc_id", raw.clone()),
        bcc_id: builder.add_text_field("bcc_id", raw),
        subject: builder.add_text_field("subject", words.clone()),
        body: builder.add_text_field("body", words.clone()),
        attachments: builder.add_text_field("attachments", words.clone()),
        contents: builder.add_text_field("contents", words.clone()),
        from: builder.add_text_field("from", words.clone()),
        to: builder.add_text_field("to", words.clone()),
        cc: builder.add_text_field("cc", words.clone()),
        bcc: builder.add_text_field("bcc", words),
        hit: builder.add_bytes_field("hit", STORED),
    };
    (builder.build(), fields)
}

/// What stands with each commit: the versions, how far the caller had come, and which of the rarer fields are used.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub analyser: u32,
    pub schema: u32,
    pub watermark: String,
    /// Those of [`RARE`] that some document has or had. To look into a field that a segment lacks makes tantivy build an empty
    /// dictionary, which takes as long as a search.
    pub rare: BTreeSet<String>,
}

/// Fields that most archives have nothing in.
pub(super) const RARE: &[&str] = &["cc", "cc_id", "bcc", "bcc_id", "contents"];

impl Payload {
    /// A payload of this program.
    pub(super) fn new(watermark: &str, rare: BTreeSet<String>) -> Self {
        Self { analyser: ANALYSER_VERSION, schema: SCHEMA_VERSION, watermark: watermark.to_owned(), rare }
    }

    /// A payload of this version.
    ///
    /// # Errors
    /// Says what does not fit.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let payload: Self =
            serde_json::from_str(text).map_err(|error| format!("the commit's payload cannot be read: {error}"))?;
        if payload.analyser != ANALYSER_VERSION {
            return Err(format!("analyser version {}, this program has {ANALYSER_VERSION}", payload.analyser));
        }
        if payload.schema != SCHEMA_VERSION {
            return Err(format!("schema version {}, this program has {SCHEMA_VERSION}", payload.schema));
        }
        Ok(payload)
    }
}
