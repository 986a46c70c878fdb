//! The fields of an index document, and what stands with each commit.

use crate::query::ANALYSER_VERSION;
use serde::{Deserialize, Serialize};
use tantivy::schema::{
    Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};

/// Version of the fields below and of the stored record. A change of either is a new number.
pub const SCHEMA_VERSION: u32 = 2;

/// The fields. Text fields hold the tokens of `query::Facts` with a blank between them; tantivy leaves a gap of
/// positions between two values, so a phrase never crosses.
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
    pub id: Field,
    pub digest: Field,
    pub story: Field,
    pub quoted: Field,
    pub conversation: Field,
    pub from_id: Field,
    pub to_id: Field,
    pub subject: Field,
    pub body: Field,
    pub attachments: Field,
    pub from: Field,
    pub to: Field,
    pub hit: Field,
}

/// Names of the columns that are read directly.
pub(super) const ORDINAL: &str = "ordinal";
pub(super) const SENT: &str = "sent";
pub(super) const SIZE: &str = "size";
pub(super) const KIND: &str = "kind";

/// The schema of this version.
pub(super) fn schema() -> (Schema, Fields) {
    let text = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option);
        TextOptions::default().set_indexing_options(indexing.set_fieldnorms(norms))
    };
    let words = text("whitespace", IndexRecordOption::WithFreqsAndPositions, true);
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
        id: builder.add_u64_field("id", INDEXED),
        digest: builder.add_u64_field("digest", INDEXED),
        story: builder.add_u64_field("story", INDEXED),
        quoted: builder.add_u64_field("quoted", INDEXED),
        conversation: builder.add_text_field("conversation", raw.clone()),
        from_id: builder.add_text_field("from_id", raw.clone()),
        to_id: builder.add_text_field("to_id", raw),
        subject: builder.add_text_field("subject", words.clone()),
        body: builder.add_text_field("body", words.clone()),
        attachments: builder.add_text_field("attachments", words.clone()),
        from: builder.add_text_field("from", words.clone()),
        to: builder.add_text_field("to", words),
        hit: builder.add_bytes_field("hit", STORED),
    };
    (builder.build(), fields)
}

/// What stands with each commit: the versions, and how far the caller had come.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub analyser: u32,
    pub schema: u32,
    pub watermark: String,
}

impl Payload {
    /// A payload of this program.
    pub(super) fn new(watermark: &str) -> Self {
        Self { analyser: ANALYSER_VERSION, schema: SCHEMA_VERSION, watermark: watermark.to_owned() }
    }

    /// The watermark of a payload of this version.
    ///
    /// # Errors
    /// Says what does not fit.
    pub(super) fn watermark(text: &str) -> Result<String, String> {
        let payload: Self =
            serde_json::from_str(text).map_err(|error| format!("the commit's payload cannot be read: {error}"))?;
        if payload.analyser != ANALYSER_VERSION {
            return Err(format!("analyser version {}, this program has {ANALYSER_VERSION}", payload.analyser));
        }
        if payload.schema != SCHEMA_VERSION {
            return Err(format!("schema version {}, this program has {SCHEMA_VERSION}", payload.schema));
        }
        Ok(payload.watermark)
    }
}
