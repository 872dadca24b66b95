//! A form with a file in it: the file goes to the sink as it comes, the fields are kept.

use actix_multipart::{Field, Multipart, MultipartError as FormError};
use actix_web::{HttpRequest, error::PayloadError};
use futures::StreamExt;
use stoa_core::{Code, Error, Result};

use super::{
    FILE_PART, FILE_POINTER, Sent, Sink, UploadBounds,
    gzip::Unpacking,
    wire::{Wire, broken, in_time},
};

/// Most fields beside the file.
const FIELDS_MAX: usize = 32;
/// Longest value of a field, in bytes.
const FIELD_BYTES_MAX: usize = 2048;
/// Longest name of a file that is kept, in characters.
const FILE_NAME_MAX: usize = 255;

/// Takes the form in.
pub(super) async fn receive(
    request: &HttpRequest,
    wire: Wire,
    mut unpacking: Unpacking,
    sink: &mut impl Sink,
) -> Result<Sent> {
    let bounds = wire.bounds;
    let mut form = Multipart::new(request.headers(), wire);
    let (mut sent, mut has_file) = (Sent::default(), false);
    while let Some(field) = in_time(bounds.pause, form.next()).await? {
        let mut field = field.map_err(|error| refusal(&error, &bounds))?;
        let name = field.name().unwrap_or_default().to_owned();
        if name == FILE_PART {
            if has_file {
                return Err(malformed(FILE_POINTER, "duplicate_key", "a form may have one file"));
            }
            has_file = true;
            sent.file_name = file_name(&field);
            while let Some(piece) = in_time(bounds.pause, field.next()).await? {
                unpacking.feed(&piece.map_err(|error| refusal(&error, &bounds))?, sink).await?;
            }
            unpacking.end(sink).await?;
        } else {
            let value = text(&name, &mut field, &bounds).await?;
            keep(&mut sent, name, value)?;
        }
    }
    if has_file { Ok(sent) } else { Err(Error::invalid_field(FILE_POINTER, "required", "must be given")) }
}

/// The value of a field that is not the file.
async fn text(name: &str, field: &mut Field, bounds: &UploadBounds) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(bounds.pause, field.next()).await? {
        bytes.extend_from_slice(&piece.map_err(|error| refusal(&error, bounds))?);
        if bytes.len() > FIELD_BYTES_MAX {
            return Err(malformed(&pointer(name), "length", "a field may have 2,048 bytes"));
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| malformed(&pointer(name), "utf8", "not UTF-8"))?;
    if text.contains('\0') { Err(malformed(&pointer(name), "nul", "a NUL character")) } else { Ok(text) }
}

/// A field that is left empty in a browser's form says nothing.
fn keep(sent: &mut Sent, name: String, value: String) -> Result<()> {
    if sent.fields.iter().any(|(known, _)| *known == name) {
        return Err(malformed(&pointer(&name), "duplicate_key", "given twice"));
    }
    if sent.fields.len() >= FIELDS_MAX {
        return Err(malformed("", "length", "too many fields"));
    }
    if !value.is_empty() {
        sent.fields.push((name, value));
    }
    Ok(())
}

/// The last part of the path that some browsers tell, on one line.
fn file_name(field: &Field) -> Option<String> {
    let told = field.content_disposition()?.get_filename()?;
    let last = told.rsplit(['/', '\\']).next().unwrap_or(told).trim();
    let name: String = last.chars().filter(|c| !c.is_control()).take(FILE_NAME_MAX).collect();
    (!name.is_empty()).then_some(name)
}

/// Points at a field.
pub(crate) fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn malformed(pointer: &str, code: &'static str, detail: &str) -> Error {
    Error::new(Code::MalformedBody, "the form cannot be read; `errors` says where")
        .with_fields(vec![stoa_core::FieldFault::new(pointer, code, detail)])
}

fn refusal(error: &FormError, bounds: &UploadBounds) -> Error {
    match error {
        FormError::Payload(error) => broken(matches!(error, PayloadError::Overflow), bounds),
        FormError::Incomplete => broken(false, bounds),
        _ => Error::new(Code::MalformedBody, "the body is not a form as multipart/form-data has it"),
    }
}
