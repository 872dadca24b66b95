//! What a layout may call beside Tera's own.
//!
//! | Call | Writes |
//! |---|---|
//! | `say(key="…", name=value, …)` | words of the letter or of the frame |
//! | <code>value &#124; when</code> | a time, to the minute, in the reader's zone, which is named |
//! | <code>value &#124; day</code> | a date |
//! | <code>value &#124; number</code> | a whole number |
//! | <code>value &#124; apart</code> | a text, isolated where it runs the other way |
//!
//! Not here: the words (`words`), the forms (`forms`).
//!
//! # Source
//! Tera 2 (keats.github.io/tera), functions and filters.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use fluent_bundle::{FluentArgs, FluentValue};
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::{
    super::{forms, isolate::isolated, language::Language},
    Tongue,
};

pub(super) fn register(tera: &mut Tera, tongue: &Arc<Tongue>) {
    let ours = Arc::clone(tongue);
    tera.register_function("say", move |kwargs: Kwargs, state: &State<'_>| say(&ours, &kwargs, state));
    let ours = Arc::clone(tongue);
    tera.register_filter("when", move |text: &str, _: Kwargs, state: &State<'_>| when(&ours, text, state));
    let ours = Arc::clone(tongue);
    tera.register_filter("day", move |text: &str, _: Kwargs, state: &State<'_>| day(&ours, text, state));
    let ours = Arc::clone(tongue);
    tera.register_filter("number", move |number: i64, _: Kwargs, state: &State<'_>| {
        Ok::<_, Error>(forms_of(&ours, state)?.number(number))
    });
    tera.register_filter("apart", |text: &str, _: Kwargs, state: &State<'_>| {
        Ok::<_, Error>(isolated(text, language(state)?.direction()).into_owned())
    });
}

fn say(tongue: &Tongue, kwargs: &Kwargs, state: &State<'_>) -> TeraResult<String> {
    let key: String = kwargs.must_get("key")?;
    let (letter, language) = (told(state, "letter")?, language(state)?);
    let mut args = FluentArgs::new();
    for (name, value) in kwargs.iter() {
        let name = name.as_str().unwrap_or_default();
        if name != "key" {
            args.set(name.to_owned(), argument(name, value, language)?);
        }
    }
    tongue.words.say((&letter, language), &key, &args).map_err(Error::message)
}

fn argument(name: &str, value: &Value, language: Language) -> TeraResult<FluentValue<'static>> {
    if let Some(text) = value.as_str() {
        // A word by which a message chooses, such as `last_day`, must stay what it is.
        let is_choice = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        let text = if is_choice { text.into() } else { isolated(text, language.direction()) };
        return Ok(FluentValue::from(text.into_owned()));
    }
    if let Some(number) = value.as_i64() {
        return Ok(FluentValue::from(number));
    }
    let word = value.as_bool().map(|yes| if yes { "yes" } else { "no" });
    word.map(FluentValue::from).ok_or_else(|| Error::message(format!("`{name}` is neither text, number nor truth")))
}

fn when(tongue: &Tongue, text: &str, state: &State<'_>) -> TeraResult<String> {
    let instant: DateTime<Utc> = text.parse().map_err(|error| Error::message(format!("`{text}`: {error}")))?;
    let zone = forms::zone(&told(state, "zone")?);
    forms_of(tongue, state)?.when(instant, zone).ok_or_else(|| Error::message(format!("`{text}` is out of range")))
}

fn day(tongue: &Tongue, text: &str, state: &State<'_>) -> TeraResult<String> {
    let day: NaiveDate = text.parse().map_err(|error| Error::message(format!("`{text}`: {error}")))?;
    forms_of(tongue, state)?.day(day).ok_or_else(|| Error::message(format!("`{text}` is out of range")))
}

fn forms_of<'a>(tongue: &'a Tongue, state: &State<'_>) -> TeraResult<&'a forms::Forms> {
    let language = language(state)?;
    let mut known = tongue.forms.iter();
    known.find(|(known, _)| *known == language).map(|(_, forms)| forms).ok_or_else(|| Error::message("no forms"))
}

fn language(state: &State<'_>) -> TeraResult<Language> {
    Language::lookup(&told(state, "locale")?).ok_or_else(|| Error::message("the letter has no language"))
}

fn told(state: &State<'_>, name: &str) -> TeraResult<String> {
    state.get(name)?.ok_or_else(|| Error::message(format!("`{name}` is not known here; a component knows no letter")))
}
