//! What is asked for, as a log or a failed test may show it: no secret, no header's value.

use std::fmt;

use stoa_protocols::webhook::masked_url;

use super::{NewWebhook, Rotation, WebhookChange};

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewWebhook");
        shown.field("url", &masked_url(&self.url)).field("events", &self.events).field("dialect", &self.dialect);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for WebhookChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("WebhookChange");
        shown.field("url", &self.url.as_deref().map(masked_url)).field("status", &self.status);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Rotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rotation").field("overlap_seconds", &self.overlap_seconds).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let hidden = || Some("hidden".to_owned());
        let headers = [("x-key".to_owned(), "hidden".to_owned())];
        let new = NewWebhook {
            url: "https://example.com/?token=hidden".to_owned(),
            secret: hidden(),
            headers: headers.into(),
            ..NewWebhook::default()
        };
        let change = WebhookChange { secret: hidden(), url: Some(new.url.clone()), ..WebhookChange::default() };
        let rotation = Rotation { secret: hidden(), ..Rotation::default() };
        let shown = format!("{new:?} {change:?} {rotation:?}");
        assert!(!shown.contains("hidden") && shown.contains("https://example.com/?token=…"), "{shown}");
    }
}
