//! Forms, where a door takes them: turned into the JSON object that they mean, and read like one.
//!
//! # Source
//! WHATWG URL, "application/x-www-form-urlencoded parsing"; as strictly as a query, so that nothing stands in it twice.

use actix_web::{HttpRequest, http::header, web};
use serde_json::{Map, Value};
use stoa_core::{Code, Error, Result};

use crate::query;

/// Is the body said to be a form.
pub(super) fn is_form(request: &HttpRequest) -> bool {
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(given), None) = (types.next(), types.next()) else { return false };
    let media = given.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Says a form as JSON; every value is a text.
pub(super) fn to_json(bytes: &[u8]) -> Result<web::Bytes> {
    if bytes.is_empty() {
        return Ok(web::Bytes::new());
    }
    let refused = |fault| Error::new(Code::MalformedBody, "the body is not a form in UTF-8").with_fields(vec![fault]);
    let pairs = query::pairs(&String::from_utf8_lossy(bytes)).map_err(|mut fault| {
        fault.pointer = fault.pointer.replacen('?', "/", 1);
        refused(fault)
    })?;
    let object: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    Ok(Value::Object(object).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_means_an_object_of_texts() {
        let json = to_json(b"grant_type=client_credentials&name=%D0%9E%D0%BB%D1%8C%D0%B3%D0%B0+K&empty=").unwrap();
        assert_eq!(json, r#"{"grant_type":"client_credentials","name":"Ольга K","empty":""}"#);
        assert_eq!(to_json(b"").unwrap(), "");
    }

    #[test]
    fn nothing_stands_in_it_twice() {
        for (form, pointer) in [("a=1&a=2", "/a"), ("a=%ff", "/a"), ("a=%00", "/a")] {
            let error = to_json(form.as_bytes()).unwrap_err();
            assert_eq!((error.code(), error.fields()[0].pointer.as_str()), (Code::MalformedBody, pointer));
        }
    }
}
