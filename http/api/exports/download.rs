//! Fetching the file of an export: whole or in parts, under a name that says what it is.
//!
//! # Rule
//! The bytes go through this server, so that whoever lost his rights fetches nothing more and each download is written
//! down. Where files lie in a bucket, whoever asks by `redirect=true` is sent there instead, with an address that works
//! for five minutes.
//!
//! # Source
//! RFC 9110 sections 14 and 15.3.7 (parts), RFC 6266 (`Content-Disposition`), RFC 8187 (its name in any script).

use std::{fmt::Write, sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    body::SizedStream,
    http::{StatusCode, header},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;
use stoa_actors::storage::{Download, Key};
use stoa_core::{Ability, Code, Error, Key as RowKey, Result, institutions, tokens::RateClass};
use stoa_record::exports::{self, Export, Wanted};

use super::{OneExport, TAG};
use crate::{
    doors::{Call, Door, Part, Reply, Wire},
    surface::{self, Surface},
};

/// How long an address of the bucket works.
const REDIRECT_WITHIN: Duration = Duration::from_mins(5);
/// Longest name of the institution in that of a file, in characters.
const NAME_MAX: usize = 60;

/// The door.
pub(super) fn door() -> Door {
    Door::get("/api/integrations/exports/{export}/download", download)
        .needs(Ability::ExportsRead)
        .named(
            "downloadExport",
            TAG,
            "Sends the file of an export, whole or one range of its bytes; it needs the ability to read what is in it too",
        )
        .class(RateClass::Export)
        .errors(&[Code::ExportNotReady, Code::ExportExpired, Code::RangeNotSatisfiable])
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct How {
    /// Answer 302 with an address of the store that works for five minutes, where files lie in one. Otherwise, and where
    /// this is left out, the file comes from here.
    redirect: bool,
}

async fn download(call: Call<OneExport, How>) -> Result<Answer> {
    let mut tx = call.app.db.tenant(&call.scope).await?;
    let export = exports::get(&mut tx, call.path.export).await?;
    let etag = format!("\"{}\"", export.sha256.as_deref().unwrap_or_default());
    let size = export.size_bytes.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    let file_key = Key::parse(export.file(tx.now())?);
    let part = call.part.within(size, &etag);
    if part == Part::Known {
        return Ok(Answer::Known { etag });
    }
    let export = exports::fetch(&mut tx, &call.scope, export.id).await?;
    let institution = institutions::own(&mut tx, &RowKey::Id(call.scope.tenant)).await?;
    tx.commit().await?;
    let file_key = file_key.ok_or_else(|| Error::internal(anyhow::anyhow!("a file without a key")))?;
    let wanted = export.wanted()?;
    let file = File { name: name(&institution.name, &export, &wanted), media: media(&export, &wanted), etag, size };
    if call.query.redirect
        && let Some(url) = call.app.storage.signed_url(&file_key, &disposition(&file.name), REDIRECT_WITHIN).await?
    {
        return Ok(Answer::Elsewhere(url.to_string()));
    }
    let range = match part {
        Part::Beyond => return Ok(Answer::Beyond { size, request_id: call.scope.request_id }),
        Part::Bytes(range) => Some(range),
        Part::Whole | Part::Known => None,
    };
    let found = call.app.storage.get(&file_key, range.clone()).await?;
    // The row says that it is there.
    let bytes = found.ok_or_else(|| Error::internal(anyhow::anyhow!("the file {file_key} is gone")))?;
    Ok(Answer::File { file, is_part: range.is_some(), bytes })
}

/// What a file is.
struct File {
    name: String,
    media: &'static str,
    etag: String,
    size: u64,
}

/// What is answered.
enum Answer {
    /// 200, or 206 of a part.
    File { file: File, is_part: bool, bytes: Download },
    /// 302
    Elsewhere(String),
    /// 304
    Known { etag: String },
    /// 416
    Beyond { size: u64, request_id: Option<Arc<str>> },
}

impl Reply for Answer {
    const STATUS: u16 = 200;
    const MEDIA: &'static str = "application/octet-stream";

    fn shape(_: &mut SchemaGenerator) -> Option<Schema> {
        Some(json_schema!({
            "type": "string",
            "format": "binary",
            "description": "The file, of the media type of its form. `ETag` is its SHA-256. With `Range: bytes=…` 206 and that part.",
        }))
    }

    fn example(_: &str) -> Option<Value> {
        Some(Value::String("user_external_id,user_name,status\r\ns-1815,Ada Lovelace,passed\r\n".to_owned()))
    }

    fn write(self, wire: &Wire) -> Result<HttpResponse> {
        match self {
            Self::File { file, is_part, bytes } => Ok(send(&file, is_part, bytes)),
            Self::Elsewhere(url) => Ok(HttpResponse::Found()
                .insert_header((header::LOCATION, url))
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish()),
            Self::Known { etag } => Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish()),
            Self::Beyond { size, request_id } => {
                let error = Error::new(Code::RangeNotSatisfiable, format!("the file has {size} bytes"));
                let request_id = request_id.unwrap_or_else(|| Arc::from(""));
                let shape: Surface = surface::at(&wire.path);
                let mut response = surface::respond(shape, &error, &request_id);
                let range = header::HeaderValue::from_str(&format!("bytes */{size}")).map_err(Error::internal)?;
                response.headers_mut().insert(header::CONTENT_RANGE, range);
                Ok(response)
            }
        }
    }
}

fn send(file: &File, is_part: bool, bytes: Download) -> HttpResponse {
    let status = if is_part { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
    let mut response = HttpResponseBuilder::new(status);
    response
        .content_type(file.media)
        .insert_header((header::CONTENT_DISPOSITION, disposition(&file.name)))
        .insert_header((header::ETAG, file.etag.as_str()))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        // It is data, whatever somebody wrote into a cell.
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    let range = bytes.range.clone();
    if is_part {
        let range = format!("bytes {}-{}/{}", range.start, range.end.saturating_sub(1), file.size);
        response.insert_header((header::CONTENT_RANGE, range));
    }
    response.body(SizedStream::new(range.end.saturating_sub(range.start), bytes))
}

fn media(export: &Export, wanted: &Wanted) -> &'static str {
    wanted.table(export.export_type).media_type()
}

/// `Talktiko Academy learner_progress 2026-11-22.csv`: whose, what, and of which day in the file's own zone.
fn name(institution: &str, export: &Export, wanted: &Wanted) -> String {
    let day = export.as_of.map_or_else(String::new, |as_of| wanted.date(as_of).to_string());
    let ending = wanted.table(export.export_type).extension();
    let whose: String = institution.chars().filter(|letter| is_plain(*letter)).take(NAME_MAX).collect();
    format!("{} {} {day}.{ending}", whose.trim(), export.export_type).trim_start().to_owned()
}

/// May stand in the name of a file on every system.
fn is_plain(letter: char) -> bool {
    !letter.is_control() && !matches!(letter, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%')
}

/// The name for whoever reads ASCII alone, and beside it as it is.
fn disposition(name: &str) -> String {
    let plain: String = name.chars().map(|letter| if letter.is_ascii() { letter } else { '_' }).collect();
    if plain == name {
        return format!("attachment; filename=\"{plain}\"");
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encoded(name))
}

/// # Source
/// RFC 8187 section 3.2.1: what is no `attr-char` is percent-encoded.
fn encoded(name: &str) -> String {
    let mut out = String::with_capacity(name.len() * 3);
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_any_script_is_told_twice() {
        assert_eq!(disposition("North School 1.csv"), "attachment; filename=\"North School 1.csv\"");
        assert_eq!(
            disposition("톡티코 members.csv"),
            "attachment; filename=\"___ members.csv\"; filename*=UTF-8''%ED%86%A1%ED%8B%B0%EC%BD%94%20members.csv"
        );
    }
}
