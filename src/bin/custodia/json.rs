//! Answers as JSON documents: the library's reports with their schema, and phone numbers as E.164.

use custodia::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// A report as a document of this schema (`custodia.<what>/1`).
pub fn document(what: &str, report: &impl Serialize) -> Result<Value> {
    let mut value = self::value(report)?;
    set(&mut value, "schema", format!("custodia.{what}/1"));
    Ok(value)
}

/// A report as JSON.
pub fn value(report: &impl Serialize) -> Result<Value> {
    let mut value =
        serde_json::to_value(report).map_err(|e| Error::bug(format!("an answer cannot be written as JSON: {e}")))?;
    international(&mut value);
    Ok(value)
}

/// Sets a field of an object.
pub fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = object {
        fields.insert(key.to_owned(), value.into());
    }
}

/// A document on one line: its schema and its type come first.
pub fn text(document: &Value) -> String {
    let Value::Object(fields) = document else { return document.to_string() };
    let first = ["schema", "type"].iter().filter_map(|key| fields.get_key_value(*key));
    let rest = fields.iter().filter(|(key, _)| !matches!(key.as_str(), "schema" | "type"));
    let pairs: Vec<String> =
        first.chain(rest).map(|(key, value)| format!("{}:{value}", Value::from(key.as_str()))).collect();
    format!("{{{}}}", pairs.join(","))
}

/// The archive keeps numbers as digits; people and other programs write them with their plus sign.
fn international(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match (key.as_str(), &mut *value) {
                    ("number", Value::String(number)) => plus(number),
                    ("numbers", Value::Array(numbers)) => numbers.iter_mut().for_each(|number| {
                        if let Value::String(number) = number {
                            plus(number);
                        }
                    }),
                    _ => international(value),
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(international),
        _ => {}
    }
}

fn plus(number: &mut String) {
    if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) {
        number.insert(0, '+');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_schema_comes_first() {
        let document = json!({"a": [1], "type": "summary", "schema": "custodia.x/1", "b": "\n"});
        assert_eq!(text(&document), r#"{"schema":"custodia.x/1","type":"summary","a":[1],"b":"\n"}"#);
        assert_eq!(text(&json!({})), "{}");
    }

    #[test]
    fn numbers_are_written_with_their_plus_sign_wherever_they_stand() {
        let report = json!({"users": [{"numbers": ["447700900123"]}], "from": {"number": "447700900124", "name": "447"},
            "number": null});
        assert_eq!(
            document("x", &report).unwrap(),
            json!({"schema": "custodia.x/1", "users": [{"numbers": ["+447700900123"]}],
                "from": {"number": "+447700900124", "name": "447"}, "number": null})
        );
    }
}
